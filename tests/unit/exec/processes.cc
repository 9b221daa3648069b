// SPDX-License-Identifier: Apache-2.0
#include "unit/exec/processes.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <catch2/catch.hpp>

#include "base/text.h"
#include "base/unique_fd.h"
#include "exec/process/process_executor.h"
#include "unit/exec/fakes.h"

namespace muster {

namespace {

constexpr std::chrono::seconds kPatience{30};

std::string read_whole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<pid_t> all_processes() {
  std::vector<pid_t> pids;
  DIR* proc = opendir("/proc");
  while (const dirent* entry = readdir(proc)) {
    const std::string_view name = entry->d_name;
    pid_t pid = 0;
    const auto parsed = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (parsed.ec == std::errc{}) pids.push_back(pid);
  }
  closedir(proc);
  return pids;
}

}  // namespace

bool wait_until(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    poll(nullptr, 0, 2);
  }
  return true;
}

ScratchFolder::ScratchFolder() {
  std::string name = std::filesystem::temp_directory_path() / "muster-exec-XXXXXX";
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  path_ = name;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string ScratchFolder::write(const std::string& name, const std::string& text,
                                 mode_t mode) const {
  const std::string whole = path(name);
  std::ofstream(whole, std::ios::binary) << text;
  chmod(whole.c_str(), mode);
  return whole;
}

std::string ScratchFolder::read(const std::string& name) const { return read_whole(path(name)); }

bool ScratchFolder::has(const std::string& name) const {
  return access(path(name).c_str(), F_OK) == 0;
}

MarkedSpec::MarkedSpec(std::vector<std::string> argv) {
  static std::atomic<int> count = 0;
  mark_ = concat("MUSTER_TEST_MARK=", getpid(), '-', ++count);
  spec.argv = std::move(argv);
  spec.environment = {"PATH=/usr/local/bin:/usr/bin:/bin", mark_};
  spec.stdin_source = StdinSource::kNull;
}

MarkedSpec MarkedSpec::shell(const std::string& line) {
  return MarkedSpec({"/bin/sh", "-c", line});
}

std::vector<pid_t> MarkedSpec::processes() const {
  std::vector<pid_t> marked;
  for (const pid_t pid : all_processes()) {
    // The environment of a zombie is gone, so none is found.
    const std::string environment = '\0' + proc_file(pid, "environ");
    if (environment.find('\0' + mark_ + '\0') != std::string::npos) marked.push_back(pid);
  }
  return marked;
}

Attempt execute(const Spec& spec, Sink& sink, Orders& orders) {
  sigset_t none;
  sigemptyset(&none);
  ProcessExecutor executor(none);
  return executor.execute(spec, sink, orders);
}

Attempt execute(const Spec& spec, Sink& sink) {
  NoOrders orders;
  return execute(spec, sink, orders);
}

std::string in_child(const std::function<std::string()>& work) {
  int ends[2];
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  const UniqueFd answer(ends[0]);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    std::string text;
    try {
      text = work();
    } catch (const std::exception& error) {
      text = concat("threw: ", error.what());
    }
    const bool told = write(ends[1], text.data(), text.size()) == ssize_t(text.size());
    _exit(told ? 0 : 1);
  }
  close(ends[1]);
  int status = 0;
  const bool ended = wait_until([&] { return waitpid(child, &status, WNOHANG) == child; });
  if (!ended) {
    reap(child);
    FAIL("the child did not end");
  }
  INFO("status of the child: " << status);
  REQUIRE(status == 0);
  std::string text(65536, '\0');
  text.resize(
      static_cast<std::size_t>(std::max<ssize_t>(0, read(ends[0], text.data(), text.size()))));
  return text;
}

int reap(pid_t pid) {
  kill(pid, SIGKILL);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

std::string proc_file(pid_t pid, const std::string& name) {
  return read_whole(concat("/proc/", pid, '/', name));
}

void skip(const std::string& reason) {
  const char* must = std::getenv("MUSTER_TESTS_MUST_WORK");
  if (must != nullptr && std::string_view(must) == "1") FAIL("cannot run here: " << reason);
  WARN("skipped: " << reason);
}

}  // namespace muster
