// SPDX-License-Identifier: Apache-2.0
#pragma once

// The one exception type of muster. A fault is thrown where it is met, gains context on its way up
// and is caught in the few places that turn it into an exit code or an HTTP status.

#include <exception>
#include <string>
#include <string_view>

namespace muster {

/// What kind of fault this is; each kind has one exit code and one HTTP status.
enum class ErrorCode {
  kUsage,            ///< the command line is wrong
  kInvalidArgument,  ///< a value is malformed or out of range
  kNotFound,         ///< a named thing does not exist
  kUnavailable,      ///< a server, store or kernel feature cannot be reached or used
  kIo,               ///< the operating system refused a read, write or other call
};

/// A fault: code, message, and the next command or step that would mend it.
class Error : public std::exception {
 public:
  Error(ErrorCode code, std::string message, std::string next = {});

  /// The fault of a failed system call: `doing` and the words for `error_number` (errno).
  static Error from_errno(int error_number, std::string_view doing);

  ErrorCode code() const { return code_; }
  const std::string& message() const { return message_; }
  /// What the user should try next; empty when there is nothing better to say.
  const std::string& next() const { return next_; }

  /// The same fault with `context` put in front: "reading config.toml: permission denied".
  Error within(std::string_view context) const;

  const char* what() const noexcept override { return message_.c_str(); }

 private:
  ErrorCode code_;
  std::string message_;
  std::string next_;
};

/// The words for an errno value, as strerror(3) gives them, safe from any thread.
std::string errno_words(int error_number);

}  // namespace muster
