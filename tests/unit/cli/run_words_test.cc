// SPDX-License-Identifier: Apache-2.0
// What `run` and `doctor` say and how they exit, for attempts and hosts that are made up.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include <catch2/catch.hpp>

#include "base/error.h"
#include "base/text.h"
#include "cli/main.h"
#include "unit/exec/processes.h"

namespace muster::cli {

namespace {

using std::chrono::microseconds;

// Runs nothing and answers what it was made with.
class MadeUpExecutor : public Executor {
 public:
  Attempt execute(const Spec& /*spec*/, Sink& /*sink*/, Orders& /*orders*/) override {
    return attempt;
  }
  Explanation explain(const Spec& /*spec*/) override {
    if (!refusal.empty()) throw Error(ErrorCode::kUnavailable, refusal, "mend it");
    return plan;
  }

  Attempt attempt;
  Explanation plan;
  std::string refusal;
};

class MadeUpHost : public Host {
 public:
  std::vector<Capability> capabilities() override { return found; }

  std::vector<Capability> found;
};

struct Said {
  std::string out;
  std::string err;
  std::string code;
};

// Runs muster with these words in a process of its own, without any config.
Said muster(Executor& executor, Host& host, const std::vector<std::string>& words) {
  const ScratchFolder folder;
  const std::string config = concat("XDG_CONFIG_HOME=", folder.path("none"));
  const std::string home = concat("HOME=", folder.path("home"));
  const std::vector<const char*> environment = {config.c_str(), home.c_str(), nullptr};
  Said said;
  said.code = in_child([&] {
    dup2(open(folder.path("out").c_str(), O_CREAT | O_WRONLY, 0600), STDOUT_FILENO);
    dup2(open(folder.path("err").c_str(), O_CREAT | O_WRONLY, 0600), STDERR_FILENO);
    return concat(run_program(words, {executor, host, environment.data()}));
  });
  said.out = folder.read("out");
  said.err = folder.read("err");
  return said;
}

Said run(MadeUpExecutor& executor, std::vector<std::string> flags) {
  MadeUpHost host;
  std::vector<std::string> words = {"run"};
  words.insert(words.end(), flags.begin(), flags.end());
  words.insert(words.end(), {"--", "job"});
  return muster(executor, host, words);
}

}  // namespace

TEST_CASE("a sandbox that cannot be built gives 125, the reason and the remedy") {
  MadeUpExecutor executor;
  executor.attempt.outcome =
      NotStarted{StartStep::kSandbox, EPERM, "making a user namespace", true, "sysctl x=1"};
  const Said said = run(executor, {});
  CHECK(said.code == "125");
  CHECK(said.err ==
        "muster: could not start: the sandbox could not be set up: making a user namespace: "
        "Operation not permitted\n  next: sysctl x=1\n");
  CHECK(run(executor, {"--json"}).err.find("next:") == std::string::npos);
}

TEST_CASE("a sandbox that was refused says why in the words of the refusal, and is not retried") {
  MadeUpExecutor executor;
  executor.attempt.outcome = NotStarted{
      StartStep::kSandbox, 0, "the sandbox cannot be built: proc: covered", true, "uncover it"};
  const Said said = run(executor, {"--attempts", "3", "--backoff", "fixed:0"});
  CHECK(said.code == "125");
  CHECK(said.err ==
        "muster: could not start: the sandbox cannot be built: proc: covered\n"
        "  next: uncover it\n");
}

TEST_CASE("running out of memory names the limit and the peak, and gives 137") {
  MadeUpExecutor executor;
  executor.attempt.outcome = OutOfMemory{Bytes{64U << 20U}, Bytes{63U << 20U}};
  const Said said = run(executor, {});
  CHECK(said.code == "137");
  CHECK(said.err.find("'job' ran out of memory at its limit of 64M (peak 63") != std::string::npos);
}

TEST_CASE("what was missing is said once, however many attempts there were") {
  MadeUpExecutor executor;
  executor.attempt.outcome = Exited{1};
  executor.attempt.enforced.missing = {"no network namespace", "no cgroup"};
  const Said said = run(executor, {"--attempts", "2", "--backoff", "fixed:0"});
  CHECK(said.err ==
        "muster: best effort: no network namespace\n"
        "muster: best effort: no cgroup\n"
        "muster: attempt 1 of 2 exited with code 1; trying again in 0ns\n"
        "muster: 'job' exited with code 1\n");
  CHECK(run(executor, {"--quiet"}).err.empty());
}

TEST_CASE("timings are a table on stderr, and data in the record") {
  MadeUpExecutor executor;
  executor.attempt.timings = {{"clone", microseconds(3)}};
  const Said said = run(executor, {"--timings"});
  CHECK(said.code == "0");
  CHECK(said.out.empty());
  CHECK(said.err == "STEP   MICROSECONDS\nclone           3.0  longest\ntotal           3.0\n");
  const std::string record = run(executor, {"--timings", "--json"}).err;
  CHECK(record.starts_with("{\"schema\":"));
  CHECK(record.find("MICROSECONDS") == std::string::npos);
}

TEST_CASE("explain prints the plan and starts nothing") {
  MadeUpExecutor executor;
  executor.plan.steps = {{"bind", "/usr", "programs"}};
  executor.attempt.outcome = Exited{9};
  const Said words = run(executor, {"--explain"});
  CHECK(words.code == "0");
  CHECK(words.err.empty());
  CHECK(words.out.find("1  bind  /usr (programs)\n") != std::string::npos);
  CHECK(run(executor, {"--explain", "--json"}).out.starts_with("{\"schema\":\"muster.plan/1\","));
  CHECK(run(executor, {"--explain", "--timings"}).code == "9");
}

TEST_CASE("a plan that cannot be made is muster's own failure") {
  MadeUpExecutor executor;
  executor.refusal = "no user namespaces";
  const Said said = run(executor, {"--explain"});
  CHECK(said.code == "125");
  CHECK(said.err == "muster: no user namespaces\n  next: mend it\n");
}

TEST_CASE("explain refuses a record it would never write") {
  MadeUpExecutor executor;
  CHECK(run(executor, {"--explain", "--record", "/dev/null"}).code == "2");
}

TEST_CASE("doctor fails where a sandbox is impossible, and says it in both forms") {
  MadeUpExecutor executor;
  MadeUpHost host;
  host.found = {{std::string(kSandboxCapability), Capability::State::kNo, "no", "125", "do x"}};
  const Said words = muster(executor, host, {"doctor"});
  CHECK(words.code == "1");
  CHECK(words.out.find("sandbox  no     no; so 125\n\nnext, ") != std::string::npos);
  const Said data = muster(executor, host, {"doctor", "--json"});
  CHECK(data.code == "1");
  CHECK(data.out.find(R"("capabilities":[{"name":"sandbox","state":"no")") != std::string::npos);
}

}  // namespace muster::cli
