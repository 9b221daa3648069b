// SPDX-License-Identifier: Apache-2.0
// User policies: libseccomp knows the names, merges the rules and writes the program.
#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>

#include "base/error.h"
#include "base/text.h"
#include "base/unique_fd.h"
#include "sandbox/seccomp.h"
#include "sandbox/syscall_table.h"

namespace muster::sandbox {

namespace {

// MAX_ERRNO of the kernel: a larger one would be taken for it.
constexpr int kLargestErrno = 4095;

struct Release {
  void operator()(void* context) const { seccomp_release(context); }
};
using Context = std::unique_ptr<void, Release>;

std::uint32_t action_of(SyscallAction action, std::optional<int> error_number) {
  switch (action) {
    case SyscallAction::kAllow:
      return SCMP_ACT_ALLOW;
    case SyscallAction::kLog:
      return SCMP_ACT_LOG;
    case SyscallAction::kErrno: {
      const int number = error_number.value_or(EPERM);
      if (number < 0 || number > kLargestErrno) {
        throw Error(ErrorCode::kInvalidArgument, concat("a system call cannot fail with error ",
                                                        number, ": expected 0 to ", kLargestErrno));
      }
      return SCMP_ACT_ERRNO(static_cast<std::uint32_t>(number));
    }
    case SyscallAction::kKillThread:
      return SCMP_ACT_KILL_THREAD;
    case SyscallAction::kKillProcess:
      return SCMP_ACT_KILL_PROCESS;
  }
  throw Error(ErrorCode::kInvalidArgument, "a rule has an action that no filter knows");
}

scmp_compare comparison_of(SyscallArgument::Operator op) {
  switch (op) {
    case SyscallArgument::Operator::kEqual:
      return SCMP_CMP_EQ;
    case SyscallArgument::Operator::kNotEqual:
      return SCMP_CMP_NE;
    case SyscallArgument::Operator::kLess:
      return SCMP_CMP_LT;
    case SyscallArgument::Operator::kLessEqual:
      return SCMP_CMP_LE;
    case SyscallArgument::Operator::kGreater:
      return SCMP_CMP_GT;
    case SyscallArgument::Operator::kGreaterEqual:
      return SCMP_CMP_GE;
    case SyscallArgument::Operator::kMaskedEqual:
      return SCMP_CMP_MASKED_EQ;
  }
  throw Error(ErrorCode::kInvalidArgument, "a rule has a comparison that no filter knows");
}

std::vector<scmp_arg_cmp> arguments_of(const SyscallRule& rule) {
  std::vector<scmp_arg_cmp> arguments;
  unsigned seen = 0;
  for (const SyscallArgument& argument : rule.arguments) {
    if (argument.index > 5) {
      throw Error(ErrorCode::kInvalidArgument,
                  concat("there is no argument ", argument.index, ": expected 0 to 5"));
    }
    if ((seen >> argument.index & 1U) != 0) {
      throw Error(ErrorCode::kInvalidArgument,
                  concat("a rule compares argument ", argument.index, " twice"),
                  "make it two rules, either of which may hold");
    }
    seen |= 1U << argument.index;
    arguments.push_back(
        {argument.index, comparison_of(argument.op), argument.value, argument.value2});
  }
  return arguments;
}

// The number of the call; nothing where only other machines have it, or where a name is unknown
// and leaving the rule out makes the policy no weaker: profiles name calls of kernels to come.
std::optional<int> number_of(const std::string& name, const SyscallRule& rule,
                             const SyscallPolicy& policy) {
  const int number = name.find('\0') == std::string::npos
                         ? seccomp_syscall_resolve_name(name.c_str())
                         : __NR_SCMP_ERROR;
  if (number >= 0) return number;
  if (number != __NR_SCMP_ERROR) return std::nullopt;
  if (const std::optional<int> listed = listed_number(name, kThisMachine)) {
    return *listed == kAbsent ? std::nullopt : listed;
  }
  if (rule.action <= policy.fallback) return std::nullopt;
  throw Error(ErrorCode::kInvalidArgument,
              concat(in_quotes(name), " is not a system call that muster knows"));
}

void add_rule(void* context, const SyscallPolicy& policy, const SyscallRule& rule) {
  const std::uint32_t action = action_of(rule.action, rule.error_number);
  const std::vector<scmp_arg_cmp> arguments = arguments_of(rule);
  // libseccomp refuses a rule that says what holds without it.
  const bool idle = action == action_of(policy.fallback, policy.fallback_errno);
  for (const std::string& name : rule.names) {
    const std::optional<int> number = number_of(name, rule, policy);
    if (!number || idle) continue;
    const int result = seccomp_rule_add_exact_array(
        context, action, *number, static_cast<unsigned>(arguments.size()), arguments.data());
    if (result != 0) {
      throw Error(ErrorCode::kInvalidArgument,
                  concat("the rule for ", name, " cannot be added: ", errno_words(-result)),
                  "rules for one system call must not contradict each other");
    }
  }
}

std::vector<sock_filter> program_of(void* context) {
  const UniqueFd file(memfd_create("muster-filter", MFD_CLOEXEC));
  if (!file) throw Error::from_errno(errno, "making room for a system call filter");
  if (const int result = seccomp_export_bpf(context, file.get()); result != 0) {
    throw Error(ErrorCode::kInvalidArgument,
                concat("the rules do not make a filter: ", errno_words(-result)));
  }
  const off_t size = lseek(file.get(), 0, SEEK_END);
  if (size < 0) throw Error::from_errno(errno, "reading a system call filter");
  std::vector<sock_filter> program(static_cast<std::size_t>(size) / sizeof(sock_filter));
  if (program.size() > BPF_MAXINSNS) {
    throw Error(ErrorCode::kInvalidArgument,
                concat("the filter has ", program.size(), " instructions; the kernel takes ",
                       BPF_MAXINSNS));
  }
  if (pread(file.get(), program.data(), static_cast<std::size_t>(size), 0) != size) {
    throw Error::from_errno(errno, "reading a system call filter");
  }
  return program;
}

void set_attribute(void* context, scmp_filter_attr attribute, std::uint32_t value) {
  if (const int result = seccomp_attr_set(context, attribute, value); result != 0) {
    throw Error::from_errno(-result, "setting up a system call filter");
  }
}

}  // namespace

std::vector<sock_filter> compile_policy(const SyscallPolicy& policy) {
  const Context context(seccomp_init(action_of(policy.fallback, policy.fallback_errno)));
  if (!context) {
    throw Error(ErrorCode::kUnavailable, "libseccomp cannot start a filter on this machine");
  }
  // The built-in filter kills such calls or calls them missing; this one must not be stricter.
  set_attribute(context.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS));
  constexpr std::uint32_t kBinaryTree = 2;
  set_attribute(context.get(), SCMP_FLTATR_CTL_OPTIMIZE, kBinaryTree);
  for (const SyscallRule& rule : policy.rules) add_rule(context.get(), policy, rule);
  return program_of(context.get());
}

}  // namespace muster::sandbox
