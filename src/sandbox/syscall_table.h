// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the built-in filter says to each system call, with the reason. A call that has no row is
// allowed up to kNewestCall; above it every number is answered as by a kernel that lacks the call.
// Constants; the filter is compiled from them by syscall_tree.h. A change must keep the calls that
// programs make all the time free of argument checks: the kernel then answers them from a bitmap.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace muster::sandbox {

/// The machines that muster knows the numbers of system calls for.
enum class Machine { kAmd64, kArm64 };

#if defined(__x86_64__)
inline constexpr Machine kThisMachine = Machine::kAmd64;
#elif defined(__aarch64__)
inline constexpr Machine kThisMachine = Machine::kArm64;
#else
#error "the table of system calls lacks the numbers of this machine"
#endif

/// What happens to a call. Those that look at arguments look at values, never behind pointers, and
/// at the 32 bits that the kernel itself takes.
enum class Ruling : std::uint8_t {
  kAllow,
  kRefuse,             ///< EPERM
  kMissing,            ///< ENOSYS, on which programs take an older call
  kNoNewNamespaces,    ///< EPERM where clone's flags ask for a namespace
  kNoTyping,           ///< EPERM for the ioctls that type into a terminal
  kOrdinarySockets,    ///< EAFNOSUPPORT, EPROTONOSUPPORT but for ordinary families and protocols
  kNoSetId1,           ///< EPERM where the mode, argument 1, has a set-id bit
  kNoSetId2,           ///< the same for argument 2
  kNoSetIdOpen1,       ///< the same where the flags, argument 1, create; the mode is argument 2
  kNoSetIdOpen2,       ///< the same for arguments 2 and 3
  kNotInit,            ///< EPERM where the process, argument 0, is 1
  kPlainPersonality,   ///< EPERM but for the ordinary personalities
  kTracedPersonality,  ///< the same, and without address randomization for debuggers
};

/// The groups of syscall_groups() that rows belong to, as bits of a GroupSet.
enum class Group : std::uint16_t {
  kNone = 0,
  kBpf = 1 << 0,
  kHandles = 1 << 1,
  kIoUring = 1 << 2,
  kKeyring = 1 << 3,
  kNamespaces = 1 << 4,
  kPerf = 1 << 5,
  kPtrace = 1 << 6,
  kSockets = 1 << 7,
  kUserfaultfd = 1 << 8,
  kSetId = 1 << 9,
};

/// Groups that are allowed.
using GroupSet = std::uint16_t;

/// A group under the name it has for users.
struct NamedGroup {
  std::string_view name;
  Group group;
};

inline constexpr std::array<NamedGroup, 10> kNamedGroups{{
    {"bpf", Group::kBpf},
    {"handles", Group::kHandles},
    {"io_uring", Group::kIoUring},
    {"keyring", Group::kKeyring},
    {"namespaces", Group::kNamespaces},
    {"perf", Group::kPerf},
    {"ptrace", Group::kPtrace},
    {"setid", Group::kSetId},
    {"sockets", Group::kSockets},
    {"userfaultfd", Group::kUserfaultfd},
}};

/// The number of a machine that has no such call.
inline constexpr int kAbsent = -1;

/// A number of a call on each machine.
struct CallNumber {
  int x86_64;
  int aarch64;
  constexpr int on(Machine machine) const { return machine == Machine::kAmd64 ? x86_64 : aarch64; }
};

/// One row of the table.
struct SyscallRow {
  std::string_view name;
  CallNumber number;
  Ruling ruling;
  Group group;  ///< what allows the call after all
  std::string_view reason;

  /// The ruling where `allowed` groups are allowed.
  constexpr Ruling ruling_with(GroupSet allowed) const {
    if ((allowed & static_cast<GroupSet>(group)) == 0) return ruling;
    return ruling == Ruling::kPlainPersonality ? Ruling::kTracedPersonality : Ruling::kAllow;
  }
};

/// A call that has no row and that libseccomp 2.5 does not know.
struct NewerCall {
  std::string_view name;
  CallNumber number;
};

/// Calls of newer kernels that were looked at and left allowed; user policies may name them.
inline constexpr std::array kNewerCalls = std::to_array<NewerCall>({
    {"uretprobe", {335, kAbsent}},
    {"uprobe", {336, kAbsent}},
    {"cachestat", {451, 451}},
    {"map_shadow_stack", {453, 453}},
    {"futex_wake", {454, 454}},
    {"futex_wait", {455, 455}},
    {"futex_requeue", {456, 456}},
    {"lsm_get_self_attr", {459, 459}},
    {"lsm_list_modules", {461, 461}},
    {"mseal", {462, 462}},
    {"setxattrat", {463, 463}},
    {"getxattrat", {464, 464}},
    {"listxattrat", {465, 465}},
    {"removexattrat", {466, 466}},
    {"file_getattr", {468, 468}},
    {"file_setattr", {469, 469}},
    {"rseq_slice_yield", {471, 471}},
});

/// The highest number that has been looked at, on every machine.
inline constexpr std::uint32_t kNewestCall = 471;

namespace syscall_rows {

using enum Ruling;
using enum Group;

inline constexpr std::array kSyscallTable = std::to_array<SyscallRow>({
    // Namespaces and mounts: what a sandbox is built from must not be rebuilt from inside.
    {"unshare", {272, 97}, kRefuse, kNamespaces, "gives capabilities back, in a namespace"},
    {"setns", {308, 268}, kRefuse, kNamespaces, "enters namespaces of others"},
    {"clone", {56, 220}, kNoNewNamespaces, kNamespaces, "processes in new namespaces"},
    {"clone3", {435, 435}, kMissing, kNamespaces, "flags out of sight; libcs use clone"},
    {"mount", {165, 40}, kRefuse, kNamespaces, "covers files that others trust"},
    {"umount2", {166, 39}, kRefuse, kNamespaces, "uncovers what was masked"},
    {"pivot_root", {155, 41}, kRefuse, kNamespaces, "changes the root"},
    {"chroot", {161, 51}, kRefuse, kNamespaces, "changes the root"},
    {"fsopen", {430, 430}, kRefuse, kNamespaces, "mounts by descriptor"},
    {"fsconfig", {431, 431}, kRefuse, kNamespaces, "mounts by descriptor"},
    {"fsmount", {432, 432}, kRefuse, kNamespaces, "mounts by descriptor"},
    {"fspick", {433, 433}, kRefuse, kNamespaces, "mounts by descriptor"},
    {"open_tree", {428, 428}, kRefuse, kNamespaces, "mounts by descriptor"},
    {"open_tree_attr", {467, 467}, kRefuse, kNamespaces, "mounts by descriptor (6.15)"},
    {"move_mount", {429, 429}, kRefuse, kNamespaces, "mounts by descriptor"},
    {"mount_setattr", {442, 442}, kRefuse, kNamespaces, "changes the flags of a mount"},
    {"statmount", {457, 457}, kMissing, kNamespaces, "tells more than /proc (6.8)"},
    {"listmount", {458, 458}, kMissing, kNamespaces, "tells more than /proc (6.8)"},
    {"listns", {470, 470}, kMissing, kNamespaces, "lists namespaces of the host (6.19)"},
    // Other processes.
    {"ptrace", {101, 117}, kRefuse, kPtrace, "takes over processes"},
    {"process_vm_readv", {310, 270}, kRefuse, kPtrace, "reads the memory of processes"},
    {"process_vm_writev", {311, 271}, kRefuse, kPtrace, "writes the memory of processes"},
    {"process_madvise", {440, 440}, kRefuse, kPtrace, "changes the memory of processes"},
    {"pidfd_getfd", {438, 438}, kRefuse, kPtrace, "takes descriptors of processes"},
    {"kcmp", {312, 272}, kRefuse, kPtrace, "compares kernel addresses"},
    {"process_mrelease", {448, 448}, kRefuse, kNone, "reaps the memory of processes"},
    {"prlimit64", {302, 261}, kNotInit, kNone, "limits on the init, which would end it"},
    {"personality", {135, 92}, kPlainPersonality, kPtrace, "predictable addresses and more"},
    // Large or often broken parts of the kernel.
    {"io_uring_setup", {425, 425}, kMissing, kIoUring, "calls that pass by this filter"},
    {"io_uring_enter", {426, 426}, kMissing, kIoUring, "calls that pass by this filter"},
    {"io_uring_register", {427, 427}, kMissing, kIoUring, "calls that pass by this filter"},
    {"bpf", {321, 280}, kRefuse, kBpf, "loads programs into the kernel"},
    {"perf_event_open", {298, 241}, kRefuse, kPerf, "sees into kernel and others"},
    {"userfaultfd", {323, 282}, kRefuse, kUserfaultfd, "stops the kernel amid a copy"},
    {"add_key", {248, 217}, kRefuse, kKeyring, "keys know no namespaces"},
    {"request_key", {249, 218}, kRefuse, kKeyring, "keys know no namespaces"},
    {"keyctl", {250, 219}, kRefuse, kKeyring, "keys know no namespaces"},
    {"socket", {41, 198}, kOrdinarySockets, kSockets, "rare families load kernel modules"},
    {"socketpair", {53, 199}, kOrdinarySockets, kSockets, "as socket"},
    {"vmsplice", {278, 75}, kRefuse, kNone, "gives pages of a process to pipes"},
    {"memfd_secret", {447, 447}, kRefuse, kNone, "memory out of sight"},
    {"modify_ldt", {154, kAbsent}, kRefuse, kNone, "segments of 16-bit programs"},
    // Files by other ways than their path.
    {"name_to_handle_at", {303, 264}, kRefuse, kHandles, "handles pass by mounts"},
    {"open_by_handle_at", {304, 265}, kRefuse, kHandles, "opens files outside the root"},
    {"fanotify_init", {300, 262}, kRefuse, kNone, "watches whole file systems"},
    {"fanotify_mark", {301, 263}, kRefuse, kNone, "watches whole file systems"},
    // Files that give their owner's rights to whoever runs them, left where the host finds them.
    {"chmod", {90, kAbsent}, kNoSetId1, kSetId, "set-id files for the host"},
    {"fchmod", {91, 52}, kNoSetId1, kSetId, "set-id files for the host"},
    {"fchmodat", {268, 53}, kNoSetId2, kSetId, "set-id files for the host"},
    {"fchmodat2", {452, 452}, kNoSetId2, kSetId, "set-id files for the host (6.6)"},
    {"creat", {85, kAbsent}, kNoSetId1, kSetId, "set-id files for the host"},
    {"mknod", {133, kAbsent}, kNoSetId1, kSetId, "set-id files for the host"},
    {"mknodat", {259, 33}, kNoSetId2, kSetId, "set-id files for the host"},
    {"open", {2, kAbsent}, kNoSetIdOpen1, kSetId, "set-id files for the host"},
    {"openat", {257, 56}, kNoSetIdOpen2, kSetId, "set-id files for the host"},
    {"openat2", {437, 437}, kMissing, kSetId, "the mode is out of sight; libcs use openat"},
    {"lsm_set_self_attr", {460, 460}, kRefuse, kNone, "changes the security label (6.8)"},
    {"ioctl", {16, 29}, kNoTyping, kNone, "types into the terminal, changes its discipline"},
    // What belongs to the machine.
    {"acct", {163, 89}, kRefuse, kNone, "process accounting of the host"},
    {"adjtimex", {159, 171}, kRefuse, kNone, "the clock of the host"},
    {"clock_adjtime", {305, 266}, kRefuse, kNone, "the clock of the host"},
    {"clock_settime", {227, 112}, kRefuse, kNone, "the clock of the host"},
    {"settimeofday", {164, 170}, kRefuse, kNone, "the clock of the host"},
    {"delete_module", {176, 106}, kRefuse, kNone, "kernel modules"},
    {"finit_module", {313, 273}, kRefuse, kNone, "kernel modules"},
    {"init_module", {175, 105}, kRefuse, kNone, "kernel modules"},
    {"ioperm", {173, kAbsent}, kRefuse, kNone, "ports of the hardware"},
    {"iopl", {172, kAbsent}, kRefuse, kNone, "ports of the hardware"},
    {"kexec_file_load", {320, 294}, kRefuse, kNone, "starts another kernel"},
    {"kexec_load", {246, 104}, kRefuse, kNone, "starts another kernel"},
    {"quotactl", {179, 60}, kRefuse, kNone, "disk quotas of the host"},
    {"quotactl_fd", {443, 443}, kRefuse, kNone, "disk quotas of the host"},
    {"reboot", {169, 142}, kRefuse, kNone, "stops the host"},
    {"setdomainname", {171, 162}, kRefuse, kNone, "names are given from outside"},
    {"sethostname", {170, 161}, kRefuse, kNone, "names are given from outside"},
    {"swapoff", {168, 225}, kRefuse, kNone, "the swap of the host"},
    {"swapon", {167, 224}, kRefuse, kNone, "the swap of the host"},
    {"syslog", {103, 116}, kRefuse, kNone, "messages of the kernel"},
    {"vhangup", {153, 58}, kRefuse, kNone, "hangs up the caller's terminal"},
    {"get_mempolicy", {239, 236}, kRefuse, kNone, "placement on the host's nodes"},
    {"mbind", {237, 235}, kRefuse, kNone, "placement on the host's nodes"},
    {"migrate_pages", {256, 238}, kRefuse, kNone, "placement on the host's nodes"},
    {"move_pages", {279, 239}, kRefuse, kNone, "placement on the host's nodes"},
    {"set_mempolicy", {238, 237}, kRefuse, kNone, "placement on the host's nodes"},
    {"set_mempolicy_home_node", {450, 450}, kRefuse, kNone, "placement on the host's nodes"},
    // Gone from current kernels, or used by no program that is.
    {"_sysctl", {156, kAbsent}, kMissing, kNone, "gone since 5.5"},
    {"create_module", {174, kAbsent}, kMissing, kNone, "gone since 2.6"},
    {"get_kernel_syms", {177, kAbsent}, kMissing, kNone, "gone since 2.6"},
    {"query_module", {178, kAbsent}, kMissing, kNone, "gone since 2.6"},
    {"lookup_dcookie", {212, 18}, kMissing, kNone, "gone since 6.7"},
    {"nfsservctl", {180, 42}, kMissing, kNone, "gone since 3.1"},
    {"sysfs", {139, kAbsent}, kMissing, kNone, "lists file system types; obsolete"},
    {"uselib", {134, kAbsent}, kMissing, kNone, "loads a.out libraries"},
    {"ustat", {136, kAbsent}, kMissing, kNone, "superseded by statfs"},
});

}  // namespace syscall_rows

using syscall_rows::kSyscallTable;

/// The number of a call of this table or a newer one, kAbsent where `machine` has none; nothing
/// for a name that neither list holds.
constexpr std::optional<int> listed_number(std::string_view name, Machine machine) {
  for (const SyscallRow& row : kSyscallTable) {
    if (row.name == name) return row.number.on(machine);
  }
  for (const NewerCall& call : kNewerCalls) {
    if (call.name == name) return call.number.on(machine);
  }
  return std::nullopt;
}

}  // namespace muster::sandbox
