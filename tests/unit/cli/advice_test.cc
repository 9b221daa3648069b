// SPDX-License-Identifier: Apache-2.0
#include "cli/advice.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include <catch2/catch.hpp>

#include "base/text.h"
#include "unit/exec/processes.h"

namespace muster::cli {

namespace {

Spec sandboxed(std::vector<std::string> argv) {
  Spec spec;
  spec.argv = std::move(argv);
  spec.sandbox.home = "/nowhere";
  return spec;
}

NotStarted not_found(const std::string& command) {
  return {StartStep::kExec, ENOENT, command, false};
}

void make_folder(const std::string& path) { REQUIRE(mkdir(path.c_str(), 0755) == 0); }

}  // namespace

TEST_CASE("a command that only the host's PATH has is named with the bind that shows it") {
  const ScratchFolder folder;
  make_folder(folder.path("bin"));
  const std::string tool = folder.write("bin/tool", "#!/bin/sh\n", 0755);
  Spec spec = sandboxed({"tool"});
  spec.environment = {"PATHS=/x", concat("PATH=/nowhere:", folder.path("bin"))};
  const std::string words = concat("it exists on this host at ", tool,
                                   ", which the sandbox hides: --bind ro:", folder.path("bin"));
  CHECK(advice(not_found("tool"), spec) == words);

  spec.sandbox.isolation = Isolation::kNone;
  CHECK(advice(not_found("tool"), spec).empty());
}

TEST_CASE("a file of PATH that cannot be executed is not the command") {
  const ScratchFolder folder;
  make_folder(folder.path("bin"));
  folder.write("bin/tool", "text", 0644);
  Spec spec = sandboxed({"tool"});
  spec.environment = {concat("PATH=", folder.path("bin"))};
  CHECK(advice(not_found("tool"), spec).empty());
}

TEST_CASE("a command in the home itself is bound alone, not with the whole home") {
  const ScratchFolder folder;
  const std::string tool = folder.write("tool", "#!/bin/sh\n", 0755);
  Spec spec = sandboxed({tool});
  spec.sandbox.home = folder.path("tool").substr(0, tool.rfind('/'));
  CHECK(advice(not_found(tool), spec).ends_with(concat("--bind ro:", tool)));
}

TEST_CASE("a command that is a link is shown with what it leads to") {
  const ScratchFolder folder;
  make_folder(folder.path("bin"));
  make_folder(folder.path("real"));
  const std::string tool = folder.write("real/tool", "#!/bin/sh\n", 0755);
  REQUIRE(symlink(tool.c_str(), folder.path("bin/tool").c_str()) == 0);
  const std::string link = folder.path("bin/tool");
  const std::string real = std::filesystem::canonical(tool).parent_path().string();
  CHECK(advice(not_found(link), sandboxed({link}))
            .ends_with(concat("--bind ro:", folder.path("bin"), " --bind ro:", real)));
}

TEST_CASE("a bind of a path with a colon is one that can be pasted") {
  const ScratchFolder folder;
  make_folder(folder.path("a:b"));
  const std::string tool = folder.write("a:b/tool", "#!/bin/sh\n", 0755);
  const std::string words = advice(not_found(tool), sandboxed({tool}));
  const std::vector<std::string> line = split_words(words.substr(words.find("--bind")));
  CHECK(parse_bind(line.at(1)) == Bind{false, folder.path("a:b"), folder.path("a:b")});
}

TEST_CASE("with a root folder of its own no bind of the host's programs is proposed") {
  Spec spec = sandboxed({"/bin/sh"});
  spec.sandbox.rootfs = "/srv/root";
  CHECK(advice(not_found("/bin/sh"), spec) ==
        "it must lie below --rootfs /srv/root, or be brought in with --bind");
}

TEST_CASE("an interpreter that the sandbox hides is named") {
  const ScratchFolder folder;
  make_folder(folder.path("venv"));
  const std::string python = folder.write("venv/python", "x", 0755);
  const std::string script = folder.write("script", concat("#! ", python, " -u\nx\n"), 0755);
  const NotStarted failure{StartStep::kExec, ENOENT, script, true};
  CHECK(advice(failure, sandboxed({script})) ==
        concat("it exists on this host at ", python,
               ", which the sandbox hides: --bind ro:", folder.path("venv")));
  const std::string other = folder.write("other", "#!/no/such/interpreter\n", 0755);
  CHECK(advice({StartStep::kExec, ENOENT, other, true}, sandboxed({other})).empty());
}

TEST_CASE("a working folder that only the host has can be brought in") {
  const ScratchFolder folder;
  make_folder(folder.path("data"));
  Spec spec = sandboxed({"true"});
  spec.workdir = folder.path("data");
  const NotStarted failure{StartStep::kWorkdir, ENOENT, spec.workdir};
  CHECK(advice(failure, spec) ==
        concat("it exists on this host, and the sandbox hides it: --workspace rw:", spec.workdir,
               ", or --bind ro:", spec.workdir));
  spec.workdir = folder.path("absent");
  CHECK(advice(failure, spec) == "check --workdir, or make the folder");
  spec.workdir = folder.path("data");
  spec.sandbox.isolation = Isolation::kNone;
  CHECK(advice(failure, spec) == "check --workdir, or make the folder");
}

TEST_CASE("chmod is proposed only where it would help") {
  const ScratchFolder folder;
  const std::string plain = folder.write("plain", "x", 0644);
  const std::string program = folder.write("program", "x", 0755);
  const auto told = [&](const std::string& path) {
    return advice({StartStep::kExec, EACCES, path, true}, sandboxed({path}));
  };
  CHECK(told(plain) == concat("chmod +x ", plain));
  CHECK(told(program).ends_with(concat("muster run --explain -- ", program)));
}

TEST_CASE("a file system mounted noexec is named as the reason") {
  const ScratchFolder folder;
  make_folder(folder.path("noexec"));
  const std::string place = folder.path("noexec");
  const std::string words = in_child([&]() -> std::string {
    const bool apart = unshare(CLONE_NEWNS) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0;
    const bool private_mounts =
        apart && mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
    if (!private_mounts || mount("none", place.c_str(), "tmpfs", MS_NOEXEC, nullptr) != 0) {
      return "no mounts";
    }
    return advice({StartStep::kExec, EACCES, place, true}, sandboxed({place}));
  });
  if (words == "no mounts") return skip("nothing can be mounted here");
  CHECK(words.starts_with("its file system is mounted noexec"));
}

TEST_CASE("what a sandbox lacks is told with the remedy of whoever built it") {
  NotStarted failure{StartStep::kSandbox, EPERM, "user namespace"};
  failure.remedy = "sysctl kernel.x=1";
  CHECK(advice(failure, sandboxed({"true"})) == "sysctl kernel.x=1");
}

TEST_CASE("a whole line given as one word is proposed to a shell") {
  Spec spec = sandboxed({"ls | wc"});
  spec.sandbox.isolation = Isolation::kNone;
  CHECK(advice(not_found("ls | wc"), spec) ==
        "to let a shell split the line: muster run -c 'ls | wc'");
}

}  // namespace muster::cli
