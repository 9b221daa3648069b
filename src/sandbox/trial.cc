// SPDX-License-Identifier: Apache-2.0
#include "sandbox/trial.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "base/error.h"
#include "base/text.h"
#include "base/unique_fd.h"
#include "sandbox/mounts.h"
#include "sandbox/user_namespace.h"

namespace muster::sandbox {

namespace {

// In the process of the trial: 0 or errno. Allocates nothing.
int mount_overlay(bool user_namespace) {
  const char* const options[] = {"mode", "0700", nullptr};
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return errno;
  const int scratch = make_file_system("tmpfs", options, {.writable = true});
  const int stage = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (scratch < 0 || stage < 0 || !attach(scratch, stage) || fchdir(scratch) != 0) return errno;
  for (const char* name : {"lower", "upper", "work"}) {
    if (mkdir(name, 0700) != 0) return errno;
  }
  const char* data = "lowerdir=lower,upperdir=upper,workdir=work";
  if (user_namespace) data = "lowerdir=lower,upperdir=upper,workdir=work,userxattr";
  return mount("overlay", "lower", "overlay", 0, data) == 0 ? 0 : errno;
}

int exit_status_of(pid_t process) {
  int status = 0;
  while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
}

}  // namespace

Availability try_overlay(const HostFacts& host) {
  const bool in_user_namespace = host.user_namespaces.yes;
  const unsigned long flags = CLONE_NEWNS | SIGCHLD | (in_user_namespace ? CLONE_NEWUSER : 0);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return {false, errno, "no descriptor left", {}};
  UniqueFd go_out(ends[0]);
  UniqueFd go_in(ends[1]);
  const auto process =
      static_cast<pid_t>(syscall(SYS_clone, flags, nullptr, nullptr, nullptr, nullptr));
  if (process == 0) {
    close(go_in.get());
    char go = 0;
    if (read(go_out.get(), &go, 1) != 1) _exit(EIO);
    _exit(mount_overlay(in_user_namespace));
  }
  if (process < 0) {
    return {false, errno, concat("no mount namespace: ", errno_words(errno)), {}};
  }
  if (in_user_namespace) {
    write_id_maps(process, {1000, host.uid}, {1000, host.gid}, !host.privileged);
  }
  if (write(go_in.get(), "g", 1) != 1) kill(process, SIGKILL);
  const int error = exit_status_of(process);
  if (error == 0) return {};
  return {false, error, concat("it cannot be mounted: ", errno_words(error)),
          error == ENODEV ? "as root: modprobe overlay" : "a kernel 5.11 or newer"};
}

Availability try_idmapped_mount() {
  const UniqueFd tree(clone_tree(AT_FDCWD, "."));
  if (!tree) return {false, errno, concat("its mount cannot be copied: ", errno_words(errno)), {}};
  const UserNamespaceHolder holder;
  const UniqueFd maps = holder.with_maps({0, 1}, {0, 1});
  if (!maps) return {false, errno, concat("no user namespace: ", errno_words(errno)), {}};
  mount_attr attr{};
  attr.attr_set = MOUNT_ATTR_IDMAP;
  attr.userns_fd = static_cast<std::uint64_t>(maps.get());
  if (mount_setattr(tree.get(), "", AT_EMPTY_PATH, &attr, sizeof attr) == 0) return {};
  return {false, errno,
          concat("the file system of the working directory does not map ids: ", errno_words(errno)),
          "keep the workspace on ext4, xfs, btrfs or (kernel 6.3) tmpfs"};
}

}  // namespace muster::sandbox
