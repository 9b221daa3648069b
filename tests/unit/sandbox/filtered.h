// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <linux/filter.h>

#include <functional>
#include <span>
#include <string>

namespace muster::sandbox {

/// Runs `work` in a child under `filter` and returns what it returned.
std::string under(std::span<const sock_filter> filter, const std::function<std::string()>& work);

/// The name of the error that a raw system call ends with ("EPERM"), or "ok".
std::string outcome_of(long number, unsigned long first = 0, unsigned long second = 0,
                       unsigned long third = 0, unsigned long fourth = 0);

}  // namespace muster::sandbox
