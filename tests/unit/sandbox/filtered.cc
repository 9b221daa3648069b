// SPDX-License-Identifier: Apache-2.0
#include "filtered.h"

#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "sandbox/seccomp.h"
#include "unit/exec/processes.h"

namespace muster::sandbox {

std::string under(std::span<const sock_filter> filter, const std::function<std::string()>& work) {
  return in_child([&] {
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) throw std::runtime_error("no NNP");
    if (!install_filter(filter)) throw std::runtime_error(std::strerror(errno));
    return work();
  });
}

std::string outcome_of(long number, unsigned long first, unsigned long second, unsigned long third,
                       unsigned long fourth) {
  if (syscall(number, first, second, third, fourth, 0UL, 0UL) >= 0) return "ok";
  const char* name = strerrorname_np(errno);
  return name != nullptr ? name : "an unknown error";
}

}  // namespace muster::sandbox
