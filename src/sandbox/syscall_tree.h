// SPDX-License-Identifier: Apache-2.0
#pragma once

// Compiles the table of system calls into a filter, as well while muster is built as while it runs.
// Neighbouring numbers of one ruling are one range; a balanced tree of comparisons finds the range
// of a number, and its leaves are rulings. Jumps reach 255 instructions; a tree that would need
// more does not compile (and at run time throws std::logic_error).

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <vector>

#include "sandbox/syscall_table.h"

namespace muster::sandbox::syscall_tree {

using Code = std::vector<sock_filter>;

inline constexpr std::uint32_t kPermit = SECCOMP_RET_ALLOW;
constexpr std::uint32_t refusal(std::uint32_t error) { return SECCOMP_RET_ERRNO | error; }

// The bits of clone's flags that make namespaces, by clone(2). CLONE_NEWTIME is not among them: it
// lies in the bits that clone takes for a signal.
inline constexpr std::uint32_t kNamespaceFlags = 0x7E020000;

// TIOCSTI, TIOCLINUX, TIOCSETD; the kernel takes an ioctl's number as 32 bits.
inline constexpr std::array<std::uint32_t, 3> kTypingIoctls{0x5412, 0x541C, 0x5423};

// PER_LINUX, PER_LINUX32, each with UNAME26, and the question; then ADDR_NO_RANDOMIZE.
inline constexpr std::array<std::uint32_t, 6> kPersonalities{0,       0x8,        0x20000,
                                                             0x20008, 0xFFFFFFFF, 0x40000};

inline constexpr std::uint32_t kUnix = 1, kInet = 2, kInet6 = 10, kNetlink = 16;

// The default, ICMP, TCP, UDP, ICMPv6, raw and MPTCP.
inline constexpr std::array<std::uint32_t, 7> kProtocols{0, 1, 6, 17, 58, 255, 262};

constexpr void load(Code& code, std::size_t offset) {
  code.push_back({BPF_LD | BPF_W | BPF_ABS, 0, 0, static_cast<std::uint32_t>(offset)});
}

// The low half of an argument; both machines are little endian.
constexpr void load_argument(Code& code, std::size_t index) {
  load(code, offsetof(seccomp_data, args) + index * sizeof(std::uint64_t));
}

constexpr void jump(Code& code, std::uint16_t test, std::uint32_t value, std::size_t over) {
  if (over > 255) throw std::logic_error("a jump of the filter is too long");
  code.push_back({static_cast<std::uint16_t>(BPF_JMP | test | BPF_K),
                  static_cast<std::uint8_t>(over), 0, value});
}

constexpr void answer(Code& code, std::uint32_t action) {
  code.push_back({BPF_RET | BPF_K, 0, 0, action});
}

// `found` where the argument is one of `values`, else `missed`.
constexpr void look_up(Code& code, std::size_t argument, std::span<const std::uint32_t> values,
                       std::uint32_t found, std::uint32_t missed) {
  load_argument(code, argument);
  for (std::size_t i = 0; i < values.size(); ++i) {
    jump(code, BPF_JEQ, values[i], values.size() - i);
  }
  answer(code, missed);
  answer(code, found);
}

constexpr void check_socket(Code& code) {
  load_argument(code, 0);
  jump(code, BPF_JEQ, kUnix, 4);
  jump(code, BPF_JEQ, kNetlink, 3);
  jump(code, BPF_JEQ, kInet, 3);
  jump(code, BPF_JEQ, kInet6, 2);
  answer(code, refusal(EAFNOSUPPORT));
  answer(code, kPermit);
  look_up(code, 2, kProtocols, kPermit, refusal(EPROTONOSUPPORT));
}

// S_ISUID and S_ISGID; O_CREAT and what O_TMPFILE has beyond O_DIRECTORY, on both machines.
inline constexpr std::uint32_t kSetIdBits = 06000;
inline constexpr std::uint32_t kCreatingFlags = 0100 | 020000000;

constexpr void check_mode(Code& code, std::size_t argument) {
  load_argument(code, argument);
  jump(code, BPF_JSET, kSetIdBits, 1);
  answer(code, kPermit);
  answer(code, refusal(EPERM));
}

// Without these flags the kernel does not look at the mode, which may hold anything.
constexpr void check_created_mode(Code& code, std::size_t flags) {
  load_argument(code, flags);
  jump(code, BPF_JSET, kCreatingFlags, 1);
  answer(code, kPermit);
  check_mode(code, flags + 1);
}

constexpr void add_ruling(Code& code, Ruling ruling) {
  const std::span personalities(kPersonalities);
  switch (ruling) {
    case Ruling::kAllow:
      return answer(code, kPermit);
    case Ruling::kRefuse:
      return answer(code, refusal(EPERM));
    case Ruling::kMissing:
      return answer(code, refusal(ENOSYS));
    case Ruling::kNoNewNamespaces:
      load_argument(code, 0);
      jump(code, BPF_JSET, kNamespaceFlags, 1);
      answer(code, kPermit);
      return answer(code, refusal(EPERM));
    case Ruling::kNoTyping:
      return look_up(code, 1, kTypingIoctls, refusal(EPERM), kPermit);
    case Ruling::kOrdinarySockets:
      return check_socket(code);
    case Ruling::kNoSetId1:
      return check_mode(code, 1);
    case Ruling::kNoSetId2:
      return check_mode(code, 2);
    case Ruling::kNoSetIdOpen1:
      return check_created_mode(code, 1);
    case Ruling::kNoSetIdOpen2:
      return check_created_mode(code, 2);
    case Ruling::kNotInit:
      load_argument(code, 0);
      jump(code, BPF_JEQ, 1, 1);
      answer(code, kPermit);
      return answer(code, refusal(EPERM));
    case Ruling::kPlainPersonality:
      return look_up(code, 0, personalities.first(5), kPermit, refusal(EPERM));
    case Ruling::kTracedPersonality:
      return look_up(code, 0, personalities, kPermit, refusal(EPERM));
  }
}

/// The numbers from `first` to the next range's.
struct Range {
  std::uint32_t first;
  Ruling ruling;
};

constexpr std::vector<Range> ranges_of(Machine machine, GroupSet allowed) {
  std::array<Ruling, kNewestCall + 2> rulings{};
  rulings.back() = Ruling::kMissing;
  for (const SyscallRow& row : kSyscallTable) {
    const int number = row.number.on(machine);
    if (number != kAbsent) rulings.at(static_cast<std::size_t>(number)) = row.ruling_with(allowed);
  }
  std::vector<Range> ranges;
  for (std::uint32_t number = 0; number < rulings.size(); ++number) {
    if (ranges.empty() || ranges.back().ruling != rulings.at(number)) {
      ranges.push_back({number, rulings.at(number)});
    }
  }
  return ranges;
}

// Where to cut so that both sides hold about as many numbers: the kernel runs the filter once for
// every number when it is installed. Not too far from the middle, so that no path gets long.
constexpr std::size_t middle_of(std::span<const Range> ranges) {
  const std::size_t low = std::max<std::size_t>(1, ranges.size() / 4);
  const std::size_t high = std::max(low, ranges.size() - ranges.size() / 4 - 1);
  const std::uint32_t center =
      ranges.front().first + (ranges.back().first - ranges.front().first) / 2;
  std::size_t at = low;
  while (at < high && ranges[at].first < center) ++at;
  return at;
}

constexpr void add_tree(Code& code, std::span<const Range> ranges) {
  if (ranges.size() == 1) return add_ruling(code, ranges.front().ruling);
  const std::size_t half = middle_of(ranges);
  Code lower;
  add_tree(lower, ranges.first(half));
  jump(code, BPF_JGE, ranges[half].first, lower.size());
  code.insert(code.end(), lower.begin(), lower.end());
  add_tree(code, ranges.subspan(half));
}

/// The filter for a machine with these groups allowed. A call by the rules of another machine
/// (such as int 0x80 on x86-64) kills the process; one by those of x32 has a number beyond all.
constexpr Code compile(Machine machine, GroupSet allowed) {
  Code code;
  load(code, offsetof(seccomp_data, arch));
  jump(code, BPF_JEQ, machine == Machine::kAmd64 ? AUDIT_ARCH_X86_64 : AUDIT_ARCH_AARCH64, 1);
  answer(code, SECCOMP_RET_KILL_PROCESS);
  load(code, offsetof(seccomp_data, nr));
  const std::vector<Range> ranges = ranges_of(machine, allowed);
  add_tree(code, ranges);
  return code;
}

}  // namespace muster::sandbox::syscall_tree
