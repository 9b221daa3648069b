// SPDX-License-Identifier: Apache-2.0
#include "exec/process/tree.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include <catch2/catch.hpp>

#include "base/text.h"
#include "unit/exec/processes.h"

namespace muster::process {

namespace {

// Starts `line` in a shell of the calling process's own.
pid_t start(const std::string& line) {
  const pid_t pid = fork();
  if (pid != 0) return pid;
  const std::string quiet = "exec 2> /dev/null; " + line;  // dash tells of children that are killed
  execl("/bin/sh", "sh", "-c", quiet.c_str(), nullptr);
  _exit(127);
}

void reap_the_dead() {
  while (waitpid(-1, nullptr, WNOHANG) > 0) {
  }
}

bool all_reaped() {
  reap_the_dead();
  return waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD;
}

bool counts(int expected) {
  return wait_until([&] {
    reap_the_dead();
    return signal_descendants(getpid(), 0) == expected;
  });
}

// Runs `work` in a process that adopts whatever its children leave behind.
std::string as_subreaper(const std::function<std::string()>& work) {
  return in_child([&] {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    std::string said = work();
    kill_descendants(getpid());
    return wait_until(all_reaped) ? said : said + ", and something is left";
  });
}

}  // namespace

TEST_CASE("a process without children has no descendants") {
  CHECK(as_subreaper([] { return concat(signal_descendants(getpid(), 0)); }) == "0");
}

TEST_CASE("children, grandchildren and daemons of a double fork are all counted") {
  CHECK(as_subreaper([]() -> std::string {
          // A shell, a child of it, and a daemon whose parent has ended.
          start("sleep 600 & setsid sh -c 'sleep 600 & exit 0' & wait");
          return counts(3) ? "three" : concat(signal_descendants(getpid(), 0));
        }) == "three");
}

TEST_CASE("a name with parentheses and blanks hides nobody") {
  const ScratchFolder folder;
  const std::string odd = folder.path(") R 1 (");
  REQUIRE(symlink("/bin/sleep", odd.c_str()) == 0);
  CHECK(as_subreaper([&]() -> std::string {
          const pid_t pid = start("exec '" + odd + "' 600");
          const bool named = wait_until([&] { return proc_file(pid, "comm") == ") R 1 (\n"; });
          return named && counts(1) ? "found" : "missed";
        }) == "found");
}

TEST_CASE("a signal reaches every descendant, whatever its session") {
  const ScratchFolder folder;
  const std::string trap = "trap 'echo x >> " + folder.path("got") + "; exit' TERM; echo y >> " +
                           folder.path("up") + "; while :; do sleep 0.01; done";
  CHECK(as_subreaper([&]() -> std::string {
          start("(" + trap + ") & setsid sh -c \"" + trap + "\" & wait");
          if (!wait_until([&] { return folder.read("up") == "y\ny\n"; })) return "not up";
          signal_descendants(getpid(), SIGTERM);
          return wait_until([&] { return folder.read("got") == "x\nx\n"; }) ? "both" : "not both";
        }) == "both");
}

TEST_CASE("a zombie is not counted") {
  CHECK(as_subreaper([]() -> std::string {
          const pid_t dead = start("exit 0");
          siginfo_t info{};
          waitid(P_PID, static_cast<id_t>(dead), &info, WEXITED | WNOWAIT);
          return concat(signal_descendants(getpid(), 0));
        }) == "0");
}

TEST_CASE("kill_descendants spares the root, its parent and its siblings") {
  const pid_t sibling = start("exec sleep 600");
  CHECK(as_subreaper([]() -> std::string {
          start("sleep 600 & wait");
          if (!counts(2)) return "not up";
          kill_descendants(getpid());
          return wait_until(all_reaped) ? "gone" : "left";
        }) == "gone");
  CHECK(kill(sibling, 0) == 0);
  CHECK(waitpid(sibling, nullptr, WNOHANG) == 0);
  reap(sibling);
}

TEST_CASE("a process that hops from child to child cannot outrun the kill") {
  const ScratchFolder folder;
  const std::string hop = folder.write("hop", "sh \"$0\" &\nexit 0\n");
  CHECK(as_subreaper([&]() -> std::string {
          start("setsid sh " + hop + " & setsid sh " + hop + " & wait");
          // Some of them have come and gone by the time this many were adopted.
          int adopted = 0;
          if (!wait_until([&] {
                while (waitpid(-1, nullptr, WNOHANG) > 0) ++adopted;
                return adopted > 20;
              })) {
            return "does not hop";
          }
          // As often as the keeper does: where a look takes long, one round may not be enough.
          const bool caught = wait_until([] {
            kill_descendants(getpid());
            return all_reaped();
          });
          return caught ? "caught" : "escaped";
        }) == "caught");
}

}  // namespace muster::process
