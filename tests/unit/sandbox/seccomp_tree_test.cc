// SPDX-License-Identifier: Apache-2.0
#include <seccomp.h>

#include <algorithm>
#include <set>
#include <string>

#include <catch2/catch.hpp>

#include "domain/sandbox.h"
#include "filter_machine.h"
#include "sandbox/seccomp.h"
#include "sandbox/syscall_tree.h"

namespace muster::sandbox {

namespace {

constexpr GroupSet kEveryGroup = (1 << 9) - 1;
constexpr std::uint32_t kAllowed = SECCOMP_RET_ALLOW;
constexpr std::uint32_t error(int number) {
  return SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(number);
}

std::uint32_t arch_of(Machine machine) {
  return machine == Machine::kAmd64 ? AUDIT_ARCH_X86_64 : AUDIT_ARCH_AARCH64;
}

constexpr Machine kMachines[] = {Machine::kAmd64, Machine::kArm64};

bool one_of(std::uint64_t argument, std::initializer_list<std::uint32_t> values) {
  return std::find(values.begin(), values.end(), static_cast<std::uint32_t>(argument)) !=
         values.end();
}

// What a ruling means, said without the filter.
std::uint32_t meaning(Ruling ruling, const seccomp_data& call) {
  switch (ruling) {
    case Ruling::kAllow:
      return kAllowed;
    case Ruling::kRefuse:
      return error(EPERM);
    case Ruling::kMissing:
      return error(ENOSYS);
    case Ruling::kNoNewNamespaces:
      return (call.args[0] & 0x7E020000) != 0 ? error(EPERM) : kAllowed;
    case Ruling::kNoTyping:
      return one_of(call.args[1], {0x5412, 0x541C, 0x5423}) ? error(EPERM) : kAllowed;
    case Ruling::kOrdinarySockets:
      if (one_of(call.args[0], {1, 16})) return kAllowed;
      if (!one_of(call.args[0], {2, 10})) return error(EAFNOSUPPORT);
      return one_of(call.args[2], {0, 1, 6, 17, 58, 255, 262}) ? kAllowed : error(EPROTONOSUPPORT);
    case Ruling::kNoSetId1:
      return (call.args[1] & 06000) != 0 ? error(EPERM) : kAllowed;
    case Ruling::kNoSetId2:
      return (call.args[2] & 06000) != 0 ? error(EPERM) : kAllowed;
    case Ruling::kNoSetIdOpen1:
      return (call.args[1] & 020000100) != 0 && (call.args[2] & 06000) != 0 ? error(EPERM)
                                                                            : kAllowed;
    case Ruling::kNoSetIdOpen2:
      return (call.args[2] & 020000100) != 0 && (call.args[3] & 06000) != 0 ? error(EPERM)
                                                                            : kAllowed;
    case Ruling::kNotInit:
      return static_cast<std::uint32_t>(call.args[0]) == 1 ? error(EPERM) : kAllowed;
    case Ruling::kPlainPersonality:
    case Ruling::kTracedPersonality:
      if (one_of(call.args[0], {0, 8, 0x20000, 0x20008, 0xFFFFFFFF})) return kAllowed;
      return ruling == Ruling::kTracedPersonality && one_of(call.args[0], {0x40000}) ? kAllowed
                                                                                     : error(EPERM);
  }
  return 0;
}

// The table read from its first row to its last.
std::uint32_t plain_reading(Machine machine, GroupSet allowed, const seccomp_data& call) {
  const auto number = static_cast<std::uint32_t>(call.nr);
  if (call.arch != arch_of(machine)) return SECCOMP_RET_KILL_PROCESS;
  if (number > kNewestCall) return error(ENOSYS);
  for (const SyscallRow& row : kSyscallTable) {
    if (row.number.on(machine) != call.nr) continue;
    const bool open = (allowed & static_cast<GroupSet>(row.group)) != 0;
    if (open && row.name == "personality") return meaning(Ruling::kTracedPersonality, call);
    return open ? kAllowed : meaning(row.ruling, call);
  }
  return kAllowed;
}

// Values that some check asks for, next to them, and with something in the high half.
std::vector<std::uint64_t> interesting_values() {
  std::set<std::uint64_t> values;
  static constexpr std::uint64_t kValues[] = {
      0x0,      0x1,     0x2,     0x6,     0x8,       0xA,        0x10,      0x11,
      0x26,     0x28,    0x3A,    0x73,    0x84,      0xFF,       0x100,     0x106,
      0x5412,   0x541C,  0x5423,  0x40,    0x440,     0x800,      0x840,     0x400,
      0x400040, 0x20000, 0x20008, 0x40000, 0x2000000, 0x10000000, 0x40000000};
  for (const std::uint64_t value : kValues) {
    for (const std::uint64_t high : {std::uint64_t{0}, std::uint64_t{1} << 32}) {
      values.insert({high + value, high + value + 1, high + value - 1});
    }
  }
  values.insert({0xFFFFFFFF, ~std::uint64_t{0}});
  return {values.begin(), values.end()};
}

void compare(Machine machine, GroupSet allowed) {
  const std::vector<sock_filter> filter = syscall_tree::compile(machine, allowed);
  static const std::vector<std::uint64_t> kValues = interesting_values();
  unsigned wrong = 0;
  for (std::uint32_t number = 0; number <= 600; ++number) {
    for (const std::uint64_t value : kValues) {
      for (const std::uint64_t family : {value, std::uint64_t{2}}) {
        const seccomp_data call = call_of(arch_of(machine), number, {family, value, value, value});
        const Answer answer = run_filter(filter, call);
        if (answer.action != plain_reading(machine, allowed, call)) {
          UNSCOPED_INFO("call " << number << " argument " << value);
          ++wrong;
        }
        if (!answer.looked_at_arguments) break;
      }
      if (!run_filter(filter, call_of(arch_of(machine), number)).looked_at_arguments) break;
    }
  }
  CHECK(wrong == 0);
}

}  // namespace

TEST_CASE("the tree says of every call what the table says, on both machines, for every group") {
  for (const Machine machine : kMachines) {
    compare(machine, 0);
    compare(machine, kEveryGroup);
    for (const NamedGroup& group : kNamedGroups) {
      INFO(group.name);
      compare(machine, static_cast<GroupSet>(group.group));
    }
  }
}

TEST_CASE("a filter can be made for every set of groups") {
  for (const Machine machine : kMachines) {
    for (unsigned allowed = 0; allowed <= kEveryGroup; ++allowed) {
      const auto filter = syscall_tree::compile(machine, static_cast<GroupSet>(allowed));
      CHECK(filter.size() < 400);
    }
  }
}

TEST_CASE("no call takes more than thirteen steps before its arguments are looked at") {
  for (const Machine machine : kMachines) {
    const auto filter = syscall_tree::compile(machine, 0);
    for (std::uint32_t number = 0; number <= 600; ++number) {
      const Answer answer = run_filter(filter, call_of(arch_of(machine), number));
      INFO("call " << number);
      CHECK(answer.steps <= (answer.looked_at_arguments ? 28U : 13U));
    }
  }
}

TEST_CASE("only the calls whose arguments matter are kept out of the kernel's bitmap") {
  for (const Machine machine : kMachines) {
    const auto filter = syscall_tree::compile(machine, 0);
    std::set<int> looking;
    for (std::uint32_t number = 0; number <= 600; ++number) {
      if (run_filter(filter, call_of(arch_of(machine), number)).looked_at_arguments) {
        looking.insert(static_cast<int>(number));
      }
    }
    std::set<int> expected;
    for (const char* name :
         {"clone", "ioctl", "personality", "socket", "socketpair", "prlimit64", "open", "openat",
          "creat", "chmod", "fchmod", "fchmodat", "fchmodat2", "mknod", "mknodat"}) {
      const int number = *listed_number(name, machine);
      if (number != kAbsent) expected.insert(number);
    }
    CHECK(looking == expected);
  }
}

TEST_CASE("a call by the rules of another machine kills the process") {
  const auto filter = syscall_tree::compile(Machine::kAmd64, kEveryGroup);
  CHECK(run_filter(filter, call_of(AUDIT_ARCH_I386, 20)).action == SECCOMP_RET_KILL_PROCESS);
  CHECK(run_filter(filter, call_of(AUDIT_ARCH_AARCH64, 20)).action == SECCOMP_RET_KILL_PROCESS);
}

TEST_CASE("x32 calls and numbers of kernels to come are missing") {
  for (const std::uint32_t number : {kNewestCall + 1, 1024U, 0x40000000U, 0x40000027U, ~0U}) {
    const auto filter = syscall_tree::compile(Machine::kAmd64, kEveryGroup);
    CHECK(run_filter(filter, call_of(AUDIT_ARCH_X86_64, number)).action == error(ENOSYS));
  }
}

TEST_CASE("the built-in filter is the tree of this machine with no group allowed") {
  const auto same = [](const sock_filter& a, const sock_filter& b) {
    return a.code == b.code && a.jt == b.jt && a.jf == b.jf && a.k == b.k;
  };
  const auto made = filter_allowing({});
  const auto built = default_filter();
  CHECK(std::equal(made.begin(), made.end(), built.begin(), built.end(), same));
}

TEST_CASE("the numbers of the table are those that libseccomp knows") {
  unsigned known = 0;
  for (const SyscallRow& row : kSyscallTable) {
    const std::string name(row.name);
    const int x86_64 = seccomp_syscall_resolve_name_arch(SCMP_ARCH_X86_64, name.c_str());
    const int aarch64 = seccomp_syscall_resolve_name_arch(SCMP_ARCH_AARCH64, name.c_str());
    INFO(name);
    if (x86_64 == __NR_SCMP_ERROR) continue;
    ++known;
    CHECK(row.number.x86_64 == std::max(x86_64, kAbsent));
    CHECK(row.number.aarch64 == std::max(aarch64, kAbsent));
  }
  CHECK(known >= 75);
}

TEST_CASE("no call stands in the table twice and each has a reason") {
  std::set<std::string_view> names;
  for (const SyscallRow& row : kSyscallTable) {
    INFO(row.name);
    CHECK(names.insert(row.name).second);
    CHECK(!row.reason.empty());
  }
  for (const NewerCall& call : kNewerCalls) CHECK(names.insert(call.name).second);
}

TEST_CASE("the groups of the table are those that users are told of") {
  const auto told = syscall_groups();
  REQUIRE(told.size() == kNamedGroups.size());
  for (std::size_t i = 0; i < told.size(); ++i) {
    CHECK(told[i].name == kNamedGroups[i].name);
    const Group group = kNamedGroups[i].group;
    CHECK(std::any_of(kSyscallTable.begin(), kSyscallTable.end(),
                      [group](const SyscallRow& row) { return row.group == group; }));
  }
  const std::vector<std::string> unknown{"no_such_group"};
  CHECK_THROWS_WITH(filter_allowing(unknown), "'no_such_group' is not a group of system calls");
}

TEST_CASE("what programs use to confine themselves stays allowed") {
  const auto filter = default_filter();
  for (const char* name : {"seccomp", "prctl", "landlock_create_ruleset", "landlock_add_rule",
                           "landlock_restrict_self", "read", "nanosleep", "futex", "mmap"}) {
    const int number = seccomp_syscall_resolve_name(name);
    REQUIRE(number >= 0);
    INFO(name);
    const auto call = call_of(arch_of(kThisMachine), static_cast<std::uint32_t>(number));
    CHECK(run_filter(filter, call).action == kAllowed);
  }
}

}  // namespace muster::sandbox
