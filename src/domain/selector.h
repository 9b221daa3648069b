// SPDX-License-Identifier: Apache-2.0
#pragma once

// Which tasks a command is about: `42`, `4-9`, `last`, `name:X`, `label:k=v`, `state:failed`.

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace muster {

/// Tasks `first` to `last`, both included; a single id has both the same.
struct IdRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  bool operator==(const IdRange&) const = default;
};
struct LastTask {
  bool operator==(const LastTask&) const = default;
};
struct ByName {
  std::string name;
  bool operator==(const ByName&) const = default;
};
struct ByLabel {
  std::string key;
  std::string value;
  bool operator==(const ByLabel&) const = default;
};
struct ByState {
  std::string state;  ///< one of the states of DESIGN §4
  bool operator==(const ByState&) const = default;
};

using Selector = std::variant<IdRange, LastTask, ByName, ByLabel, ByState>;

/// Reads one selector. Throws Error(kInvalidArgument) with what was expected.
Selector parse_selector(std::string_view text);

/// The spelling that parse_selector reads back.
std::string format_selector(const Selector& selector);

}  // namespace muster
