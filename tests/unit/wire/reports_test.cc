// SPDX-License-Identifier: Apache-2.0
#include "wire/reports.h"

#include <catch2/catch.hpp>

namespace muster {

TEST_CASE("the version report names version, commit, compiler, build and features") {
  const VersionReport report{"1.2.3", "abc", "clang 19", "static-pie", {"run", "tty"}};
  CHECK(to_json(report) ==
        R"({"schema":"muster.version/1","version":"1.2.3","commit":"abc","compiler":"clang 19",)"
        R"("build":"static-pie","features":["run","tty"]})");
}

TEST_CASE("a list setting is an array and any other one a text") {
  const SettingsReport report{
      "prod", {{"env", {"A=1", "B=2"}, true, "flag --env"}, {"timeout", {"5m"}, false, "default"}}};
  CHECK(to_json(report) == R"({"schema":"muster.config/1","profile":"prod","settings":[)"
                           R"({"key":"env","value":["A=1","B=2"],"origin":"flag --env"},)"
                           R"({"key":"timeout","value":"5m","origin":"default"}]})");
}

TEST_CASE("profiles and paths are rows under their own name") {
  CHECK(to_json(std::vector<ProfileReport>{{"local", true}}) ==
        R"({"schema":"muster.profiles/1","profiles":[{"name":"local","active":true}]})");
  CHECK(to_json(std::vector<PathReport>{{"user", "/x\xff", false}}) ==
        "{\"schema\":\"muster.paths/1\",\"paths\":[{\"layer\":\"user\",\"path\":\"/x\xEF\xBF\xBD\","
        "\"exists\":false}]}");
}

TEST_CASE("doctor's report has checks and capabilities, each with its remedy") {
  const DoctorReport report{
      {{"kernel", true, "6.1", ""}},
      {{"landlock", Capability::State::kPartly, "ABI 3", "no TCP", "boot 6.7"},
       {"psi", Capability::State::kNo, "\xff", "", ""}}};
  CHECK(to_json(report) ==
        R"({"schema":"muster.doctor/1","checks":[{"name":"kernel","ok":true,"detail":"6.1",)"
        R"("remedy":""}],"capabilities":[{"name":"landlock","state":"partly","detail":"ABI 3",)"
        R"("consequence":"no TCP","remedy":"boot 6.7"},)"
        "{\"name\":\"psi\",\"state\":\"no\",\"detail\":\"\xEF\xBF\xBD\",\"consequence\":\"\","
        "\"remedy\":\"\"}]}");
}

TEST_CASE("no rows are an empty array") {
  CHECK(to_json(std::vector<ProfileReport>{}) == R"({"schema":"muster.profiles/1","profiles":[]})");
  CHECK(to_json(DoctorReport{}) == R"({"schema":"muster.doctor/1","checks":[],"capabilities":[]})");
}

}  // namespace muster
