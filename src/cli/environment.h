// SPDX-License-Identifier: Apache-2.0
#pragma once

// The environment of the command while it is put together.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/getenv.h"

namespace muster::cli {

/// How `environment`, as in environ(7), is asked for a variable. It must outlive the answer.
Getenv getenv_in(const char* const* environment);

/// Collects variables; a later value of a name replaces an earlier one.
class EnvironmentBuilder {
 public:
  /// `caller`: the caller's environment, as in environ(7).
  explicit EnvironmentBuilder(const char* const* caller) : caller_(caller) {}

  void copy_caller();

  /// Copies what a sandbox gets of the caller's: the names on a short list, and what `passes`, each
  /// a name or a pattern with `*`, asks for. A pattern never passes what looks like a secret.
  void copy_into_sandbox(std::span<const std::string> passes);

  void put(std::string_view name, std::string_view value);

  bool has(std::string_view name) const;

  /// NAME=VALUE sets; NAME alone passes the caller's value on, if there is one. Throws
  /// Error(kInvalidArgument) with the place in front.
  void set(std::string_view text, std::string_view place);

  /// The same for each line of a file. Throws Error also where it cannot be read.
  void set_from_file(const std::string& path);

  std::vector<std::string> take_entries() { return std::move(entries_); }
  /// The names that set() was given, sorted.
  std::vector<std::string> take_names();

 private:
  void put_entry(std::string_view entry);

  const char* const* caller_;
  std::vector<std::string> entries_;
  std::vector<std::string> names_;
};

}  // namespace muster::cli
