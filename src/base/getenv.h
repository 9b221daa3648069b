// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

namespace muster {

/// How the process's environment is asked: the value of a variable, or nullptr. Injected by tests.
using Getenv = std::function<const char*(const char*)>;

}  // namespace muster
