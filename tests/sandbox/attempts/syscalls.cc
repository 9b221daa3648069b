// SPDX-License-Identifier: Apache-2.0
// System calls that no task needs. Arguments are chosen so that a call which is let through fails
// for another reason, or only reads.

#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>

#include "attempt.h"

namespace attempts {

namespace {

constexpr long kNoDescriptor = -1;

int perf(Arguments) {
  perf_event_attr attributes{};
  attributes.size = sizeof attributes;
  attributes.type = PERF_TYPE_SOFTWARE;
  attributes.config = PERF_COUNT_SW_CPU_CLOCK;
  attributes.exclude_kernel = 1;
  const long result = syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0);
  return refused("perf_event_open", result, {EPERM, EACCES});
}

int bpf_map(Arguments) {
  bpf_attr attributes{};
  attributes.map_type = BPF_MAP_TYPE_ARRAY;
  const long result = syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof attributes);
  return refused("bpf", result, {EPERM});
}

int set_time(Arguments) {
  // The privilege is asked for before the time zone is looked at, which is out of range.
  const struct timezone zone{100000, 0};
  return refused("settimeofday", syscall(SYS_settimeofday, nullptr, &zone), {EPERM});
}

int set_clock(Arguments) {
  if (is_host_root()) return leaked("root of the host can do this");
  timespec time{};
  clock_gettime(CLOCK_REALTIME, &time);
  return refused("clock_settime", clock_settime(CLOCK_REALTIME, &time), {EPERM});
}

int adjust_clock(Arguments) {
  timex value{};
  return refused("adjtimex", syscall(SYS_adjtimex, &value), {EPERM});
}

int adjust_clock_by_id(Arguments) {
  timex value{};
  return refused("clock_adjtime", syscall(SYS_clock_adjtime, CLOCK_REALTIME, &value), {EPERM});
}

int load_module(Arguments) {
  return refused("init_module", syscall(SYS_init_module, nullptr, 0, ""), {EPERM});
}
int load_module_file(Arguments) {
  return refused("finit_module", syscall(SYS_finit_module, kNoDescriptor, "", 0), {EPERM});
}
int remove_module(Arguments) {
  return refused("delete_module", syscall(SYS_delete_module, nullptr, O_NONBLOCK), {EPERM});
}
int boot_again(Arguments) {
  // Magic numbers that are none: never more than EINVAL.
  return refused("reboot", syscall(SYS_reboot, 0, 0, 0, nullptr), {EPERM});
}
int boot_another_kernel(Arguments) {
  return refused("kexec_load", syscall(SYS_kexec_load, 0, 0, nullptr, ~0UL), {EPERM});
}
int boot_another_file(Arguments) {
  const long result = syscall(SYS_kexec_file_load, kNoDescriptor, kNoDescriptor, 0, nullptr, ~0UL);
  return refused("kexec_file_load", result, {EPERM});
}
int swap_on(Arguments) { return refused("swapon", syscall(SYS_swapon, "/nowhere", 0), {EPERM}); }
int swap_off(Arguments) { return refused("swapoff", syscall(SYS_swapoff, "/nowhere"), {EPERM}); }
int account(Arguments) { return refused("acct", syscall(SYS_acct, "/nowhere"), {EPERM}); }
int quotas(Arguments) {
  return refused("quotactl", syscall(SYS_quotactl, 0x80000700, "/dev/null", 0, nullptr), {EPERM});
}
int quotas_by_descriptor(Arguments) {
  const long result = syscall(SYS_quotactl_fd, kNoDescriptor, 0x80000700, 0, nullptr);
  return refused("quotactl_fd", result, {EPERM, ENOSYS});
}
int kernel_log(Arguments) {
  // 10 asks for the size of the buffer alone.
  return refused("syslog", syscall(SYS_syslog, 10, nullptr, 0), {EPERM});
}
int key_ring(Arguments) {
  return refused("keyctl", syscall(SYS_keyctl, 0, -3, 0), {EPERM, ENOSYS});
}
int add_key(Arguments) {
  return refused("add_key", syscall(SYS_add_key, "user", "", nullptr, 0, -3), {EPERM, ENOSYS});
}
int request_key(Arguments) {
  const long result = syscall(SYS_request_key, "user", "muster-none", nullptr, 0);
  return refused("request_key", result, {EPERM, ENOSYS});
}
int fault_handling(Arguments) {
  return refused("userfaultfd", syscall(SYS_userfaultfd, O_CLOEXEC), {EPERM, ENOSYS});
}
int user_fault_handling(Arguments) {
  return refused("userfaultfd", syscall(SYS_userfaultfd, O_CLOEXEC | 1), {EPERM, ENOSYS});
}
int io_ring(Arguments) {
  unsigned char parameters[256] = {};
  return refused("io_uring_setup", syscall(SYS_io_uring_setup, 1, parameters), {ENOSYS});
}
int io_ring_enter(Arguments) {
  const long result = syscall(SYS_io_uring_enter, kNoDescriptor, 0, 0, 0, nullptr, 0);
  return refused("io_uring_enter", result, {ENOSYS});
}
int io_ring_register(Arguments) {
  const long result = syscall(SYS_io_uring_register, kNoDescriptor, 0, nullptr, 0);
  return refused("io_uring_register", result, {ENOSYS});
}
int watch_everything(Arguments) {
  return refused("fanotify_init", syscall(SYS_fanotify_init, 0x200, O_RDONLY), {EPERM});
}
int splice_pages(Arguments) {
  return refused("vmsplice", syscall(SYS_vmsplice, kNoDescriptor, nullptr, 0, 0), {EPERM});
}
int move_pages(Arguments) {
  const long result = syscall(SYS_move_pages, 0, 0, nullptr, nullptr, nullptr, 0);
  return refused("move_pages", result, {EPERM, ENOSYS});
}
int migrate_pages(Arguments) {
  const long result = syscall(SYS_migrate_pages, 0, 0, nullptr, nullptr);
  return refused("migrate_pages", result, {EPERM, ENOSYS});
}
int bind_memory(Arguments) {
  const long result = syscall(SYS_mbind, nullptr, 0, 0, nullptr, 0, 0);
  return refused("mbind", result, {EPERM, ENOSYS});
}
int memory_policy(Arguments) {
  return refused("set_mempolicy", syscall(SYS_set_mempolicy, 0, nullptr, 0), {EPERM, ENOSYS});
}
int secret_memory(Arguments) {
  return refused("memfd_secret", syscall(SYS_memfd_secret, O_CLOEXEC), {EPERM, ENOSYS});
}
int cookies(Arguments) {
#ifdef SYS_lookup_dcookie
  return refused("lookup_dcookie", syscall(SYS_lookup_dcookie, 0, nullptr, 0), {EPERM, ENOSYS});
#else
  return cannot_try("this architecture never had lookup_dcookie");
#endif
}
int unknown(Arguments) {
  for (long number = 480; number < 600; ++number) {
    errno = 0;
    if (syscall(number, -1, -1, -1, -1, -1, -1) != -1 || errno != ENOSYS) {
      return leaked("system call %ld: %s", number, std::strerror(errno));
    }
  }
  return held("no number from 480 to 599 is known");
}

constexpr Attempt kAttempts[] = {
    {"open-performance-counter", 48, "EPERM", perf},
    {"load-bpf", 46, "EPERM", bpf_map},
    {"set-time", 53, "EPERM", set_time},
    {"set-clock", 53, "EPERM", set_clock},
    {"adjust-clock", 53, "EPERM", adjust_clock},
    {"adjust-clock-by-id", 53, "EPERM", adjust_clock_by_id},
    {"load-module", 54, "EPERM", load_module},
    {"load-module-file", 54, "EPERM", load_module_file},
    {"remove-module", 54, "EPERM", remove_module},
    {"reboot", 54, "EPERM", boot_again},
    {"kexec", 54, "EPERM", boot_another_kernel},
    {"kexec-file", 54, "EPERM", boot_another_file},
    {"swap-on", 54, "EPERM", swap_on},
    {"swap-off", 54, "EPERM", swap_off},
    {"process-accounting", 54, "EPERM", account},
    {"quotas", 54, "EPERM", quotas},
    {"quotas-by-descriptor", 54, "EPERM", quotas_by_descriptor},
    {"kernel-log", 44, "EPERM", kernel_log},
    {"key-ring", 45, "EPERM", key_ring},
    {"add-key", 45, "EPERM", add_key},
    {"request-key", 45, "EPERM", request_key},
    {"handle-faults", 47, "EPERM", fault_handling},
    {"handle-faults-of-user-mode", 47, "EPERM", user_fault_handling},
    {"io-uring", 49, "ENOSYS", io_ring},
    {"io-uring-enter", 49, "ENOSYS", io_ring_enter},
    {"io-uring-register", 49, "ENOSYS", io_ring_register},
    {"watch-everything", 0, "EPERM", watch_everything},
    {"vmsplice", 52, "EPERM", splice_pages},
    {"move-pages", 52, "EPERM", move_pages},
    {"migrate-pages", 52, "EPERM", migrate_pages},
    {"bind-memory-to-node", 52, "EPERM", bind_memory},
    {"memory-policy", 52, "EPERM", memory_policy},
    {"secret-memory", 52, "EPERM", secret_memory},
    {"lookup-dcookie", 52, "EPERM or ENOSYS", cookies},
    {"unknown-system-calls", 0, "ENOSYS", unknown},
};

}  // namespace

std::span<const Attempt> syscall_attempts() { return kAttempts; }

}  // namespace attempts
