// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace muster {

/// An amount of memory or data in bytes.
struct Bytes {
  std::uint64_t count = 0;
  auto operator<=>(const Bytes&) const = default;
};

/// Reads `4096`, `64K`, `512M`, `1.5G`, `2T`, `1GiB`; K M G T P are powers of 1024, in either case.
/// A fraction needs a unit and is rounded down to a whole byte. Throws Error(kInvalidArgument),
/// also on `MB`, which people read in two ways.
Bytes parse_bytes(std::string_view text);

/// The shortest exact spelling without a fraction that parse_bytes reads back: `512M`, `1537`.
std::string format_bytes(Bytes amount);

/// For people, to about three digits: `1.4 MiB`.
std::string format_bytes_rounded(Bytes amount);

}  // namespace muster
