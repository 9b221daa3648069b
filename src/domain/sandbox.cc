// SPDX-License-Identifier: Apache-2.0
#include "domain/sandbox.h"

#include <array>

#include "base/error.h"
#include "base/text.h"

namespace muster {

namespace {

constexpr std::array<SyscallGroup, 10> kGroups{{
    {"bpf", "load programs into the kernel's virtual machine"},
    {"handles", "open files by handle, past their folders"},
    {"io_uring", "submit system calls through shared memory"},
    {"keyring", "use the kernel's key store"},
    {"namespaces", "build sandboxes inside: unshare, setns, mount, chroot"},
    {"perf", "read performance counters"},
    {"ptrace", "debug and trace own processes: gdb, strace, sanitizers"},
    {"setid", "leave set-uid and set-gid files in the workspace and in binds"},
    {"sockets", "address families and protocols beyond the ordinary ones"},
    {"userfaultfd", "handle page faults in user space"},
}};

// The parts of `text` between colons that no backslash stands before, backslashes resolved.
std::vector<std::string> parts_of(std::string_view text) {
  std::vector<std::string> parts(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      parts.back() += text[++i];
    } else if (text[i] == ':') {
      parts.emplace_back();
    } else {
      parts.back() += text[i];
    }
  }
  return parts;
}

std::string escaped(std::string_view path) {
  std::string out;
  for (const char letter : path) {
    if (letter == ':' || letter == '\\') out += '\\';
    out += letter;
  }
  return out;
}

}  // namespace

std::span<const SyscallGroup> syscall_groups() { return kGroups; }

std::string normal_absolute_path(std::string_view path) {
  if (path.find('\0') != std::string_view::npos) {
    throw Error(ErrorCode::kInvalidArgument, "a path cannot hold a NUL byte");
  }
  if (!path.starts_with('/')) {
    throw Error(ErrorCode::kInvalidArgument,
                concat(in_quotes(path), " is not an absolute path: it must start with /"));
  }
  std::vector<std::string_view> names;
  for (const std::string_view name : split(path, '/')) {
    if (name.empty() || name == ".") continue;
    if (name != "..") {
      names.push_back(name);
    } else if (!names.empty()) {
      names.pop_back();
    }
  }
  std::string out;
  for (const std::string_view name : names) out += concat('/', name);
  return out.empty() ? "/" : out;
}

Bind parse_bind(std::string_view text) {
  std::vector<std::string> parts = parts_of(text);
  Bind bind;
  if (parts.size() > 1 && (parts.front() == "ro" || parts.front() == "rw")) {
    bind.writable = parts.front() == "rw";
    parts.erase(parts.begin());
  }
  if (parts.size() > 2 || parts.front().empty()) {
    throw Error(ErrorCode::kInvalidArgument,
                concat("expected [ro:|rw:]SRC[:DST], not ", in_quotes(text)),
                "a colon in a path is written as \\:");
  }
  bind.source = normal_absolute_path(parts.front());
  bind.target = normal_absolute_path(parts.back());
  return bind;
}

std::string format_bind(const Bind& bind) {
  return concat(bind.writable ? "rw:" : "ro:", escaped(bind.source), ':', escaped(bind.target));
}

Tmpfs parse_tmpfs(std::string_view text) {
  const std::vector<std::string> parts = parts_of(text);
  if (parts.size() > 2 || parts.front().empty()) {
    throw Error(ErrorCode::kInvalidArgument, concat("expected DST[:SIZE], not ", in_quotes(text)),
                "a colon in a path is written as \\:");
  }
  Tmpfs tmpfs{normal_absolute_path(parts.front()), {}};
  if (parts.size() == 2) tmpfs.size = parse_bytes(parts.back());
  return tmpfs;
}

std::string format_tmpfs(const Tmpfs& tmpfs) {
  const std::string target = escaped(tmpfs.target);
  return tmpfs.size ? concat(target, ':', format_bytes(*tmpfs.size)) : target;
}

}  // namespace muster
