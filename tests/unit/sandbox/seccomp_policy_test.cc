// SPDX-License-Identifier: Apache-2.0
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <cerrno>
#include <random>
#include <string>

#include <catch2/catch.hpp>

#include "base/error.h"
#include "filter_machine.h"
#include "filtered.h"
#include "sandbox/seccomp.h"
#include "sandbox/syscall_tree.h"

namespace muster::sandbox {

namespace {

using Operator = SyscallArgument::Operator;

#if defined(__x86_64__)
constexpr std::uint32_t kArch = AUDIT_ARCH_X86_64;
#else
constexpr std::uint32_t kArch = AUDIT_ARCH_AARCH64;
#endif

constexpr std::uint32_t error(int number) {
  return SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(number);
}

SyscallRule rule(std::vector<std::string> names, SyscallAction action,
                 std::vector<SyscallArgument> arguments = {}) {
  return {std::move(names), action, {}, std::move(arguments)};
}

std::uint32_t says(const SyscallPolicy& policy, std::uint32_t number,
                   std::initializer_list<std::uint64_t> arguments = {}) {
  return run_filter(compile_policy(policy), call_of(kArch, number, arguments)).action;
}

bool holds(Operator op, std::uint64_t argument, std::uint64_t value, std::uint64_t value2) {
  const SyscallPolicy policy{SyscallAction::kAllow,
                             {},
                             {rule({"lseek"}, SyscallAction::kErrno, {{2, op, value, value2}})}};
  return says(policy, SYS_lseek, {0, 0, argument}) == error(EPERM);
}

}  // namespace

TEST_CASE("a policy's rules and what it falls back to become a filter") {
  SyscallPolicy policy{SyscallAction::kErrno, ENOSYS, {}};
  policy.rules = {
      rule({"read", "write"}, SyscallAction::kAllow), rule({"mkdirat"}, SyscallAction::kErrno),
      rule({"getpid"}, SyscallAction::kKillProcess), rule({"getppid"}, SyscallAction::kKillThread),
      rule({"getuid"}, SyscallAction::kLog)};
  policy.rules.push_back({{"gettid"}, SyscallAction::kErrno, EBUSY, {}});
  CHECK(says(policy, SYS_read) == SECCOMP_RET_ALLOW);
  CHECK(says(policy, SYS_write) == SECCOMP_RET_ALLOW);
  CHECK(says(policy, SYS_mkdirat) == error(EPERM));
  CHECK(says(policy, SYS_getpid) == SECCOMP_RET_KILL_PROCESS);
  CHECK(says(policy, SYS_getppid) == SECCOMP_RET_KILL_THREAD);
  CHECK(says(policy, SYS_getuid) == SECCOMP_RET_LOG);
  CHECK(says(policy, SYS_gettid) == error(EBUSY));
  CHECK(says(policy, SYS_close) == error(ENOSYS));
}

TEST_CASE("every comparison of a rule compares all 64 bits") {
  constexpr std::uint64_t kHigh = std::uint64_t{1} << 32;
  CHECK(holds(Operator::kEqual, kHigh + 5, kHigh + 5, 0));
  CHECK_FALSE(holds(Operator::kEqual, kHigh + 5, 5, 0));
  CHECK(holds(Operator::kNotEqual, kHigh + 5, 5, 0));
  CHECK_FALSE(holds(Operator::kNotEqual, 5, 5, 0));
  CHECK(holds(Operator::kLess, 4, 5, 0));
  CHECK_FALSE(holds(Operator::kLess, kHigh, 5, 0));
  CHECK(holds(Operator::kLessEqual, 5, 5, 0));
  CHECK_FALSE(holds(Operator::kLessEqual, 6, 5, 0));
  CHECK(holds(Operator::kGreater, kHigh, 5, 0));
  CHECK_FALSE(holds(Operator::kGreater, 5, 5, 0));
  CHECK(holds(Operator::kGreaterEqual, 5, 5, 0));
  CHECK_FALSE(holds(Operator::kGreaterEqual, 4, 5, 0));
  CHECK(holds(Operator::kMaskedEqual, 0xF3, 0x0F, 0x03));
  CHECK_FALSE(holds(Operator::kMaskedEqual, 0xF4, 0x0F, 0x03));
}

TEST_CASE("all comparisons of a rule must hold, and any of several rules") {
  SyscallPolicy policy{SyscallAction::kErrno, {}, {}};
  policy.rules = {rule({"lseek"}, SyscallAction::kAllow,
                       {{0, Operator::kEqual, 1, 0}, {1, Operator::kEqual, 2, 0}}),
                  rule({"lseek"}, SyscallAction::kAllow, {{2, Operator::kEqual, 3, 0}})};
  CHECK(says(policy, SYS_lseek, {1, 2, 0}) == SECCOMP_RET_ALLOW);
  CHECK(says(policy, SYS_lseek, {1, 0, 0}) == error(EPERM));
  CHECK(says(policy, SYS_lseek, {0, 0, 3}) == SECCOMP_RET_ALLOW);
}

TEST_CASE("foreign calls are left to the built-in filter") {
  const auto filter = compile_policy({SyscallAction::kAllow, {}, {}});
  CHECK(run_filter(filter, call_of(AUDIT_ARCH_ARM, 1)).action == error(ENOSYS));
}

TEST_CASE("a call that libseccomp does not know yet is found in the table") {
  const SyscallPolicy policy{
      SyscallAction::kAllow, {}, {rule({"mseal", "file_setattr"}, SyscallAction::kErrno)}};
  CHECK(says(policy, 462) == error(EPERM));
  CHECK(says(policy, 469) == error(EPERM));
  CHECK(says(policy, 468) == SECCOMP_RET_ALLOW);
}

TEST_CASE("an unknown call is an error where leaving it out would allow more") {
  const std::vector<SyscallRule> refusing{rule({"no_such_call"}, SyscallAction::kErrno)};
  CHECK_THROWS_WITH(compile_policy({SyscallAction::kAllow, {}, refusing}),
                    "'no_such_call' is not a system call that muster knows");
  const std::vector<SyscallRule> allowing{rule({"no_such_call", "read"}, SyscallAction::kAllow)};
  const SyscallPolicy policy{SyscallAction::kErrno, {}, allowing};
  CHECK(says(policy, SYS_read) == SECCOMP_RET_ALLOW);
}

TEST_CASE("calls of other machines are passed over") {
  const SyscallPolicy policy{
      SyscallAction::kAllow,
      {},
      {rule({"s390_runtime_instr", "arm_sync_file_range"}, SyscallAction::kKillProcess)}};
  for (std::uint32_t number = 0; number <= 600; ++number) {
    CHECK(says(policy, number) == SECCOMP_RET_ALLOW);
  }
}

TEST_CASE("what a filter cannot say is an error that says what") {
  const auto compile = [](const SyscallRule& one) {
    return compile_policy({SyscallAction::kErrno, {}, {one}});
  };
  CHECK_THROWS_WITH(compile(rule({"read"}, SyscallAction::kAllow, {{6, Operator::kEqual, 0, 0}})),
                    "there is no argument 6: expected 0 to 5");
  CHECK_THROWS_WITH(compile(rule({"read"}, SyscallAction::kAllow,
                                 {{0, Operator::kGreater, 1, 0}, {0, Operator::kLess, 9, 0}})),
                    "a rule compares argument 0 twice");
  CHECK_THROWS_WITH(compile({{"read"}, SyscallAction::kErrno, 4096, {}}),
                    "a system call cannot fail with error 4096: expected 0 to 4095");
}

TEST_CASE("a policy narrows the built-in filter for a real process") {
  const auto policy =
      compile_policy({SyscallAction::kAllow, {}, {rule({"getppid"}, SyscallAction::kErrno)}});
  CHECK(under(default_filter(), [&] {
          const std::string before = outcome_of(SYS_getppid);
          if (!install_filter(policy)) return std::string("not installed");
          return before + " " + outcome_of(SYS_getppid) + " " + outcome_of(SYS_ptrace) + " " +
                 outcome_of(SYS_getpid);
        }) == "ok EPERM EPERM ok");
}

TEST_CASE("random policies compile to programs that end, or are errors") {
  std::mt19937 random(20240229);
  const auto below = [&random](unsigned bound) { return static_cast<unsigned>(random() % bound); };
  const std::vector<std::string> names{"read",     "write", "clone",  "ioctl",  "socket",
                                       "mseal",    "ipc",   "execve", "openat", "",
                                       "nonsense", "prctl", "getpid", "futex",  "x\0y"};
  unsigned compiled = 0;
  unsigned refused = 0;
  for (unsigned round = 0; round < 400; ++round) {
    SyscallPolicy policy;
    policy.fallback = static_cast<SyscallAction>(below(5));
    for (unsigned rules = below(12); rules > 0; --rules) {
      SyscallRule one;
      for (unsigned count = 1 + below(4); count > 0; --count) {
        one.names.push_back(names[below(static_cast<unsigned>(names.size()))]);
      }
      one.action = static_cast<SyscallAction>(below(5));
      if (below(4) == 0) one.error_number = static_cast<int>(below(4200));
      for (unsigned count = below(3); count > 0; --count) {
        const std::uint64_t value =
            below(2) == 0 ? below(4) : std::uint64_t{below(1U << 31)} << below(33);
        const auto index = below(20) == 0 ? below(9) : below(6);
        one.arguments.push_back({index, static_cast<Operator>(below(7)), value, below(9)});
      }
      policy.rules.push_back(std::move(one));
    }
    try {
      const auto program = compile_policy(policy);
      ++compiled;
      for (unsigned calls = 0; calls < 50; ++calls) {
        run_filter(program, call_of(kArch, below(500), {below(5), below(5), below(5)}));
      }
    } catch (const Error& fault) {
      CHECK(fault.code() == ErrorCode::kInvalidArgument);
      ++refused;
    }
  }
  CHECK(compiled > 20);
  CHECK(refused > 20);
}

}  // namespace muster::sandbox
