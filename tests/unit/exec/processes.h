// SPDX-License-Identifier: Apache-2.0
#pragma once

// Processes as tests meet them: conditions with a deadline, trees that can be found again, and
// code that needs a process of its own.

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "domain/attempt.h"
#include "domain/spec.h"
#include "exec/executor.h"

namespace muster {

/// Looks until `condition` holds; false when it still does not after half a minute.
bool wait_until(const std::function<bool()>& condition);

/// A folder of its own for one test.
class ScratchFolder {
 public:
  ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder();

  std::string path(const std::string& name) const { return path_ + "/" + name; }
  /// Writes the file and gives its path.
  std::string write(const std::string& name, const std::string& text, mode_t mode = 0644) const;
  /// What the file holds; empty when there is none.
  std::string read(const std::string& name) const;
  bool has(const std::string& name) const;

 private:
  std::string path_;
};

/// A spec whose processes carry a mark, so that they can be found however they hide.
class MarkedSpec {
 public:
  explicit MarkedSpec(std::vector<std::string> argv);
  /// The same for a line of shell.
  static MarkedSpec shell(const std::string& line);

  /// The living processes that carry the mark, zombies not counted.
  std::vector<pid_t> processes() const;
  bool nothing_left() const { return processes().empty(); }

  Spec spec;

 private:
  std::string mark_;
};

/// Executes `spec` on this thread with a new executor that passes an empty signal mask on.
Attempt execute(const Spec& spec, Sink& sink, Orders& orders);
/// The same without orders.
Attempt execute(const Spec& spec, Sink& sink);

/// Forks, runs `work` in the child and returns what it returned. Fails the test when the child
/// does not end in time or is killed; exceptions of the child come back as "threw: ...".
std::string in_child(const std::function<std::string()>& work);

/// Ends `pid` and waits for it.
int reap(pid_t pid);

/// The file /proc/PID/NAME.
std::string proc_file(pid_t pid, const std::string& name);

/// Notes that the test cannot run here; an error where MUSTER_TESTS_MUST_WORK is set.
void skip(const std::string& reason);

}  // namespace muster
