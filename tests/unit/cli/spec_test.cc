// SPDX-License-Identifier: Apache-2.0
#include "cli/spec.h"

#include <filesystem>

#include <catch2/catch.hpp>

#include "base/error.h"
#include "unit/exec/processes.h"

namespace muster::cli {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

using Texts = std::vector<std::string>;

// One call of `run`: flags, arguments and the caller's environment.
struct Call {
  FlagValues flags;
  Texts arguments = {"true"};
  std::vector<const char*> caller = {"HOME=/root", "LANG=C", nullptr};

  Spec spec() const {
    FlagValues all = flags;
    all.try_emplace("isolation", std::vector<std::string>{"none"});
    const Config config = Config::load({}, [](const char*) -> const char* { return nullptr; }, all);
    return make_spec(config, arguments, caller.data());
  }
  std::string refusal() const {
    try {
      spec();
    } catch (const Error& error) {
      return error.message();
    }
    return "taken";
  }
};

}  // namespace

TEST_CASE("arguments become argv as they are") {
  Call call;
  call.arguments = {"cmd", "", "a b", "--x"};
  CHECK(call.spec().argv == call.arguments);
}

TEST_CASE("a command string becomes a shell with the string") {
  Call call;
  call.flags = {{"command", {"echo $1 | cat"}}};
  call.arguments = {};
  CHECK(call.spec().argv == Texts{"/bin/sh", "-c", "echo $1 | cat"});
}

TEST_CASE("arguments behind a command string are its positional parameters") {
  Call call;
  call.flags = {{"command", {"echo $1"}}};
  call.arguments = {"one", "two"};
  CHECK(call.spec().argv == Texts{"/bin/sh", "-c", "echo $1", "sh", "one", "two"});
}

TEST_CASE("without flags the command gets the caller's environment") {
  const Spec spec = Call().spec();
  CHECK(spec.environment == Texts{"HOME=/root", "LANG=C"});
  CHECK(spec.env_set.empty());
}

TEST_CASE("a flag adds to the caller's environment or replaces in it") {
  Call call;
  call.flags = {{"env", {"LANG=de_DE", "NEW=1"}}};
  const Spec spec = call.spec();
  CHECK(spec.environment == Texts{"HOME=/root", "LANG=de_DE", "NEW=1"});
  CHECK(spec.env_set == Texts{"LANG", "NEW"});
}

TEST_CASE("later flags win over earlier ones, and flags over files") {
  const ScratchFolder folder;
  Call call;
  call.flags = {
      {"clear-env", {"true"}},
      {"env-file",
       {folder.write("1", "A=file1\nB=file1\nC=file1\n"), folder.write("2", "B=file2\nC=file2\n")}},
      {"env", {"C=flag1", "C=flag2"}}};
  const Spec spec = call.spec();
  CHECK(spec.environment == Texts{"A=file1", "B=file2", "C=flag2"});
  CHECK(spec.env_set == Texts{"A", "B", "C"});
}

TEST_CASE("with a cleared environment nothing of the caller's is left") {
  Call call;
  call.flags = {{"clear-env", {"true"}}};
  CHECK(call.spec().environment.empty());
}

TEST_CASE("a name alone passes the caller's value, if there is one") {
  Call call;
  call.flags = {{"clear-env", {"true"}}, {"env", {"LANG", "LAN", "MISSING"}}};
  const Spec spec = call.spec();
  CHECK(spec.environment == Texts{"LANG=C"});
  CHECK(spec.env_set == Texts{"LAN", "LANG", "MISSING"});
}

TEST_CASE("values may be empty and hold equals signs and blanks") {
  Call call;
  call.flags = {{"clear-env", {"true"}}, {"env", {"E=", "Q= a=b "}}};
  CHECK(call.spec().environment == Texts{"E=", "Q= a=b "});
}

TEST_CASE("a file of variables may hold comments, empty lines and no last newline") {
  const ScratchFolder folder;
  Call call;
  call.flags = {{"clear-env", {"true"}},
                {"env-file", {folder.write("env", "# words\n\n  A=1  \n\tB=x y\r\nLANG\nC=3")}}};
  CHECK(call.spec().environment == Texts{"A=1", "B=x y", "LANG=C", "C=3"});
}

TEST_CASE("an entry without a name is refused, with its place") {
  const ScratchFolder folder;
  Call call;
  call.flags = {{"env", {"=x"}}};
  CHECK_THAT(call.refusal(), Catch::StartsWith("--env: a variable has no name"));
  const std::string path = folder.write("env", "A=1\n\n=x\n");
  call.flags = {{"env-file", {path}}};
  CHECK(call.refusal() == path + ":3: this is not NAME=VALUE or NAME");
}

TEST_CASE("a value that a NUL would cut short is refused") {
  const ScratchFolder folder;
  Call call;
  call.flags = {{"env-file", {folder.write("env", std::string("A=b\0c\n", 6))}}};
  CHECK_THAT(call.refusal(), Catch::Contains(folder.path("env:1")));
}

TEST_CASE("a file of variables that cannot be read is refused by name") {
  const ScratchFolder folder;
  Call call;
  call.flags = {{"env-file", {folder.path("missing")}}};
  CHECK(call.refusal() ==
        "--env-file: '" + folder.path("missing") + "' cannot be read: No such file or directory");
  call.flags = {{"env-file", {folder.path("")}}};
  CHECK_THAT(call.refusal(), Catch::Contains(folder.path("")));
}

TEST_CASE("limits and settings arrive in the spec") {
  Call call;
  call.flags = {{"name", {"n"}},          {"workdir", {"/tmp"}},  {"umask", {"027"}},
                {"nice", {"-5"}},         {"no-stdin", {"true"}}, {"tty", {"true"}},
                {"timeout", {"1m30s"}},   {"grace", {"250ms"}},   {"output-limit", {"1M"}},
                {"open-files", {"64"}},   {"core", {"0"}},        {"file-size", {"2K"}},
                {"stack", {"8M"}},        {"attempts", {"3"}},    {"backoff", {"fixed:50ms"}},
                {"retry-on", {"timeout"}}};
  const Spec spec = call.spec();
  CHECK(spec.name == "n");
  CHECK(spec.workdir == "/tmp");
  CHECK(spec.umask == mode_t{027});
  CHECK(spec.nice == -5);
  CHECK(spec.stdin_source == StdinSource::kNull);
  CHECK(spec.tty);
  CHECK(spec.limits.timeout == seconds(90));
  CHECK(spec.limits.grace == milliseconds(250));
  CHECK(spec.limits.output == Bytes{1024 * 1024});
  CHECK(spec.limits.open_files == std::uint64_t{64});
  CHECK(spec.limits.core == Bytes{0});
  CHECK(spec.limits.file_size == Bytes{2048});
  CHECK(spec.limits.stack == Bytes{8 * 1024 * 1024});
  CHECK(spec.retry.attempts == 3);
  CHECK(spec.retry.backoff == parse_backoff("fixed:50ms"));
  CHECK(spec.retry.retry_on == parse_retry_on("timeout"));
}

TEST_CASE("what nobody set is left as it is") {
  const Spec spec = Call().spec();
  CHECK(spec.name.empty());
  CHECK(spec.workdir.empty());
  CHECK_FALSE(spec.umask);
  CHECK_FALSE(spec.nice);
  CHECK(spec.stdin_source == StdinSource::kInherit);
  CHECK_FALSE(spec.tty);
  CHECK_FALSE(spec.limits.timeout);
  CHECK_FALSE(spec.limits.output);
  CHECK(spec.limits.grace == seconds(5));
  CHECK(spec.retry.attempts == 1);
}

TEST_CASE("a timeout of zero is none") {
  Call call;
  call.flags = {{"timeout", {"0"}}};
  CHECK_FALSE(call.spec().limits.timeout);
}

TEST_CASE("without a sandbox nothing that confines is in the spec") {
  const Spec spec = Call().spec();
  CHECK(spec.sandbox.isolation == Isolation::kNone);
  CHECK_FALSE(spec.limits.pids);
  CHECK_FALSE(spec.limits.disk);
  CHECK_FALSE(spec.limits.core);
}

TEST_CASE("in a sandbox the environment says where and who the command is") {
  const ScratchFolder folder;
  const std::string workdir = std::filesystem::canonical(folder.path("")).string();
  Call call;
  call.caller = {"HOME=/home/ada", "LANG=C",    "USER=ada", "SHELL=/bin/zsh",
                 "API_KEY=s",      "TMPDIR=/x", "PWD=/",    nullptr};
  call.flags = {{"isolation", {"sandbox"}}, {"workdir", {workdir}}};
  const Spec spec = call.spec();
  const std::string path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  CHECK(spec.environment == Texts{"LANG=C", path, "HOME=/home/ada", "USER=user", "LOGNAME=user",
                                  "SHELL=/bin/sh", "PWD=" + workdir});
  CHECK(spec.env_set.empty());
  CHECK(spec.workdir == workdir);
  CHECK(spec.sandbox.home == "/home/ada");
  CHECK(spec.sandbox.workspace.directory == workdir);
  CHECK(spec.limits.pids == std::uint64_t{4096});
  CHECK(spec.limits.core == Bytes{0});

  call.flags["map-root"] = {"true"};
  call.flags["env-pass"] = {"API_*", "TMPDIR"};
  call.flags["env"] = {"USER=me", "API_KEY"};
  CHECK(call.spec().environment == Texts{"LANG=C", "TMPDIR=/x", path, "HOME=/home/ada", "USER=me",
                                         "LOGNAME=root", "SHELL=/bin/sh", "PWD=" + workdir,
                                         "API_KEY=s"});
  call.flags["clear-env"] = {"true"};
  CHECK(call.spec().environment == Texts{"USER=me", "API_KEY=s"});
}

}  // namespace muster::cli
