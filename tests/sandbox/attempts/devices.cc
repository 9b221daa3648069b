// SPDX-License-Identifier: Apache-2.0
// Devices of the host, and making ones that are not there.

#include <dirent.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "attempt.h"

namespace attempts {

namespace {

constexpr std::string_view kExpected[] = {".",       "..", "null",  "zero",   "full",   "random",
                                          "urandom", "fd", "stdin", "stdout", "stderr", "shm"};

int unexpected_devices(Arguments) {
  DIR* folder = opendir("/dev");
  if (folder == nullptr) return leaked("there is no /dev");
  int verdict = kHeld;
  while (const dirent* entry = readdir(folder)) {
    const std::string_view name = entry->d_name;
    if (std::find(std::begin(kExpected), std::end(kExpected), name) == std::end(kExpected)) {
      verdict = leaked("/dev/%s", entry->d_name);
    }
  }
  closedir(folder);
  return verdict == kHeld ? held("nothing but the ordinary") : verdict;
}

int none_of(std::initializer_list<const char*> paths) {
  for (const char* path : paths) {
    if (!is_absent(path)) return leaked("%s is there", path);
  }
  return held("none of %zu is there", paths.size());
}

int disks(Arguments) {
  return none_of({"/dev/vda", "/dev/vda1", "/dev/sda", "/dev/sda1", "/dev/nvme0n1", "/dev/xvda",
                  "/dev/loop0", "/dev/loop-control", "/dev/mapper", "/dev/ram0", "/dev/disk"});
}
int memory(Arguments) {
  return none_of({"/dev/mem", "/dev/kmem", "/dev/port", "/dev/kmsg", "/dev/cpu", "/dev/hpet",
                  "/dev/snapshot", "/dev/vfio", "/dev/iommu", "/dev/nvram", "/dev/hwrng"});
}
int virtual_machines(Arguments) {
  return none_of({"/dev/kvm", "/dev/vhost-net", "/dev/vhost-vsock", "/dev/vsock", "/dev/fuse",
                  "/dev/net/tun", "/dev/net", "/dev/uinput", "/dev/input", "/dev/uhid"});
}
int clocks(Arguments) { return none_of({"/dev/rtc", "/dev/rtc0", "/dev/ptp0", "/dev/pps0"}); }
int faults(Arguments) { return none_of({"/dev/userfaultfd"}); }
int terminals(Arguments) {
  return none_of({"/dev/ptmx", "/dev/pts", "/dev/tty", "/dev/console", "/dev/tty0", "/dev/tty1",
                  "/dev/ttyS0", "/dev/vcs", "/dev/vcsa", "/dev/hvc0"});
}
int log_sockets(Arguments) { return none_of({"/dev/log", "/dev/initctl", "/dev/mqueue"}); }

int made(const char* path, mode_t type, dev_t device) {
  const int verdict = refused(path, mknod(path, type | 0666, device), {EPERM, EACCES, EROFS});
  unlink(path);
  return verdict;
}

int make_memory_device(Arguments) { return made("/tmp/device", S_IFCHR, makedev(1, 1)); }
int make_disk_device(Arguments) { return made("/tmp/device", S_IFBLK, makedev(254, 0)); }
int make_in_workspace(Arguments) { return made("device", S_IFCHR, makedev(1, 5)); }
int make_in_dev(Arguments) { return made("/dev/device", S_IFCHR, makedev(1, 5)); }

// mknod(2): since Linux 5.8 everybody may make a character device 0:0, which stands for a deletion.
int use_whiteout(Arguments) {
  const char* path = "/tmp/whiteout";
  if (mknod(path, S_IFCHR | 0666, 0) != 0) return held("mknod: %s", std::strerror(errno));
  const int verdict = refused("opening it", open(path, O_RDWR | O_CLOEXEC), {EACCES, ENXIO});
  unlink(path);
  return verdict;
}

int change_null(Arguments) {
  if (is_host_root()) return leaked("root of the host can do this");
  return refused("chmod of /dev/null", chmod("/dev/null", 0666), {EROFS, EPERM});
}

int replace_null(Arguments) {
  if (is_host_root()) return leaked("root of the host can do this");
  const long result = rename("/dev/null", "/dev/zero");
  return refused("renaming /dev/null", result, {EROFS, EPERM, EACCES, EBUSY});
}

int file_in_dev(Arguments) {
  const int fd = open("/dev/file", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  if (fd >= 0) unlink("/dev/file");
  return refused("a file in /dev", fd, {EROFS, EACCES, EPERM});
}

constexpr Attempt kAttempts[] = {
    {"unexpected-devices", 33, "none", unexpected_devices},
    {"disk-devices", 33, "ENOENT", disks},
    {"memory-devices", 33, "ENOENT", memory},
    {"virtual-machine-devices", 34, "ENOENT", virtual_machines},
    {"clock-devices", 53, "ENOENT", clocks},
    {"userfaultfd-device", 47, "ENOENT", faults},
    {"terminal-devices", 35, "ENOENT", terminals},
    {"log-sockets", 60, "ENOENT", log_sockets},
    {"make-memory-device", 32, "EPERM", make_memory_device},
    {"make-disk-device", 32, "EPERM", make_disk_device},
    {"make-device-in-workspace", 32, "EPERM", make_in_workspace},
    {"make-device-in-dev", 32, "EROFS", make_in_dev},
    {"use-a-whiteout", 32, "it cannot be opened", use_whiteout},
    {"change-dev-null", 32, "EROFS", change_null},
    {"replace-dev-null", 32, "EROFS", replace_null},
    {"write-file-in-dev", 62, "EROFS", file_in_dev},
};

}  // namespace

std::span<const Attempt> device_attempts() { return kAttempts; }

}  // namespace attempts
