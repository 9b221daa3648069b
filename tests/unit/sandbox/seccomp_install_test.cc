// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "base/text.h"
#include "base/unique_fd.h"
#include "filtered.h"
#include "sandbox/seccomp.h"
#include "sandbox/syscall_table.h"
#include "unit/exec/processes.h"

namespace muster::sandbox {

namespace {

std::string by_default(long number, unsigned long first = 0, unsigned long second = 0,
                       unsigned long third = 0) {
  return under(default_filter(), [=] { return outcome_of(number, first, second, third); });
}

std::string allowing(const std::string& group, const std::function<std::string()>& work) {
  const std::vector<std::string> groups{group};
  return under(filter_allowing(groups), work);
}

}  // namespace

TEST_CASE("a process under the filter cannot trace, make namespaces or keep keys") {
  CHECK(by_default(SYS_ptrace, PTRACE_TRACEME) == "EPERM");
  CHECK(by_default(SYS_unshare, CLONE_NEWUSER) == "EPERM");
  CHECK(by_default(SYS_clone, CLONE_NEWUSER | SIGCHLD) == "EPERM");
  CHECK(by_default(SYS_clone, CLONE_NEWPID | SIGCHLD) == "EPERM");
  constexpr unsigned long kGetKeyringId = 0;
  CHECK(by_default(SYS_keyctl, kGetKeyringId, static_cast<unsigned long>(-3)) == "EPERM");
  CHECK(by_default(SYS_userfaultfd, 1) == "EPERM");
  CHECK(by_default(SYS_kcmp, 1, 1, 1) == "EPERM");
}

TEST_CASE("io_uring, clone3 and numbers of kernels to come look missing") {
  CHECK(by_default(SYS_io_uring_setup, 1) == "ENOSYS");
  CHECK(by_default(SYS_clone3) == "ENOSYS");
  CHECK(by_default(kNewestCall + 1) == "ENOSYS");
#if defined(__x86_64__)
  CHECK(by_default(0x40000000 + SYS_getpid) == "ENOSYS");
#endif
}

TEST_CASE("sockets are of the ordinary families and protocols") {
  CHECK(by_default(SYS_socket, AF_UNIX, SOCK_STREAM) == "ok");
  CHECK(by_default(SYS_socket, AF_INET, SOCK_STREAM) == "ok");
  CHECK(by_default(SYS_socket, AF_INET6, SOCK_DGRAM, 17) == "ok");
  CHECK(by_default(SYS_socket, AF_NETLINK, SOCK_RAW) == "ok");
  for (const int rare : {AF_VSOCK, AF_ALG, AF_PACKET, AF_KEY, AF_BLUETOOTH, AF_TIPC}) {
    const auto family = static_cast<unsigned long>(rare);
    CHECK(by_default(SYS_socket, family, SOCK_STREAM) == "EAFNOSUPPORT");
    CHECK(by_default(SYS_socketpair, family, SOCK_STREAM) == "EAFNOSUPPORT");
  }
  constexpr unsigned long kSctp = 132;
  CHECK(by_default(SYS_socket, AF_INET, SOCK_SEQPACKET, kSctp) == "EPROTONOSUPPORT");
}

TEST_CASE("with the group sockets the kernel itself answers for every family and protocol") {
  for (const unsigned long protocol : {0UL, 132UL}) {
    for (const int family : {AF_VSOCK, AF_ALG, AF_INET}) {
      const auto ask = [=] {
        return outcome_of(SYS_socket, static_cast<unsigned long>(family), SOCK_STREAM, protocol);
      };
      INFO("family " << family << " protocol " << protocol);
      CHECK(allowing("sockets", ask) == in_child(ask));
    }
  }
}

TEST_CASE("nothing is typed into a terminal, whatever stands in the high half of the number") {
  const UniqueFd terminal(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  REQUIRE(terminal);
  const auto descriptor = static_cast<unsigned long>(terminal.get());
  const char typed = 'x';
  const auto text = reinterpret_cast<unsigned long>(&typed);
  for (const unsigned long high : {0UL, 1UL << 32, 0xFFFFFFFFUL << 32}) {
    CHECK(by_default(SYS_ioctl, descriptor, high + TIOCSTI, text) == "EPERM");
    CHECK(by_default(SYS_ioctl, descriptor, high + TIOCSETD, text) == "EPERM");
    CHECK(by_default(SYS_ioctl, descriptor, high + TIOCLINUX, text) == "EPERM");
  }
  int waiting = 0;
  CHECK(by_default(SYS_ioctl, descriptor, FIONREAD, reinterpret_cast<unsigned long>(&waiting)) ==
        "ok");
}

TEST_CASE("address randomization is switched off by those who may trace only") {
  CHECK(by_default(SYS_personality, 0xFFFFFFFF) == "ok");
  CHECK(by_default(SYS_personality, PER_LINUX32) == "ok");
  CHECK(by_default(SYS_personality, ADDR_NO_RANDOMIZE) == "EPERM");
  CHECK(allowing("ptrace", [] {
          return outcome_of(SYS_personality, ADDR_NO_RANDOMIZE) + " " +
                 outcome_of(SYS_personality, READ_IMPLIES_EXEC) + " " +
                 outcome_of(SYS_ptrace, PTRACE_TRACEME);
        }) == "ok EPERM ok");
}

TEST_CASE("a group that is allowed opens its own calls and no other") {
  CHECK(allowing("keyring", [] {
          return outcome_of(SYS_ptrace, PTRACE_TRACEME) + " " + outcome_of(SYS_unshare, 0);
        }) == "EPERM EPERM");
  CHECK(allowing("namespaces", [] {
          return outcome_of(SYS_unshare, 0) + " " + outcome_of(SYS_clone3) + " " +
                 outcome_of(SYS_ptrace, PTRACE_TRACEME);
        }) == "ok EINVAL EPERM");
  CHECK(allowing("io_uring", [] { return outcome_of(SYS_io_uring_setup, 1, 0); }) == "EFAULT");
}

#if defined(__x86_64__)
TEST_CASE("a call by int 0x80 kills the process with SIGSYS") {
  const auto ended_by = [] {
    const pid_t child = fork();
    if (child == 0) {
      long answer = 20;  // getpid of i386
      asm volatile("int $0x80" : "+a"(answer) : : "memory");
      _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? concat("signal ", WTERMSIG(status)) : std::string("no signal");
  };
  if (in_child(ended_by) != "no signal") return skip("this kernel runs no i386 calls");
  CHECK(under(default_filter(), ended_by) == concat("signal ", SIGSYS));
}
#endif

TEST_CASE("an empty or too long program is not installed") {
  CHECK(in_child([] {
          const std::vector<sock_filter> much(BPF_MAXINSNS + 1, {BPF_RET, 0, 0, 0});
          const bool empty = install_filter({});
          const int first = errno;
          const bool large = install_filter(much);
          return concat(empty || large ? "installed " : "refused ", first == EINVAL,
                        errno == EINVAL);
        }) == "refused 11");
}

}  // namespace muster::sandbox
