// SPDX-License-Identifier: Apache-2.0
// What /proc, /sys and the pseudo file systems tell about the host or let a task do to it.

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "attempt.h"

namespace attempts {

namespace {

// Held when the file is not there, not to be opened, or empty.
template <const char* kPath>
int told(Arguments) {
  const int fd = open(kPath, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return held("%s: %s", kPath, std::strerror(errno));
  char bytes[64];
  const ssize_t size = read(fd, bytes, sizeof bytes);
  const int error = errno;
  close(fd);
  if (size < 0) return held("reading %s: %s", kPath, std::strerror(error));
  return size == 0 ? held("%s is empty", kPath) : leaked("%s has something to tell", kPath);
}

template <const char* kPath>
int listed(Arguments) {
  DIR* folder = opendir(kPath);
  if (folder == nullptr) return held("%s: %s", kPath, std::strerror(errno));
  const dirent* entry = readdir(folder);
  while (entry != nullptr && entry->d_name[0] == '.') entry = readdir(folder);
  const int verdict =
      entry == nullptr ? held("%s is empty", kPath) : leaked("%s/%s", kPath, entry->d_name);
  closedir(folder);
  return verdict;
}

template <const char* kPath>
int found(Arguments) {
  return is_absent(kPath) ? held("there is no %s", kPath) : leaked("there is %s", kPath);
}

constexpr char kKcore[] = "/proc/kcore";
constexpr char kKmsg[] = "/proc/kmsg";
constexpr char kKallsyms[] = "/proc/kallsyms";
constexpr char kKeys[] = "/proc/keys";
constexpr char kKeyUsers[] = "/proc/key-users";
constexpr char kTimers[] = "/proc/timer_list";
constexpr char kIomem[] = "/proc/iomem";
constexpr char kIoports[] = "/proc/ioports";
constexpr char kSlabs[] = "/proc/slabinfo";
constexpr char kVmalloc[] = "/proc/vmallocinfo";
constexpr char kPageCount[] = "/proc/kpagecount";
constexpr char kPageFlags[] = "/proc/kpageflags";
constexpr char kInterrupts[] = "/proc/interrupts";
constexpr char kSchedDebug[] = "/proc/sched_debug";
constexpr char kConfig[] = "/proc/config.gz";
constexpr char kAcpi[] = "/proc/acpi";
constexpr char kScsi[] = "/proc/scsi";
constexpr char kIrq[] = "/proc/irq";
constexpr char kBus[] = "/proc/bus";
constexpr char kProcFs[] = "/proc/fs";
constexpr char kDriver[] = "/proc/driver";
constexpr char kPressure[] = "/proc/pressure";
constexpr char kSys[] = "/sys/kernel";
constexpr char kFirmware[] = "/sys/firmware/acpi/tables";
constexpr char kKsm[] = "/sys/kernel/mm/ksm/run";
constexpr char kCgroup[] = "/sys/fs/cgroup";
constexpr char kDebug[] = "/sys/kernel/debug";
constexpr char kTracing[] = "/sys/kernel/tracing";
constexpr char kSecurity[] = "/sys/kernel/security";
constexpr char kSysBpf[] = "/sys/fs/bpf";

// The fields of /proc/self/mountinfo end with the type behind " - ".
int mounted(Arguments) {
  constexpr const char* kTypes[] = {"cgroup",  "cgroup2",  "sysfs",      "debugfs", "securityfs",
                                    "tracefs", "bpf",      "devtmpfs",   "fusectl", "configfs",
                                    "pstore",  "efivarfs", "binfmt_misc"};
  std::FILE* file = std::fopen("/proc/self/mountinfo", "re");
  if (file == nullptr) return cannot_try("no mountinfo");
  char line[8192];
  int verdict = kHeld;
  while (std::fgets(line, sizeof line, file) != nullptr) {
    const char* dash = std::strstr(line, " - ");
    char type[64] = "";
    if (dash == nullptr || std::sscanf(dash + 3, "%63s", type) != 1) continue;
    // A single device is bound as a file of the host's devtmpfs; its root is not "/".
    char root[64] = "";
    (void)std::sscanf(line, "%*s %*s %*s %63s", root);
    if (std::strcmp(type, "devtmpfs") == 0 && std::strcmp(root, "/") != 0) continue;
    for (const char* bad : kTypes) {
      if (std::strcmp(type, bad) == 0) verdict = leaked("a %s is mounted", type);
    }
  }
  (void)std::fclose(file);
  return verdict == kHeld ? held("no such file system is mounted") : verdict;
}

int count_lines(const char* path) {
  std::FILE* file = std::fopen(path, "re");
  if (file == nullptr) return 0;
  char line[8192];
  int count = 0;
  while (std::fgets(line, sizeof line, file) != nullptr) ++count;
  (void)std::fclose(file);
  return count;
}

int connections(Arguments) {
  for (const char* path : {"/proc/net/tcp", "/proc/net/tcp6", "/proc/net/udp", "/proc/net/unix",
                           "/proc/net/arp", "/proc/net/route"}) {
    if (count_lines(path) > 1) return leaked("%s lists what is not ours", path);
  }
  return held("no connection and no route");
}

int replace_mask(Arguments) {
  if (is_host_root()) return leaked("root of the host can do this");
  return refused("unlinking a mask", unlink("/proc/kcore"), {EPERM, EACCES, EROFS, EBUSY, ENOENT});
}

constexpr Attempt kAttempts[] = {
    {"read-kcore", 43, "masked", told<kKcore>},
    {"read-kmsg", 43, "masked", told<kKmsg>},
    {"read-kallsyms", 43, "masked", told<kKallsyms>},
    {"read-keys", 43, "masked", told<kKeys>},
    {"read-key-users", 43, "masked", told<kKeyUsers>},
    {"read-timers", 43, "masked", told<kTimers>},
    {"read-iomem", 43, "masked", told<kIomem>},
    {"read-ioports", 43, "masked", told<kIoports>},
    {"read-slabs", 43, "masked", told<kSlabs>},
    {"read-vmalloc", 43, "masked", told<kVmalloc>},
    {"read-page-counts", 43, "masked", told<kPageCount>},
    {"read-page-flags", 43, "masked", told<kPageFlags>},
    {"read-interrupts", 43, "masked", told<kInterrupts>},
    {"read-scheduler-details", 43, "masked", told<kSchedDebug>},
    {"read-kernel-configuration", 43, "masked", told<kConfig>},
    {"list-proc-acpi", 43, "empty", listed<kAcpi>},
    {"list-proc-scsi", 43, "empty", listed<kScsi>},
    {"list-proc-irq", 43, "empty", listed<kIrq>},
    {"list-proc-bus", 43, "empty", listed<kBus>},
    {"list-proc-fs", 43, "empty", listed<kProcFs>},
    {"list-proc-driver", 43, "empty", listed<kDriver>},
    {"list-proc-pressure", 43, "empty", listed<kPressure>},
    {"replace-a-mask", 43, "EPERM", replace_mask},
    {"see-sys", 41, "ENOENT", found<kSys>},
    {"see-firmware", 42, "ENOENT", found<kFirmware>},
    {"start-memory-merging", 41, "ENOENT", found<kKsm>},
    {"see-cgroups", 40, "ENOENT", found<kCgroup>},
    {"see-debugfs", 41, "ENOENT", found<kDebug>},
    {"see-tracefs", 41, "ENOENT", found<kTracing>},
    {"see-securityfs", 41, "ENOENT", found<kSecurity>},
    {"see-bpf-file-system", 46, "ENOENT", found<kSysBpf>},
    {"find-kernel-file-systems", 40, "none is mounted", mounted},
    {"see-connections-of-the-host", 57, "none", connections},
};

}  // namespace

std::span<const Attempt> kernel_file_attempts() { return kAttempts; }

}  // namespace attempts
