// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"

#include <cstring>
#include <utility>

#include "base/text.h"

namespace muster {

Error::Error(ErrorCode code, std::string message, std::string next)
    : code_(code), message_(std::move(message)), next_(std::move(next)) {}

Error Error::from_errno(int error_number, std::string_view doing) {
  return {ErrorCode::kIo, concat(doing, ": ", errno_words(error_number))};
}

Error Error::within(std::string_view context) const {
  return {code_, concat(context, ": ", message_), next_};
}

std::string errno_words(int error_number) {
  char buffer[128];
  return strerror_r(error_number, buffer, sizeof buffer);
}

}  // namespace muster
