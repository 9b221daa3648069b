// SPDX-License-Identifier: Apache-2.0
#include "sandbox/apply_mounts.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>

namespace muster::sandbox {

namespace {

// The new root is put together on top of the old /proc: a folder that every host has, below which
// no plan binds anything, and whose cover goes with the old root.
constexpr const char* kStage = "/proc";

constexpr unsigned kMemoryMajor = 1;

struct KnownDevice {
  const char* path;
  unsigned minor;
};
constexpr KnownDevice kKnownDevices[] = {
    {"/dev/null", 3}, {"/dev/zero", 5}, {"/dev/full", 7}, {"/dev/random", 8}, {"/dev/urandom", 9}};

bool close_and(bool result, int descriptor) {
  const int error = errno;
  close(descriptor);
  errno = error;
  return result;
}

bool fail(int error) {
  errno = error;
  return false;
}

// What stands under a well-known name must be what the name promises.
bool is_what_it_is_called(int device, const char* path) {
  struct stat about{};
  if (fstat(device, &about) != 0) return false;
  for (const KnownDevice& known : kKnownDevices) {
    if (std::strcmp(known.path, path) != 0) continue;
    return S_ISCHR(about.st_mode) && about.st_rdev == makedev(kMemoryMajor, known.minor)
               ? true
               : fail(ENODEV);
  }
  return true;
}

// A number as text in a buffer of its own; std::to_string would allocate.
class NumberText {
 public:
  explicit NumberText(std::uint64_t number) {
    std::snprintf(text_.data(), text_.size(), "%llu", static_cast<unsigned long long>(number));
  }
  const char* get() const { return text_.data(); }

 private:
  std::array<char, 24> text_{};
};

int make_sized_tmpfs(const Step& step, const char* mode) {
  const NumberText size(step.size);
  const NumberText inodes(step.inodes);
  std::array<const char*, 7> options{"mode", mode, nullptr};
  std::size_t next = 2;
  const auto add = [&](const char* key, const NumberText& value, bool wanted) {
    if (!wanted) return;
    options.at(next++) = key;
    options.at(next++) = value.get();
  };
  add("size", size, step.size != 0);
  add("nr_inodes", inodes, step.inodes != 0);
  options.at(next) = nullptr;
  return make_file_system("tmpfs", options.data(), {.writable = true});
}

}  // namespace

bool MountWalk::take(const Step& step, int tree) {
  switch (step.action) {
    case Action::kPrivate:
      return mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
    case Action::kScratch:
      return make_scratch(step);
    case Action::kRoot:
      return make_root();
    case Action::kFolder:
      return make_folder(step);
    case Action::kLink:
      return make_link(step);
    case Action::kFile:
      return make_file(step);
    case Action::kBind:
      return bind(step, tree);
    case Action::kFromScratch:
      return open_scratch_folder(step);
    case Action::kTmpfs:
      return make_tmpfs(step);
    case Action::kOverlay:
      return overlay(step, tree);
    case Action::kProc:
      return mount_proc(step);
    case Action::kDevice:
      return bind_device(step);
    case Action::kTerminals:
      return mount_terminals(step);
    case Action::kMask:
      return mask(step);
    case Action::kProtect:
      return protect(step);
    case Action::kPivot:
      return pivot();
    default:
      return fail(ENOSYS);
  }
}

// In a user namespace what the init makes is the command's already.
bool MountWalk::give_to_command(int folder, const char* name) const {
  const Identity& identity = entrance_.plan->identity;
  if (identity.user_namespace) return true;
  return fchownat(folder, name, identity.outside, identity.outside_gid,
                  *name == 0 ? AT_EMPTY_PATH : AT_SYMLINK_NOFOLLOW) == 0;
}

bool MountWalk::make_scratch(const Step& step) {
  scratch_ = make_sized_tmpfs(step, "0755");
  if (scratch_ < 0) return false;
  ours_.add(device_of(scratch_));
  const int stage = open(kStage, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (stage < 0) return false;
  return close_and(attach(scratch_, stage), stage);
}

bool MountWalk::make_root() {
  const char* const options[] = {"mode", "0755", "size", "4m", "nr_inodes", "4096", nullptr};
  root_ = make_file_system("tmpfs", options, {.writable = true, .executable = false});
  if (root_ < 0 || mkdirat(scratch_, "root", 0755) != 0) return false;
  ours_.add(device_of(root_));
  const int point = openat(scratch_, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
  return point >= 0 && close_and(attach(root_, point), point);
}

// Steps stand by target, so the folder of the one before is open already for most of them. What is
// mounted on a folder comes before what lies below it: an open folder is never covered later on.
bool MountWalk::open_parent(const char* path) {
  const char* slash = std::strrchr(path, '/');
  if (slash == nullptr || slash - path >= PATH_MAX) return fail(ENAMETOOLONG);
  const auto size = static_cast<std::size_t>(slash - path);
  name_ = slash + 1;
  if (parent_ >= 0 && std::strncmp(parent_path_, path, size) == 0 && parent_path_[size] == 0) {
    return true;
  }
  if (parent_ >= 0) close(parent_);
  std::memcpy(parent_path_, path, size);
  parent_path_[size] = 0;
  parent_ = make_inside(root_, size == 0 ? "/" : parent_path_, true, ours_);
  return parent_ >= 0;
}

bool MountWalk::make_folder(const Step& step) {
  return open_parent(step.target.c_str()) && mkdirat(parent_, name_, 0755) == 0;
}

bool MountWalk::make_link(const Step& step) {
  return open_parent(step.target.c_str()) && symlinkat(step.source.c_str(), parent_, name_) == 0;
}

bool MountWalk::make_file(const Step& step) {
  if (!open_parent(step.target.c_str())) return false;
  const int file =
      openat(parent_, name_, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, step.mode);
  if (file < 0) return false;
  const ssize_t size = write(file, step.text.data(), step.text.size());
  return close_and(size == static_cast<ssize_t>(step.text.size()), file);
}

// The place of a mount, made where it is missing and the folder above is of our making.
int MountWalk::open_target(const Step& step, bool folder) {
  const char* path = step.target.c_str();
  if (step.target == "/") return open_inside(root_, path);
  if (!open_parent(path)) return -1;
  if (!ours_.holds(device_of(parent_))) return open_inside(root_, path);
  if (folder && mkdirat(parent_, name_, 0755) == 0) {
    return openat(parent_, name_, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  }
  if (!folder) {
    const int made =
        openat(parent_, name_, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, 0644);
    if (made >= 0) return made;
  }
  return errno == EEXIST ? open_inside(root_, path) : -1;
}

// Puts a tree to its target.
bool MountWalk::place(int tree, const Step& step) {
  struct stat about{};
  if (fstat(tree, &about) != 0) return close_and(false, tree);
  const int target = open_target(step, S_ISDIR(about.st_mode));
  if (target < 0) return close_and(false, tree);
  const bool attached = close_and(attach(tree, target), target);
  if (attached && step.target == "/") {
    root_ = tree;
    return true;
  }
  return close_and(attached, tree);
}

// Between planning and now somebody may have put something else there.
int MountWalk::open_tree_of(const Step& step) {
  if (step.inode == 0) return clone_tree(AT_FDCWD, step.source.c_str());
  const int source = open_source(step.source.c_str(), step.exact);
  if (source < 0) return -1;
  struct stat about{};
  if (fstat(source, &about) != 0 || about.st_ino != step.inode || about.st_dev != step.device) {
    close_and(fail(ESTALE), source);
    return -1;
  }
  const int tree = clone_tree(source, "");
  close_and(true, source);
  return tree;
}

bool MountWalk::bind(const Step& step, int tree) {
  if (tree < 0) {
    tree = open_tree_of(step);
    if (tree < 0) return step.may_be_missing && (errno == ENOENT || errno == EACCES);
    if (!restrict_tree(tree, {.writable = step.writable, .executable = step.executable})) {
      return close_and(false, tree);
    }
  }
  return place(tree, step);
}

bool MountWalk::bind_device(const Step& step) {
  const int tree = clone_tree(AT_FDCWD, step.source.c_str());
  if (tree < 0) return false;
  const MountFlags flags{.writable = true, .executable = false, .devices = true};
  if (!is_what_it_is_called(tree, step.source.c_str()) || !restrict_tree(tree, flags)) {
    return close_and(false, tree);
  }
  return place(tree, step);
}

bool MountWalk::open_scratch_folder(const Step& step) {
  std::array<char, 32> name{};
  std::snprintf(name.data(), name.size(), "folder-%u", folders_++);
  if (mkdirat(scratch_, name.data(), step.mode) != 0) return false;
  if (!give_to_command(scratch_, name.data())) return false;
  const int tree = clone_tree(scratch_, name.data());
  return tree >= 0 && place(tree, step);
}

bool MountWalk::make_tmpfs(const Step& step) {
  const int tree = make_sized_tmpfs(step, "0755");
  if (tree < 0) return false;
  ours_.add(device_of(tree));
  if (!give_to_command(tree, "")) return close_and(false, tree);
  return place(tree, step);
}

bool MountWalk::hand_over_upper() const {
  const int upper = openat(scratch_, "upper", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (upper < 0) return false;
  char nothing = 0;
  iovec piece{&nothing, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(header), &upper, sizeof upper);
  const bool sent = sendmsg(entrance_.upper_channel, &message, MSG_NOSIGNAL) == 1;
  return close_and(sent, upper);
}

// Relative names in the options are looked up from the working directory, so that no path of the
// host has to be escaped into them.
bool MountWalk::overlay(const Step& step, int tree) {
  if (tree < 0) tree = open_tree_of(step);
  struct stat about{};
  if (tree < 0 || fstat(tree, &about) != 0) return false;
  if (!restrict_tree(tree, {})) return close_and(false, tree);
  if (mkdirat(scratch_, "lower", 0700) != 0 || mkdirat(scratch_, "work", 0700) != 0 ||
      mkdirat(scratch_, "upper", about.st_mode & 07777) != 0 ||
      !give_to_command(scratch_, "upper")) {
    return close_and(false, tree);
  }
  const int lower = openat(scratch_, "lower", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (lower < 0 || !close_and(attach(tree, lower), lower)) return close_and(false, tree);
  close(tree);
  if (fchdir(scratch_) != 0 || !hand_over_upper()) return false;
  const int context = fsopen("overlay", FSOPEN_CLOEXEC);
  if (context < 0) return false;
  const auto set = [&](const char* key, const char* value) {
    return fsconfig(context, FSCONFIG_SET_STRING, key, value, 0) == 0;
  };
  // In a user namespace only user.* attributes may be written, and the kernel takes userxattr to
  // mean that the other features are off (overlayfs documentation); named beside it they are
  // EINVAL.
  const bool options =
      entrance_.plan->identity.user_namespace
          ? fsconfig(context, FSCONFIG_SET_FLAG, "userxattr", nullptr, 0) == 0
          : set("metacopy", "off") && set("redirect_dir", "off") && set("index", "off");
  const bool configured = set("lowerdir", "lower") && set("upperdir", "upper") &&
                          set("workdir", "work") && options &&
                          fsconfig(context, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) == 0;
  if (!configured) return close_and(false, context);
  const int merged = fsmount(context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
  if (!close_and(merged >= 0, context)) return false;
  return place(merged, step);
}

bool MountWalk::mount_proc(const Step& step) {
  const char* const options[] = {nullptr};
  const int tree = make_file_system("proc", options, {.writable = true, .executable = false});
  return tree >= 0 && place(tree, step);
}

bool MountWalk::mount_terminals(const Step& step) {
  const char* const options[] = {"mode", "0620", "ptmxmode", "0666", nullptr};
  const int tree =
      make_file_system("devpts", options, {.writable = true, .executable = false, .devices = true});
  return tree >= 0 && place(tree, step);
}

// The mounts that hide things are copies of one that is restricted already.
bool MountWalk::prepare_masks() {
  null_ = open_inside(root_, "/dev/null");
  if (null_ < 0 || !is_what_it_is_called(null_, "/dev/null")) return false;
  if (mkdirat(scratch_, "nothing", 0555) != 0) return false;
  nothing_ = openat(scratch_, "nothing", O_PATH | O_DIRECTORY | O_CLOEXEC);
  const int tree = nothing_ < 0 ? -1 : clone_tree(nothing_, "");
  if (tree < 0 || !restrict_tree(tree, {.executable = false})) return false;
  if (!attach(tree, nothing_)) return close_and(false, tree);
  close(nothing_);
  nothing_ = tree;
  return true;
}

bool MountWalk::mask(const Step& step) {
  const int target = open_inside(root_, step.target.c_str());
  if (target < 0) return errno == ENOENT;
  if (null_ < 0 && !prepare_masks()) return close_and(false, target);
  int tree = clone_tree(step.is_folder ? nothing_ : null_, "");
  bool masked = tree >= 0 && attach(tree, target);
  if (!masked && errno == ENOTDIR) {  // a kernel that has the other kind of thing there
    close(tree);
    tree = clone_tree(step.is_folder ? null_ : nothing_, "");
    masked = tree >= 0 && attach(tree, target);
  }
  return close_and(tree < 0 ? masked : close_and(masked, tree), target);
}

bool MountWalk::protect(const Step& step) {
  if (step.target == "/") {
    mount_attr attr{};
    attr.attr_set = MOUNT_ATTR_RDONLY;
    return mount_setattr(root_, "", AT_EMPTY_PATH, &attr, sizeof attr) == 0;
  }
  const int target = open_inside(root_, step.target.c_str());
  if (target < 0) return errno == ENOENT;
  const int tree = clone_tree(target, "");
  if (tree < 0) return close_and(false, target);
  const bool done = restrict_tree(tree, {.executable = false}) && attach(tree, target);
  return close_and(close_and(done, tree), target);
}

// pivot_root(2), "pivot_root(".", ".")": the old root ends up on top of the new one and is taken
// off.
bool MountWalk::pivot() const {
  if (fchdir(root_) != 0 || syscall(SYS_pivot_root, ".", ".") != 0) return false;
  if (umount2(".", MNT_DETACH) != 0 || chdir("/") != 0) return false;
  for (const int descriptor : {root_, scratch_, parent_, null_, nothing_}) {
    if (descriptor >= 0) close(descriptor);
  }
  // Outside of the root the kernel's answer would start with "(unreachable)" (getcwd(2)).
  std::array<char, PATH_MAX> where{};
  return syscall(SYS_getcwd, where.data(), where.size()) > 0 && where[0] == '/' ? true
                                                                                : fail(EXDEV);
}

}  // namespace muster::sandbox
