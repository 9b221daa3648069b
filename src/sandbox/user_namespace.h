// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "base/unique_fd.h"

namespace muster::sandbox {

/// One id of a user namespace and what it is outside.
struct IdMapping {
  std::uint32_t inside = 0;
  std::uint32_t outside = 0;
  bool operator==(const IdMapping&) const = default;
};

/// Writes the one-line id maps of `process`. `deny_setgroups`: needed without CAP_SETGID above
/// (user_namespaces(7)). 0 or errno.
int write_id_maps(pid_t process, IdMapping uid, IdMapping gid, bool deny_setgroups);

/// Makes a user namespace that no program lives in, by a process in this one's memory that ends
/// with this object. For trying, and for the id maps of mounts (mount_setattr(2),
/// MOUNT_ATTR_IDMAP).
class UserNamespaceHolder {
 public:
  UserNamespaceHolder();
  UserNamespaceHolder(const UserNamespaceHolder&) = delete;
  UserNamespaceHolder& operator=(const UserNamespaceHolder&) = delete;
  ~UserNamespaceHolder();

  /// Why it could not be made; 0: it was.
  int error_number() const { return error_number_; }

  /// A descriptor of the namespace after giving it these maps; needs the right to map both. Owns
  /// nothing, with errno set, where that fails.
  UniqueFd with_maps(IdMapping uid, IdMapping gid) const;

 private:
  pid_t start();

  [[maybe_unused]] alignas(64) std::array<char, 8192> stack_{};  ///< of the process
  pid_t parent_ = getpid();
  int error_number_ = 0;
  pid_t process_;
};

/// The user namespaces that this process has made for the id maps of mounts; making one takes
/// a process. May be used by several threads.
class IdMaps {
 public:
  /// A namespace with these maps, made where there is none yet. Owns nothing, with errno set, where
  /// that fails.
  std::shared_ptr<const UniqueFd> with(IdMapping uid, IdMapping gid);

 private:
  struct Known {
    IdMapping uid;
    IdMapping gid;
    std::shared_ptr<const UniqueFd> holder;
  };
  std::mutex mutex_;
  std::vector<Known> known_;
};

}  // namespace muster::sandbox
