// SPDX-License-Identifier: Apache-2.0
// Other doors to the same system calls, and talking the filter out of its work.

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "attempt.h"

namespace attempts {

namespace {

int change_personality(unsigned long persona, const char* what) {
  const long before = syscall(SYS_personality, 0xffffffffUL);
  const long result = syscall(SYS_personality, persona);
  const int error = errno;
  if (result >= 0) syscall(SYS_personality, before);
  errno = error;
  return refused(what, result, {EPERM});
}

int no_randomization(Arguments) {
  return change_personality(ADDR_NO_RANDOMIZE, "ADDR_NO_RANDOMIZE");
}
int executable_data(Arguments) {
  return change_personality(READ_IMPLIES_EXEC, "READ_IMPLIES_EXEC");
}
int personality_high_bits(Arguments) {
  return change_personality(ADDR_NO_RANDOMIZE | 1UL << 32, "ADDR_NO_RANDOMIZE with high bits");
}

// A filter that allows everything takes nothing back of the one that is there.
int relax_filter(Arguments) {
  sock_filter allow[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  sock_fprog program{1, allow};
  const long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
  if (result != 0 && errno != EACCES) return leaked("a filter: %s", std::strerror(errno));
  return refused("keyctl behind it", syscall(SYS_keyctl, 0, -3, 0), {EPERM, ENOSYS});
}

#if defined(__x86_64__)

int by_32_bit_door(Arguments) {
  const int status = status_of_child([] {
    long result = 20;  // getpid of i386
    asm volatile("int $0x80" : "+a"(result) : : "memory", "r8", "r9", "r10", "r11");
    _exit(0);
  });
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) return held("SIGSYS");
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV)
    return held("this kernel has no such door");
  return leaked("int 0x80 went through, status %d", status);
}

constexpr long kX32 = 0x40000000;

int by_x32_door(Arguments) {
  return refused("getpid of x32", syscall(kX32 | SYS_getpid), {ENOSYS});
}

int forbidden_by_x32_door(Arguments) {
  return refused("keyctl of x32", syscall(kX32 | SYS_keyctl, 0, -3, 0), {ENOSYS});
}

int number_with_high_bits(Arguments) {
  // libc's syscall(3) passes the register whole, and the kernel takes the lower half of it.
  return refused("keyctl with high bits", syscall(SYS_keyctl | 1L << 32, 0, -3, 0),
                 {EPERM, ENOSYS});
}

int port_access(Arguments) {
  return refused("ioperm", syscall(SYS_ioperm, 0x80, 1, 1), {EPERM, ENOSYS});
}
int port_level(Arguments) { return refused("iopl", syscall(SYS_iopl, 3), {EPERM, ENOSYS}); }

int local_descriptors(Arguments) {
  char table[16];
  const long result = syscall(SYS_modify_ldt, 0, table, sizeof table);
  return refused("modify_ldt", result, {EPERM, ENOSYS});
}

int old_library(Arguments) {
  return refused("uselib", syscall(SYS_uselib, "/nowhere"), {EPERM, ENOSYS});
}

#else

int not_here(Arguments) { return cannot_try("this is a door of x86-64"); }
constexpr auto by_32_bit_door = not_here, by_x32_door = not_here, forbidden_by_x32_door = not_here,
               number_with_high_bits = not_here, port_access = not_here, port_level = not_here,
               local_descriptors = not_here, old_library = not_here;

#endif

constexpr Attempt kAttempts[] = {
    {"personality-without-randomization", 52, "EPERM", no_randomization},
    {"personality-executable-data", 52, "EPERM", executable_data},
    {"personality-with-high-bits", 52, "EPERM", personality_high_bits},
    {"relax-the-filter", 0, "the first filter stays", relax_filter},
    {"int-0x80", 51, "SIGSYS", by_32_bit_door},
    {"x32", 51, "ENOSYS", by_x32_door},
    {"x32-keyctl", 51, "ENOSYS", forbidden_by_x32_door},
    {"number-with-high-bits", 51, "EPERM", number_with_high_bits},
    {"ioperm", 54, "EPERM", port_access},
    {"iopl", 54, "EPERM", port_level},
    {"modify-ldt", 52, "EPERM", local_descriptors},
    {"uselib", 52, "EPERM or ENOSYS", old_library},
};

}  // namespace

std::span<const Attempt> abi_attempts() { return kAttempts; }

}  // namespace attempts
