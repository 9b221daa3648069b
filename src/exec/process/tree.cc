// SPDX-License-Identifier: Apache-2.0
#include "exec/process/tree.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <string_view>

#include "exec/process/folder_scan.h"

namespace muster::process {

namespace {

struct Process {
  pid_t pid = 0;
  pid_t parent = 0;
  char state = 0;  ///< as in /proc/PID/stat: R S D T Z ...
  bool descendant = false;
};

// More processes than this are met by looking again after the first ones were killed.
constexpr std::size_t kMost = 16384;

struct Census {
  std::array<Process, kMost> processes;
  std::size_t count = 0;
};

bool read_process(int proc, std::string_view name, Process& process) {
  std::array<char, 32> path{};
  constexpr std::string_view kStat = "/stat";
  if (name.size() + kStat.size() >= path.size()) return false;
  std::copy(name.begin(), name.end(), path.begin());
  std::copy(kStat.begin(), kStat.end(), path.begin() + name.size());
  const int file = openat(proc, path.data(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  std::array<char, 512> buffer{};
  const ssize_t size = read(file, buffer.data(), buffer.size());
  close(file);
  if (size <= 0) return false;
  // "PID (NAME) STATE PARENT ...": the name may hold anything, also parentheses (proc(5)).
  const std::string_view stat(buffer.data(), static_cast<std::size_t>(size));
  const std::size_t end_of_name = stat.rfind(')');
  if (end_of_name == std::string_view::npos || end_of_name + 4 >= stat.size()) return false;
  process.state = stat[end_of_name + 2];
  const char* parent = stat.data() + end_of_name + 4;
  return std::from_chars(parent, stat.data() + stat.size(), process.parent).ec == std::errc{};
}

void take_census(Census& census) {
  census.count = 0;
  for_each_numbered_entry("/proc", [&](int proc, std::string_view name, pid_t pid) {
    Process process;
    process.pid = pid;
    if (census.count == kMost || !read_process(proc, name, process)) return;
    census.processes[census.count++] = process;
  });
}

void mark_descendants(Census& census, pid_t root) {
  const auto begin = census.processes.begin();
  const auto end = begin + static_cast<std::ptrdiff_t>(census.count);
  const auto is_child = [&](const Process& process) {
    if (process.parent == root) return true;
    const auto parent = std::lower_bound(begin, end, process.parent,
                                         [](const Process& a, pid_t pid) { return a.pid < pid; });
    return parent != end && parent->pid == process.parent && parent->descendant;
  };
  std::sort(begin, end, [](const Process& a, const Process& b) { return a.pid < b.pid; });
  for (bool changed = true; changed;) {
    changed = false;
    for (auto process = begin; process != end; ++process) {
      if (process->descendant || process->pid == root || !is_child(*process)) continue;
      process->descendant = true;
      changed = true;
    }
  }
}

struct Signalled {
  int living = 0;
  int running = 0;  ///< of these, how many were neither stopped nor dead
};

Signalled signal_once(pid_t root, int signal) {
  static Census census;
  take_census(census);
  mark_descendants(census, root);
  Signalled counts;
  for (std::size_t i = 0; i < census.count; ++i) {
    const Process& process = census.processes[i];
    if (!process.descendant || process.state == 'Z' || process.state == 'X') continue;
    ++counts.living;
    // A process of another user cannot be signalled; to wait for it to stop would be in vain.
    const bool reached = kill(process.pid, signal) == 0;
    if (reached && process.state != 'T' && process.state != 't') ++counts.running;
  }
  return counts;
}

}  // namespace

int signal_descendants(pid_t root, int signal) { return signal_once(root, signal).living; }

void for_each_descendant(pid_t root, void (*take)(void* context, pid_t pid), void* context) {
  Census census;
  take_census(census);
  mark_descendants(census, root);
  for (std::size_t i = 0; i < census.count; ++i) {
    if (census.processes[i].descendant) take(context, census.processes[i].pid);
  }
}

void kill_descendants(pid_t root) {
  constexpr int kMostLooks = 64;
  for (int look = 0; look < kMostLooks; ++look) {
    if (signal_once(root, SIGSTOP).running == 0) break;
  }
  signal_once(root, SIGKILL);
}

}  // namespace muster::process
