// SPDX-License-Identifier: Apache-2.0
#include "wire/seccomp_profile.h"

#include <cerrno>
#include <string>

#include <catch2/catch.hpp>

#include "base/text.h"

namespace muster {

namespace {

using Operator = SyscallArgument::Operator;

SyscallPolicy rules(const std::string& list) {
  return parse_seccomp_profile(
      concat(R"({"defaultAction":"SCMP_ACT_ERRNO","syscalls":[)", list, "]}"));
}

// How many of the rules apply when `members` limit the only one.
std::size_t kept(const std::string& members) {
  return rules(concat(R"({"names":["read"],"action":"SCMP_ACT_ALLOW",)", members, "}"))
      .rules.size();
}

#if defined(__x86_64__)
const std::string kHere = "amd64";
#else
const std::string kHere = "arm64";
#endif

}  // namespace

TEST_CASE("a profile as Docker writes it becomes a policy") {
  const SyscallPolicy policy = parse_seccomp_profile(R"({
    "defaultAction": "SCMP_ACT_ERRNO",
    "defaultErrnoRet": 38,
    "archMap": [{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86"]}],
    "syscalls": [
      {"names": ["read", "write"], "action": "SCMP_ACT_ALLOW", "args": [], "comment": "",
       "includes": {}, "excludes": {}},
      {"names": ["clone"], "action": "SCMP_ACT_ALLOW",
       "args": [{"index": 0, "value": 2114060288, "op": "SCMP_CMP_MASKED_EQ"}],
       "excludes": {"caps": ["CAP_SYS_ADMIN"], "arches": ["s390", "s390x"]}},
      {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1,
       "excludes": {"caps": ["CAP_SYS_ADMIN"]}},
      {"names": ["mount"], "action": "SCMP_ACT_ALLOW", "args": null,
       "includes": {"caps": ["CAP_SYS_ADMIN"]}},
      {"names": ["ptrace"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "4.8"}}
    ]})");
  CHECK(policy.fallback == SyscallAction::kErrno);
  CHECK(policy.fallback_errno == ENOSYS);
  const std::vector<SyscallRule> expected{
      {{"read", "write"}, SyscallAction::kAllow, {}, {}},
      {{"clone"}, SyscallAction::kAllow, {}, {{0, Operator::kMaskedEqual, 2114060288, 0}}},
      {{"clone3"}, SyscallAction::kErrno, EPERM, {}},
      {{"ptrace"}, SyscallAction::kAllow, {}, {}}};
  CHECK(policy.rules == expected);
}

TEST_CASE("a profile as the OCI runtime specification has it becomes a policy") {
  const SyscallPolicy policy = parse_seccomp_profile(R"({
    "defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86"],
    "flags": ["SECCOMP_FILTER_FLAG_LOG"],
    "syscalls": [{"name": "getcwd", "action": "SCMP_ACT_KILL_PROCESS"}]})");
  CHECK(policy.fallback == SyscallAction::kAllow);
  REQUIRE(policy.rules.size() == 1);
  CHECK(policy.rules[0].names == std::vector<std::string>{"getcwd"});
  CHECK(policy.rules[0].action == SyscallAction::kKillProcess);
}

TEST_CASE("errors by name, as Podman writes them, are understood and must agree") {
  const SyscallPolicy policy = parse_seccomp_profile(R"({
    "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "defaultErrno": "ENOSYS",
    "syscalls": [{"names": ["bpf"], "action": "SCMP_ACT_ERRNO", "errno": "EACCES"}]})");
  CHECK(policy.fallback_errno == ENOSYS);
  CHECK(policy.rules[0].error_number == EACCES);
  CHECK_THROWS_WITH(
      parse_seccomp_profile(
          R"({"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":1,"defaultErrno":"ENOSYS"})"),
      "/defaultErrno: ENOSYS is error 38, but defaultErrnoRet is 1");
  CHECK_THROWS_WITH(
      parse_seccomp_profile(R"({"defaultAction":"SCMP_ACT_ERRNO","defaultErrno":"EWHAT"})"),
      "/defaultErrno: expected the name of an error such as EPERM, not 'EWHAT'");
}

TEST_CASE("a task holds no capability, so rules that need one are left out") {
  CHECK(kept(R"("includes":{"caps":["CAP_BPF"]})") == 0);
  CHECK(kept(R"("excludes":{"caps":["CAP_BPF"]})") == 1);
  CHECK(kept(R"("includes":{"caps":[]})") == 1);
}

TEST_CASE("rules for other machines and newer kernels are left out") {
  CHECK(kept(concat(R"("includes":{"arches":["ppc64le",")", kHere, R"("]})")) == 1);
  CHECK(kept(R"("includes":{"arches":["ppc64le"]})") == 0);
  CHECK(kept(concat(R"("excludes":{"arches":[")", kHere, R"("]})")) == 0);
  CHECK(kept(R"("excludes":{"arches":["ppc64le"]})") == 1);
  CHECK(kept(R"("includes":{"minKernel":"3.0"})") == 1);
  CHECK(kept(R"("includes":{"minKernel":"999.0"})") == 0);
  CHECK(kept(R"("excludes":{"minKernel":"3.0"})") == 0);
  CHECK(kept(R"("excludes":{"minKernel":"999.0"})") == 1);
}

TEST_CASE("every word for an action and a comparison is known, and 64 bits fit") {
  for (const char* action : {"ALLOW", "LOG", "ERRNO", "KILL", "KILL_THREAD", "KILL_PROCESS"}) {
    const std::string text = concat(R"({"defaultAction":"SCMP_ACT_)", action, "\"}");
    CHECK_NOTHROW(parse_seccomp_profile(text));
  }
  for (const char* op : {"EQ", "NE", "LT", "LE", "GT", "GE", "MASKED_EQ"}) {
    const SyscallPolicy policy =
        rules(concat(R"({"names":["read"],"action":"SCMP_ACT_ALLOW","args":[{"index":5,"value":)",
                     R"(18446744073709551615,"valueTwo":7,"op":"SCMP_CMP_)", op, "\"}]}"));
    CHECK(policy.rules[0].arguments[0].index == 5);
    CHECK(policy.rules[0].arguments[0].value == UINT64_MAX);
    CHECK(policy.rules[0].arguments[0].value2 == 7);
  }
}

TEST_CASE("two comparisons of one argument make rules of their own, as runc reads them") {
  const SyscallPolicy policy =
      rules(R"({"names":["read"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":1,"op":)"
            R"("SCMP_CMP_EQ"},{"index":0,"value":2,"op":"SCMP_CMP_EQ"}]})");
  REQUIRE(policy.rules.size() == 2);
  CHECK(policy.rules[0].arguments == std::vector<SyscallArgument>{{0, Operator::kEqual, 1, 0}});
  CHECK(policy.rules[1].arguments == std::vector<SyscallArgument>{{0, Operator::kEqual, 2, 0}});
}

TEST_CASE("a mistake in a profile is named with its place") {
  const auto at = [](const std::string& rule, const std::string& message) {
    CHECK_THROWS_WITH(rules(rule), message);
  };
  at(R"({"names":["read"]})", "/syscalls/0: expected a member \"action\"");
  at(R"({"names":["read"],"action":"SCMP_ACT_NOTIFY"})",
     "/syscalls/0/action: expected one of SCMP_ACT_ALLOW, SCMP_ACT_LOG, SCMP_ACT_ERRNO, "
     "SCMP_ACT_KILL, SCMP_ACT_KILL_THREAD, SCMP_ACT_KILL_PROCESS, not 'SCMP_ACT_NOTIFY'");
  at(R"({"action":"SCMP_ACT_ALLOW"})", "/syscalls/0: expected \"names\" of system calls");
  at(R"({"name":"a","names":["b"],"action":"SCMP_ACT_ALLOW"})",
     "/syscalls/0: expected \"names\" or \"name\", not both");
  at(R"({"names":[1],"action":"SCMP_ACT_ALLOW"})", "/syscalls/0/names/0: expected a text");
  at(R"({"names":"read","action":"SCMP_ACT_ALLOW"})", "/syscalls/0/names: expected a list");
  at(R"({"names":["a"],"action":"SCMP_ACT_ERRNO","errnoRet":4096})",
     "/syscalls/0/errnoRet: expected a whole number from 0 to 4095");
  at(R"({"names":["a"],"action":"SCMP_ACT_ALLOW","args":[{"index":6}]})",
     "/syscalls/0/args/0/index: expected a whole number from 0 to 5");
  at(R"({"names":["a"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":-1}]})",
     "/syscalls/0/args/0/value: expected a whole number from 0 to 18446744073709551615");
  at(R"({"names":["a"],"action":"SCMP_ACT_ALLOW","includes":{"minKernel":"new"}})",
     "/syscalls/0/includes/minKernel: expected a version of the kernel such as 4.8, not 'new'");
  at("7", "/syscalls/0: expected an object");
}

TEST_CASE("an unknown member is named, with the one that may be meant") {
  CHECK_THROWS_WITH(rules(R"({"names":["a"],"acton":"SCMP_ACT_ALLOW"})"),
                    "/syscalls/0: unknown member 'acton'; did you mean 'action'?");
  CHECK_THROWS_WITH(parse_seccomp_profile(R"({"listenerPath":"/x"})"),
                    "the profile: unknown member 'listenerPath'");
  CHECK_THROWS_WITH(parse_seccomp_profile(R"({"flags":["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"],)"
                                          R"("defaultAction":"SCMP_ACT_ALLOW"})"),
                    Catch::StartsWith("/flags/0: expected one of SECCOMP_FILTER_FLAG_LOG"));
}

TEST_CASE("what is not JSON is said with line and column") {
  CHECK_THROWS_WITH(parse_seccomp_profile("{\n  \"a\": }"),
                    Catch::StartsWith("line 2, column 8: not JSON"));
  CHECK_THROWS_WITH(parse_seccomp_profile(""), Catch::StartsWith("line 1, column 1: not JSON"));
  CHECK_THROWS_WITH(parse_seccomp_profile("{"), Catch::StartsWith("line 1, column 2: not JSON"));
  CHECK_THROWS_WITH(parse_seccomp_profile("{} {}"),
                    Catch::StartsWith("line 1, column 4: not JSON"));
  CHECK_THROWS_WITH(parse_seccomp_profile("[]"), "the profile: expected an object");
}

TEST_CASE("deeply nested lists are refused, not followed") {
  CHECK_THROWS_WITH(parse_seccomp_profile(std::string(100000, '[')), Catch::Contains("not JSON"));
}

}  // namespace muster
