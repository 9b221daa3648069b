// SPDX-License-Identifier: Apache-2.0
#include "config/share.h"

#include <unistd.h>

#include "base/error.h"
#include "base/text.h"

namespace muster {

Bytes parse_share(std::string_view text) {
  if (!text.ends_with('%')) return parse_bytes(text);
  const auto percent = parse_number(text.substr(0, text.size() - 1));
  if (!percent || *percent < 1 || *percent > 100) {
    throw Error(ErrorCode::kInvalidArgument,
                concat(in_quotes(text), " is not a percentage from 1% to 100%"));
  }
  const auto pages = static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES));
  const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  return Bytes{pages / 100 * *percent * page};
}

}  // namespace muster
