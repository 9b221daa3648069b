// SPDX-License-Identifier: Apache-2.0
// What a command finds when it starts, and why one could not.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <set>

#include <catch2/catch.hpp>

#include "base/text.h"
#include "exec/process/process_executor.h"
#include "unit/exec/fakes.h"
#include "unit/exec/processes.h"

namespace muster {

namespace {

std::string output_of(const Spec& spec) {
  MemorySink sink;
  const Attempt attempt = execute(spec, sink);
  INFO(describe(attempt.outcome) << "\n" << sink.err());
  CHECK(attempt.outcome == Outcome(Exited{0}));
  return sink.out();
}

NotStarted refusal_of(const Spec& spec) {
  MemorySink sink;
  const Attempt attempt = execute(spec, sink);
  INFO(describe(attempt.outcome));
  REQUIRE(std::holds_alternative<NotStarted>(attempt.outcome));
  CHECK(attempt.usage.wall == Duration(0));
  return std::get<NotStarted>(attempt.outcome);
}

constexpr uid_t kNobody = 65534;

}  // namespace

TEST_CASE("arguments arrive exactly as they were given") {
  MarkedSpec marked({"printf", "[%s]", "", " a  b ", "$HOME", "*", "line\nbreak", "\xff"});
  CHECK(output_of(marked.spec) == "[][ a  b ][$HOME][*][line\nbreak][\xff]");
}

TEST_CASE("the environment is the one of the spec and nothing else") {
  MarkedSpec marked({"/usr/bin/env"});
  marked.spec.environment = {"A=1", "B=", "C=x=y", "A=2"};
  CHECK(output_of(marked.spec) == "A=1\nB=\nC=x=y\nA=2\n");
}

TEST_CASE("a command without a slash is looked for in its own PATH") {
  const ScratchFolder folder;
  folder.write("tool", "#!/bin/sh\necho mine\n", 0755);
  MarkedSpec marked({"tool"});
  CHECK_FALSE(refusal_of(marked.spec).found);
  marked.spec.environment = {"PATH=/nowhere:" + folder.path("")};
  CHECK(output_of(marked.spec) == "mine\n");
}

TEST_CASE("without PATH the usual folders are searched") {
  MarkedSpec marked({"true"});
  marked.spec.environment.clear();
  CHECK(output_of(marked.spec).empty());
}

TEST_CASE("an empty part of PATH is the working directory") {
  const ScratchFolder folder;
  folder.write("tool", "#!/bin/sh\necho here\n", 0755);
  MarkedSpec marked({"tool"});
  marked.spec.environment = {"PATH=/nowhere:"};
  marked.spec.workdir = folder.path("");
  CHECK(output_of(marked.spec) == "here\n");
}

TEST_CASE("a file in PATH that may not be executed is passed over") {
  const ScratchFolder folder;
  folder.write("true", "no program", 0644);
  MarkedSpec marked({"true"});
  marked.spec.environment = {"PATH=" + folder.path("") + ":/usr/bin:/bin"};
  CHECK(output_of(marked.spec).empty());
}

TEST_CASE("the working directory, the umask and the limits are set") {
  const ScratchFolder folder;
  MarkedSpec marked =
      MarkedSpec::shell("pwd -P; umask; ulimit -n; ulimit -c; ulimit -f; ulimit -s");
  marked.spec.workdir = folder.path("");
  marked.spec.umask = 0027;
  marked.spec.limits.open_files = 55;
  marked.spec.limits.core = Bytes{0};
  marked.spec.limits.file_size = Bytes{1024 * 1024};
  marked.spec.limits.stack = Bytes{4 * 1024 * 1024};
  const std::string where = folder.path("");
  CHECK(output_of(marked.spec) ==
        where.substr(0, where.size() - 1) + "\n0027\n55\n0\n2048\n4096\n");
}

TEST_CASE("niceness is added to the caller's") {
  MarkedSpec marked({"nice"});
  marked.spec.nice = 3;
  const int before = getpriority(PRIO_PROCESS, 0);
  CHECK(output_of(marked.spec) == concat(std::min(before + 3, 19), '\n'));
}

TEST_CASE("without input the command reads an empty file") {
  CHECK(output_of(MarkedSpec({"cat"}).spec).empty());
}

TEST_CASE("inherited input is the caller's own") {
  const ScratchFolder folder;
  const std::string path = folder.write("in", "typed\n");
  CHECK(in_child([&] {
          dup2(open(path.c_str(), O_RDONLY | O_CLOEXEC), STDIN_FILENO);
          MarkedSpec marked({"cat"});
          marked.spec.stdin_source = StdinSource::kInherit;
          MemorySink sink;
          execute(marked.spec, sink);
          return sink.out();
        }) == "typed\n");
}

TEST_CASE("the command leads a process group of its own in another session") {
  const std::string out = output_of(MarkedSpec::shell("cat /proc/$$/stat").spec);
  const auto fields = split(std::string_view(out).substr(out.rfind(')') + 2), ' ');
  REQUIRE(fields.size() > 4);
  const std::string pid = out.substr(0, out.find(' '));
  CHECK(fields[2] == pid);        // process group
  CHECK(fields[1] == fields[3]);  // its parent leads the session
  CHECK(fields[3] != concat(getsid(0)));
}

TEST_CASE("the command gets the signal mask muster was started with") {
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGUSR1);
  ProcessExecutor executor(mask);
  MemorySink sink;
  NoOrders orders;
  const MarkedSpec marked({"grep", "SigBlk", "/proc/self/status"});
  executor.execute(marked.spec, sink, orders);
  CHECK(sink.out() == "SigBlk:\t0000000000000200\n");
}

TEST_CASE("no descriptor of muster's own reaches the command") {
  std::set<std::string> expected = {"0", "1", "2"};
  for (int descriptor = 3; descriptor < 1024; ++descriptor) {
    const int flags = fcntl(descriptor, F_GETFD);
    if (flags >= 0 && (flags & FD_CLOEXEC) == 0) expected.insert(std::to_string(descriptor));
  }
  const MarkedSpec marked = MarkedSpec::shell(
      "i=0; while [ $i -lt 1024 ]; do [ ! -e /proc/$$/fd/$i ] || echo $i; i=$((i+1)); done");
  const std::string out = output_of(marked.spec);
  std::set<std::string> seen;
  for (const auto line : split(trim(out), '\n')) seen.emplace(line);
  CHECK(seen == expected);
}

TEST_CASE("a missing command was not found") {
  const NotStarted refusal = refusal_of(MarkedSpec({"no-such-command"}).spec);
  CHECK(refusal == NotStarted{StartStep::kExec, ENOENT, "no-such-command", false});
  CHECK_FALSE(refusal_of(MarkedSpec({"/no/such/command"}).spec).found);
  CHECK_FALSE(refusal_of(MarkedSpec({""}).spec).found);
}

TEST_CASE("a folder, a plain file and a lost interpreter were found and cannot be run") {
  const ScratchFolder folder;
  const std::string plain = folder.write("plain", "echo", 0644);
  const std::string lost = folder.write("lost", "#!/no/such/interpreter\n", 0755);
  const std::string text = folder.write("text", "just words\n", 0755);
  CHECK(refusal_of(MarkedSpec({"/usr"}).spec) ==
        NotStarted{StartStep::kExec, EISDIR, "/usr", true});
  CHECK(refusal_of(MarkedSpec({plain}).spec) == NotStarted{StartStep::kExec, EACCES, plain, true});
  CHECK(refusal_of(MarkedSpec({lost}).spec) == NotStarted{StartStep::kExec, ENOENT, lost, true});
  CHECK(refusal_of(MarkedSpec({text}).spec) == NotStarted{StartStep::kExec, ENOEXEC, text, true});
}

TEST_CASE("arguments that are too long are refused by the kernel") {
  const NotStarted refusal = refusal_of(MarkedSpec({"true", std::string(1 << 20, 'x')}).spec);
  CHECK(refusal.step == StartStep::kExec);
  CHECK(refusal.error_number == E2BIG);
}

TEST_CASE("a missing working directory names itself") {
  MarkedSpec marked({"true"});
  marked.spec.workdir = "/no/such/folder";
  CHECK(refusal_of(marked.spec) ==
        NotStarted{StartStep::kWorkdir, ENOENT, "/no/such/folder", true});
}

TEST_CASE("a limit above the hard one names itself, and so does a raised priority") {
  if (geteuid() != 0) return skip("becoming another user needs root");
  const std::string said = in_child([]() -> std::string {
    const rlimit low{64, 64};
    setrlimit(RLIMIT_NOFILE, &low);
    if (setresuid(kNobody, kNobody, kNobody) != 0) return "cannot become nobody";
    MarkedSpec limited({"true"});
    limited.spec.limits.core = Bytes{0};
    limited.spec.limits.open_files = 65;
    MarkedSpec urgent({"true"});
    urgent.spec.nice = -5;
    MemorySink sink;
    return describe(execute(limited.spec, sink).outcome) + " / " +
           describe(execute(urgent.spec, sink).outcome);
  });
  CHECK_THAT(said, Catch::Contains("'open-files' failed: Operation not permitted / "));
  CHECK_THAT(said, Catch::EndsWith("failed: Operation not permitted"));
}

}  // namespace muster
