// SPDX-License-Identifier: Apache-2.0
#include "wire/explanation.h"

#include <catch2/catch.hpp>

namespace muster {

TEST_CASE("a plan is one line with its steps in order and what would hold") {
  Explanation plan;
  plan.steps = {{"bind", "/usr\n read-only", "programs"}, {"exec", "\xff", ""}};
  plan.enforced.isolation = Isolation::kSandbox;
  plan.enforced.seccomp = true;
  CHECK(to_json(plan) ==
        "{\"schema\":\"muster.plan/1\",\"steps\":["
        R"({"name":"bind","detail":"/usr\n read-only","reason":"programs"},)"
        "{\"name\":\"exec\",\"detail\":\"\xEF\xBF\xBD\",\"reason\":\"\"}],"
        R"("enforced":{"isolation":"sandbox","namespaces":[],"identity":null,"seccomp":true,)"
        R"("landlock_abi":0,"memory":null,"cpus":null,"pids":null,"cpu_time":null,"missing":[]}})");
}

TEST_CASE("a plan without steps is an empty array") {
  CHECK(to_json(Explanation{}).find(R"("steps":[])") != std::string::npos);
}

}  // namespace muster
