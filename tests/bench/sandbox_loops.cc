// SPDX-License-Identifier: Apache-2.0
// Starts per second of two loops side by side, the way a worker has them: sandbox_loops SECONDS
// COMMAND... executes COMMAND in a sandbox again and again on two threads of this process. With
// --spawn before SECONDS it starts COMMAND, which is then a launcher, as a process of its own.
// Prints one number.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "app/process_setup.h"
#include "base/unique_fd.h"
#include "exec/descriptor_sink.h"
#include "sandbox/sandbox_executor.h"

namespace {

using Clock = std::chrono::steady_clock;

/// Nobody asks anything of an attempt here.
class NoOrders : public muster::Orders {
 public:
  int descriptor() const override { return -1; }
  std::optional<muster::Order> next() override { return std::nullopt; }
  void suspend(bool /*whole_job*/) override {}
};

muster::Spec make_spec(const std::vector<std::string>& command) {
  const std::string here = std::filesystem::current_path();
  muster::Spec spec;
  spec.argv = command;
  spec.environment = {"PATH=/usr/bin:/bin"};
  spec.workdir = here;
  spec.stdin_source = muster::StdinSource::kNull;
  spec.sandbox.workspace.directory = here;
  spec.sandbox.home = "/root";
  spec.limits.memory = muster::Bytes{std::uint64_t{512} << 20U};
  spec.limits.pids = 256;
  spec.limits.disk = muster::Bytes{std::uint64_t{64} << 20U};
  return spec;
}

[[noreturn]] void give_up(const std::string& words) {
  std::fprintf(stderr, "sandbox_loops: %s\n", words.c_str());
  std::_Exit(1);
}

// How often `command` has run in a sandbox until `end`.
long execute_until(Clock::time_point end, const std::vector<std::string>& command,
                   muster::Executor& executor) {
  const muster::UniqueFd null(open("/dev/null", O_WRONLY | O_CLOEXEC));
  const muster::Spec spec = make_spec(command);
  long count = 0;
  for (; Clock::now() < end; ++count) {
    muster::DescriptorSink sink(null.get(), null.get(), false);
    NoOrders orders;
    const muster::Attempt attempt = executor.execute(spec, sink, orders);
    if (!muster::succeeded(attempt.outcome)) give_up(muster::describe(attempt.outcome));
  }
  return count;
}

// How often the program of `command` has run as a process of this one until `end`.
long spawn_until(Clock::time_point end, std::vector<std::string> command) {
  std::vector<char*> argv;
  for (std::string& word : command) argv.push_back(word.data());
  argv.push_back(nullptr);
  long count = 0;
  for (; Clock::now() < end; ++count) {
    pid_t pid = 0;
    int status = 0;
    if (posix_spawn(&pid, argv[0], nullptr, nullptr, argv.data(), environ) != 0) {
      give_up("cannot start " + command[0]);
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (status != 0) give_up(command[0] + " failed");
  }
  return count;
}

double starts_per_second(double seconds, bool spawn, const std::vector<std::string>& command,
                         muster::Executor& executor) {
  const Clock::time_point begin = Clock::now();
  const auto end =
      begin + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  std::array<long, 2> counts{};
  std::vector<std::thread> threads;
  threads.reserve(counts.size());
  for (long& count : counts) {
    threads.emplace_back([&, end] {
      try {
        count = spawn ? spawn_until(end, command) : execute_until(end, command, executor);
      } catch (const std::exception& error) {
        give_up(error.what());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::chrono::duration<double> elapsed = Clock::now() - begin;
  return static_cast<double>(counts[0] + counts[1]) / elapsed.count();
}

}  // namespace

int main(int argc, char** argv) {
  const sigset_t mask = muster::app::set_up_process();
  std::vector<std::string> words(argv + 1, argv + argc);
  const bool spawn = !words.empty() && words[0] == "--spawn";
  if (spawn) words.erase(words.begin());
  const double seconds = words.size() < 2 ? 0 : std::strtod(words[0].c_str(), nullptr);
  if (seconds <= 0) give_up("usage: sandbox_loops [--spawn] SECONDS COMMAND...");
  words.erase(words.begin());
  muster::SandboxExecutor executor(mask);
  std::printf("%.1f\n", starts_per_second(seconds, spawn, words, executor));
  return 0;
}
