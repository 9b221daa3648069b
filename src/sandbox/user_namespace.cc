// SPDX-License-Identifier: Apache-2.0
#include "sandbox/user_namespace.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <string>
#include <utility>

#include "base/text.h"
#include "exec/process/sanitized.h"
#include "sandbox/text_file.h"

namespace muster::sandbox {

namespace {

// Holds the namespace open until it is killed, and no longer than muster lives. In the memory of
// muster, errno included, so nothing here may fail; all signals are blocked.
int wait_for_the_end(void* argument) {
  const pid_t parent = *static_cast<const pid_t*>(argument);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(0);
  for (;;) ppoll(nullptr, 0, nullptr, nullptr);
}

}  // namespace

int write_id_maps(pid_t process, IdMapping uid, IdMapping gid, bool deny_setgroups) {
  const std::string folder = concat("/proc/", process, '/');
  if (deny_setgroups) {
    if (const int error = write_text_file(folder + "setgroups", "deny")) return error;
  }
  const auto line = [](IdMapping map) { return concat(map.inside, ' ', map.outside, " 1\n"); };
  if (const int error = write_text_file(folder + "uid_map", line(uid))) return error;
  return write_text_file(folder + "gid_map", line(gid));
}

UserNamespaceHolder::UserNamespaceHolder() : process_(start()) {}

pid_t UserNamespaceHolder::start() {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
#if MUSTER_SANITIZED
  const auto process = static_cast<pid_t>(
      syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, nullptr, nullptr, nullptr, nullptr));
  if (process == 0) wait_for_the_end(&parent_);
#else
  // A copy of muster's memory would cost more than all the rest, and once more for every page that
  // is written to afterwards.
  const pid_t process = clone(wait_for_the_end, stack_.data() + stack_.size(),
                              CLONE_VM | CLONE_NEWUSER | SIGCHLD, &parent_);
#endif
  if (process < 0) error_number_ = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return process;
}

UserNamespaceHolder::~UserNamespaceHolder() {
  if (process_ <= 0) return;
  kill(process_, SIGKILL);
  while (waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

UniqueFd UserNamespaceHolder::with_maps(IdMapping uid, IdMapping gid) const {
  if (process_ <= 0) {
    errno = error_number_;
    return {};
  }
  if (const int error = write_id_maps(process_, uid, gid, false)) {
    errno = error;
    return {};
  }
  const std::string path = concat("/proc/", process_, "/ns/user");
  return UniqueFd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
}

std::shared_ptr<const UniqueFd> IdMaps::with(IdMapping uid, IdMapping gid) {
  constexpr std::size_t kMost = 256;
  const std::scoped_lock lock(mutex_);
  const auto found = std::find_if(known_.begin(), known_.end(), [&](const Known& each) {
    return each.uid == uid && each.gid == gid;
  });
  if (found != known_.end()) return found->holder;
  UniqueFd made = UserNamespaceHolder().with_maps(uid, gid);
  if (!made) return nullptr;
  // Who still works with what goes has a share in it.
  if (known_.size() == kMost) known_.erase(known_.begin());
  return known_.emplace_back(uid, gid, std::make_shared<const UniqueFd>(std::move(made))).holder;
}

}  // namespace muster::sandbox
