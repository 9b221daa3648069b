// SPDX-License-Identifier: Apache-2.0
// Finding what the host keeps: secrets of the environment, homes, files beside the workspace.

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "attempt.h"

namespace attempts {

namespace {

// The runner puts it into the value of every variable that must not come in.
constexpr std::string_view kMark = "muster-test-secret";

int environment(Arguments) {
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (std::string_view(*entry).find(kMark) != std::string_view::npos) {
      return leaked("%.40s", *entry);
    }
  }
  return held("no secret of the caller is in the environment");
}

bool holds_mark(const char* path) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  static char text[1 << 17];
  const ssize_t size = read(fd, text, sizeof text);
  close(fd);
  if (size <= 0) return false;
  return std::string_view(text, static_cast<std::size_t>(size)).find(kMark) !=
         std::string_view::npos;
}

int environment_of_others(Arguments) {
  DIR* folder = opendir("/proc");
  if (folder == nullptr) return cannot_try("there is no /proc");
  int verdict = kHeld;
  while (const dirent* entry = readdir(folder)) {
    for (const char* file : {"environ", "cmdline"}) {
      char path[300];
      (void)std::snprintf(path, sizeof path, "/proc/%s/%s", entry->d_name, file);
      if (holds_mark(path)) verdict = leaked("a secret is in %s", path);
    }
  }
  closedir(folder);
  return verdict == kHeld ? held("no process shows a secret") : verdict;
}

int entries_of(const char* path) {
  DIR* folder = opendir(path);
  if (folder == nullptr) return -1;
  int count = 0;
  while (const dirent* entry = readdir(folder)) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") ++count;
  }
  closedir(folder);
  return count;
}

int home(Arguments) {
  const char* home = std::getenv("HOME");
  if (home == nullptr) return leaked("there is no HOME");
  const int count = entries_of(home);
  if (count < 0) return leaked("%s cannot be listed", home);
  return count == 0 ? held("%s is empty", home) : leaked("%d entries in %s", count, home);
}

int keys(Arguments) {
  const char* home = std::getenv("HOME");
  for (const char* name : {".ssh/id_ed25519", ".aws/credentials", ".netrc", ".bash_history",
                           ".gnupg", ".kube/config", ".docker/config.json"}) {
    char path[4096];
    (void)std::snprintf(path, sizeof path, "%s/%s", home == nullptr ? "/root" : home, name);
    if (!is_absent(path)) return leaked("%s is there", path);
  }
  return held("none of the caller's keys is there");
}

// The argument is the home of the runner's making, whatever HOME says inside.
int named(Arguments arguments) {
  if (arguments.empty()) return cannot_try("no file was named");
  for (const char* path : arguments) {
    if (open_error(path, O_RDONLY) == 0) return leaked("%s can be read", path);
  }
  return held("%zu files of the host are out of sight", arguments.size());
}

int other_homes(Arguments) {
  const char* home = std::getenv("HOME");
  for (const char* root : {"/root", "/home"}) {
    DIR* folder = opendir(root);
    if (folder == nullptr) continue;
    while (const dirent* entry = readdir(folder)) {
      char path[4096];
      (void)std::snprintf(path, sizeof path, "%s/%s", root, entry->d_name);
      const bool leads_home = home != nullptr && std::string_view(home).starts_with(path);
      if (entry->d_name[0] != '.' && !leads_home) {
        closedir(folder);
        return leaked("%s", path);
      }
    }
    closedir(folder);
  }
  return held("no home but the own one");
}

int folders(Arguments) {
  for (const char* path : {"/boot", "/mnt", "/media", "/srv", "/opt", "/lost+found", "/initrd.img",
                           "/vmlinuz", "/var/log", "/var/lib/dpkg", "/var/spool", "/etc/ssh"}) {
    if (!is_absent(path)) return leaked("%s is there", path);
  }
  return held("only what is needed is there");
}

int passwords(Arguments) {
  for (const char* path : {"/etc/shadow", "/etc/gshadow", "/etc/shadow-", "/etc/sudoers",
                           "/etc/ssl/private", "/etc/krb5.keytab"}) {
    if (open_error(path, O_RDONLY) == 0) return leaked("%s can be read", path);
  }
  return held("no password can be read");
}

int accounts(Arguments) {
  std::FILE* file = std::fopen("/etc/passwd", "re");
  if (file == nullptr) return held("there is no /etc/passwd");
  char line[1024];
  int count = 0;
  while (std::fgets(line, sizeof line, file) != nullptr) ++count;
  (void)std::fclose(file);
  return count <= 3 ? held("%d accounts", count) : leaked("%d accounts of the host", count);
}

int above_workspace(Arguments) {
  if (open_error("../beside", O_RDONLY) == 0) return leaked("../beside can be read");
  const int count = entries_of("..");
  return count <= 1 ? held("the workspace stands alone") : leaked("%d entries in ..", count);
}

int other_temporary_files(Arguments) {
  // The workspace may itself lie in /tmp: then the way to it is all there is.
  char here[4096] = "";
  if (getcwd(here, sizeof here) == nullptr) here[0] = '\0';
  DIR* folder = opendir("/tmp");
  if (folder == nullptr) return leaked("there is no /tmp");
  int verdict = kHeld;
  while (const dirent* entry = readdir(folder)) {
    char path[300];
    (void)std::snprintf(path, sizeof path, "/tmp/%s", entry->d_name);
    if (entry->d_name[0] != '.' && std::strstr(here, path) != here) verdict = leaked("%s", path);
  }
  closedir(folder);
  return verdict == kHeld ? held("/tmp is empty") : verdict;
}

constexpr Attempt kAttempts[] = {
    {"read-secrets-of-environment", 17, "they are not there", environment},
    {"read-secrets-of-other-environments", 16, "they are not there", environment_of_others},
    {"list-home", 63, "empty", home},
    {"read-keys-of-home", 63, "ENOENT", keys},
    {"read-files-of-the-host", 63, "ENOENT", named},
    {"see-other-homes", 63, "ENOENT", other_homes},
    {"see-folders-of-the-host", 63, "ENOENT", folders},
    {"read-passwords", 63, "ENOENT or EACCES", passwords},
    {"list-accounts-of-the-host", 63, "not those of the host", accounts},
    {"look-beside-workspace", 63, "nothing is there", above_workspace},
    {"see-temporary-files-of-the-host", 63, "none", other_temporary_files},
    {"find-workspace-when-none", 63, "ENOENT", named},
};

}  // namespace

std::span<const Attempt> hidden_attempts() { return kAttempts; }

}  // namespace attempts
