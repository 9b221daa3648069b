// SPDX-License-Identifier: Apache-2.0
#include "sandbox/facts.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include "base/error.h"
#include "base/text.h"
#include "base/unique_fd.h"
#include "sandbox/mounts.h"
#include "sandbox/text_file.h"
#include "sandbox/user_namespace.h"

namespace muster::sandbox {

namespace {

// Where programs live. On a merged-usr system all but the first are links; NixOS and Guix keep
// programs in stores of their own, which are as readable to everybody as /usr.
constexpr std::array<std::string_view, 9> kSystem{
    "/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32", "/libx32", "/nix/store", "/gnu/store"};

// What of /etc programs need to start, to link and to talk TLS; none of it is secret or names a
// user. Every entry costs a start some microseconds.
constexpr std::array<std::string_view, 15> kEtc{
    "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d",    "/etc/alternatives",
    "/etc/ssl",         "/etc/pki",        "/etc/crypto-policies", "/etc/localtime",
    "/etc/timezone",    "/etc/mime.types", "/etc/services",        "/etc/protocols",
    "/etc/fonts",       "/etc/os-release", "/etc/static"};

// Interpreters keep their settings in folders with a version in their name.
constexpr std::array<std::string_view, 3> kEtcPrefixes{"python", "java", "perl"};

bool has_capabilities(std::initializer_list<int> wanted) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> data{};
  if (syscall(SYS_capget, &header, data.data()) != 0) return false;
  return std::all_of(wanted.begin(), wanted.end(), [&](int capability) {
    const auto index = static_cast<std::size_t>(capability) / 32;
    return (data.at(index).effective >> (capability % 32) & 1U) != 0;
  });
}

struct IdMap {
  std::vector<IdRange> inside;
  bool zero_is_zero = false;  ///< id 0 is id 0 of the namespace above as well
};

IdMap read_id_map(const char* path) {
  IdMap map;
  const std::string text = read_text_file(path);
  for (const std::string_view line : split(text, '\n')) {
    std::array<std::uint64_t, 3> numbers{};
    std::size_t count = 0;
    for (const std::string_view word : split(line, ' ')) {
      const auto number = word.empty() ? std::nullopt : parse_number(word);
      if (number && count < numbers.size()) numbers.at(count++) = *number;
    }
    if (count != 3) continue;
    map.inside.push_back(
        {static_cast<std::uint32_t>(numbers[0]), static_cast<std::uint32_t>(numbers[2])});
    map.zero_is_zero = map.zero_is_zero || (numbers[0] == 0 && numbers[1] == 0);
  }
  return map;
}

// What administrators set to forbid user namespaces to ordinary users; a kernel that lacks a file
// lacks the restriction.
Availability read_user_namespace_settings(bool privileged) {
  if (read_number_file("/proc/sys/user/max_user_namespaces").value_or(1) == 0) {
    return {false, ENOSPC, "user.max_user_namespaces is 0",
            "as root: sysctl -w user.max_user_namespaces=15000"};
  }
  if (privileged) return {};
  if (read_number_file("/proc/sys/kernel/unprivileged_userns_clone").value_or(1) == 0) {
    return {false, EPERM, "kernel.unprivileged_userns_clone is 0",
            "as root: sysctl -w kernel.unprivileged_userns_clone=1"};
  }
  if (read_number_file("/proc/sys/kernel/apparmor_restrict_unprivileged_userns").value_or(0) != 0 &&
      trim(read_text_file("/proc/self/attr/apparmor/current")).starts_with("unconfined")) {
    return {false, EPERM, "AppArmor keeps user namespaces from programs without a profile",
            "as root: muster doctor --apparmor-profile > /etc/apparmor.d/muster && "
            "apparmor_parser -r /etc/apparmor.d/muster"};
  }
  return {};
}

// The kernel gives no fresh /proc to a user namespace whose own view of /proc is covered anywhere
// (fs/namespace.c, mount_too_revealing), as in most containers. An empty folder may be covered.
Availability look_for_masked_proc() {
  const std::string mounts = read_text_file("/proc/self/mountinfo");
  for (const std::string_view line : split(mounts, '\n')) {
    const auto fields = split(line, ' ');
    if (fields.size() < 6) continue;
    const std::string_view point = fields[4];
    if (!point.starts_with("/proc/") || point == "/proc/sys/fs/binfmt_misc" ||
        point == "/proc/fs/nfsd") {
      continue;
    }
    return {false, EPERM, concat("this container hides parts of /proc (", point, ")"),
            "run the container with --security-opt systempaths=unconfined, or in Kubernetes with "
            "procMount: Unmasked"};
  }
  return {};
}

int landlock_abi() {
  const long abi =
      syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  return abi < 0 ? 0 : static_cast<int>(abi);
}

// With a bad pointer a kernel that has filters says EFAULT, any other EINVAL (prctl(2)).
Availability look_for_seccomp() {
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, nullptr, 0, 0) == -1 && errno == EFAULT) return {};
  return {false, errno, "this kernel has no seccomp filters",
          "a kernel with CONFIG_SECCOMP_FILTER"};
}

std::optional<std::string> link_target(const std::string& path) {
  std::array<char, 4096> buffer{};
  const ssize_t size = readlink(path.c_str(), buffer.data(), buffer.size());
  if (size < 0) return std::nullopt;
  return std::string(buffer.data(), static_cast<std::size_t>(size));
}

std::vector<SystemEntry> find_system() {
  std::vector<SystemEntry> entries;
  for (const std::string_view name : kSystem) {
    const std::string path(name);
    struct stat about{};
    if (lstat(path.c_str(), &about) != 0) continue;
    if (S_ISDIR(about.st_mode)) entries.push_back({path, {}});
    if (!S_ISLNK(about.st_mode)) continue;
    if (auto target = link_target(path)) entries.push_back({path, std::move(*target)});
  }
  return entries;
}

using Folder = std::unique_ptr<DIR, int (*)(DIR*)>;

// A link into what is shown anyway stays a link, which is cheaper than a mount.
bool leads_to_usr(std::string_view target) {
  return target.starts_with("/usr/") || target.starts_with("../usr/");
}

std::vector<SystemEntry> find_etc() {
  std::vector<SystemEntry> found;
  for (const std::string_view name : kEtc) {
    std::string path(name);
    std::optional<std::string> link = link_target(path);
    if (!link && errno == ENOENT) continue;
    if (!link || !leads_to_usr(*link)) link.emplace();
    found.push_back({std::move(path), std::move(*link)});
  }
  const Folder folder(opendir("/etc"), closedir);
  while (folder) {
    // The stream is this call's own. NOLINTNEXTLINE(concurrency-mt-unsafe)
    const dirent* entry = readdir(folder.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    const bool wanted =
        std::any_of(kEtcPrefixes.begin(), kEtcPrefixes.end(),
                    [&](std::string_view prefix) { return name.starts_with(prefix); });
    if (wanted) found.push_back({concat("/etc/", name), {}});
  }
  std::sort(found.begin(), found.end(),
            [](const SystemEntry& a, const SystemEntry& b) { return a.path < b.path; });
  return found;
}

SourceFacts look_at(int folder, const std::string& name, std::string path) {
  SourceFacts facts;
  facts.path = std::move(path);
  struct stat about{};
  const int flags = folder == AT_FDCWD ? 0 : AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH;
  if (fstatat(folder, name.c_str(), &about, flags) != 0) {
    facts.error_number = errno;
    return facts;
  }
  facts.is_folder = S_ISDIR(about.st_mode);
  facts.is_link = S_ISLNK(about.st_mode);
  facts.device = about.st_dev;
  facts.inode = about.st_ino;
  facts.uid = about.st_uid;
  facts.gid = about.st_gid;
  return facts;
}

std::vector<SourceFacts> look_into_rootfs(const std::string& rootfs) {
  std::vector<SourceFacts> entries;
  const Folder folder(opendir(rootfs.c_str()), closedir);
  while (folder) {
    // The stream is this call's own. NOLINTNEXTLINE(concurrency-mt-unsafe)
    const dirent* entry = readdir(folder.get());
    if (entry == nullptr) break;
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    SourceFacts facts = look_at(dirfd(folder.get()), name, concat(rootfs, '/', name));
    if (facts.is_link) facts.link_target = link_target(facts.path).value_or("");
    entries.push_back(std::move(facts));
  }
  std::sort(entries.begin(), entries.end(),
            [](const SourceFacts& a, const SourceFacts& b) { return a.path < b.path; });
  return entries;
}

}  // namespace

const SourceFacts* Facts::source(std::string_view path) const {
  const auto found = std::find_if(sources.begin(), sources.end(),
                                  [&](const SourceFacts& each) { return each.path == path; });
  return found == sources.end() ? nullptr : &*found;
}

HostFacts probe_host(bool thorough) {
  HostFacts host;
  host.uid = geteuid();
  host.gid = getegid();
  host.privileged = has_capabilities({CAP_SYS_ADMIN, CAP_SETUID, CAP_SETGID});
  const IdMap uids = read_id_map("/proc/self/uid_map");
  host.uids = uids.inside;
  host.gids = read_id_map("/proc/self/gid_map").inside;
  host.is_host_root = host.uid == 0 && (uids.zero_is_zero || uids.inside.empty());
  host.user_namespaces = read_user_namespace_settings(host.privileged);
  if (thorough && host.user_namespaces.yes) host.user_namespaces = try_user_namespace();
  host.private_proc = look_for_masked_proc();
  host.seccomp = look_for_seccomp();
  host.landlock_abi = landlock_abi();
  host.system = find_system();
  host.etc = find_etc();
  host.cgroups = probe_cgroups();
  return host;
}

Availability try_user_namespace() {
  const UserNamespaceHolder holder;
  if (holder.error_number() == 0) return {};
  switch (holder.error_number()) {
    case EPERM:
    case EACCES:
      return {false, holder.error_number(),
              "the kernel or a security module forbids user namespaces here",
              "in Docker: --security-opt seccomp=unconfined, or run muster as root with --cap-add "
              "SYS_ADMIN; muster doctor says more"};
    case ENOSPC:
    case EUSERS:
      return {false, holder.error_number(), "the limit on user namespaces is reached",
              "as root: sysctl -w user.max_user_namespaces=15000"};
    default:
      return {false, holder.error_number(),
              concat("this kernel makes no user namespaces: ", errno_words(holder.error_number())),
              "a kernel with CONFIG_USER_NS"};
  }
}

namespace {

// The workspace's path was resolved when the spec was made; see open_source().
SourceFacts look_at_workspace(const std::string& path) {
  const UniqueFd folder(open_source(path.c_str(), true));
  if (folder) return look_at(folder.get(), "", path);
  SourceFacts facts;
  facts.path = path;
  facts.error_number = errno;
  return facts;
}

}  // namespace

void probe_sources(const Spec& spec, Facts& facts) {
  const SandboxSpec& sandbox = spec.sandbox;
  if (sandbox.workspace.mode != WorkspaceMode::kNone) {
    facts.sources.push_back(look_at_workspace(sandbox.workspace.directory));
  }
  const auto look = [&](const std::string& path) {
    if (path.empty() || facts.source(path) != nullptr) return;
    facts.sources.push_back(look_at(AT_FDCWD, path, path));
  };
  for (const Bind& bind : sandbox.binds) look(bind.source);
  for (const std::string& device : sandbox.devices) look(concat("/dev/", device));
  look(sandbox.rootfs);
  if (!sandbox.rootfs.empty()) facts.rootfs = look_into_rootfs(sandbox.rootfs);
}

}  // namespace muster::sandbox
