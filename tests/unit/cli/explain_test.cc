// SPDX-License-Identifier: Apache-2.0
#include "cli/explain.h"

#include <catch2/catch.hpp>

#include "term/width.h"

namespace muster::cli {

namespace {

using std::chrono::microseconds;
using std::chrono::nanoseconds;

const Painter kPlain(false);

}  // namespace

TEST_CASE("a plan is a numbered list of steps with what would hold below it") {
  Explanation plan;
  for (int i = 0; i < 9; ++i) plan.steps.push_back({"bind", "/usr read-only", "programs"});
  plan.steps.push_back({"exec", "make", ""});
  plan.enforced = {Isolation::kBestEffort,
                   {"user", "mount"},
                   "uid 1000 inside",
                   true,
                   7,
                   Enforcer::kCgroupV1,
                   Enforcer::kNobody,
                   Enforcer::kPerProcess,
                   Enforcer::kCgroupV2,
                   {"no cpu controller"}};
  const std::string text = render_explanation(plan, kUnlimitedColumns, kPlain);
  CHECK(
      text.starts_with(" #  STEP  WHAT AND WHY\n"
                       " 1  bind  /usr read-only (programs)\n"));
  CHECK(
      text.ends_with("10  exec  make\n"
                     "\n"
                     "WOULD HOLD  HOW\n"
                     "isolation   best-effort\n"
                     "namespaces  user, mount\n"
                     "identity    uid 1000 inside\n"
                     "seccomp     yes\n"
                     "landlock    ABI 7\n"
                     "memory      cgroup-v1\n"
                     "pids        per-process\n"
                     "cpu time    cgroup-v2\n"
                     "missing     no cpu controller\n"));
}

TEST_CASE("a long step of a plan is wrapped below itself and never cut") {
  Explanation plan;
  plan.steps = {{"bind", "/a/long/path read-only", "because of its length"}};
  CHECK(render_explanation(plan, 34, kPlain)
            .starts_with("#  STEP  WHAT AND WHY\n"
                         "1  bind  /a/long/path read-only\n"
                         "         (because of its length)\n"));
}

TEST_CASE("timings are microseconds, the longest marked and the total below") {
  const std::vector<StepTiming> timings = {
      {"clone", nanoseconds(52345)}, {"net", microseconds(383)}, {"lo", nanoseconds(99)}};
  CHECK(render_timings(timings, kUnlimitedColumns, kPlain) ==
        "STEP   MICROSECONDS\n"
        "clone          52.3\n"
        "net           383.0  longest\n"
        "lo              0.0\n"
        "total         435.4\n");
}

TEST_CASE("of equally long steps one is marked") {
  const std::vector<StepTiming> timings = {{"a", microseconds(1)}, {"b", microseconds(1)}};
  const std::string text = render_timings(timings, kUnlimitedColumns, kPlain);
  CHECK(text.find("longest") == text.rfind("longest"));
}

TEST_CASE("without timings nothing is shown") {
  CHECK(render_timings({}, kUnlimitedColumns, kPlain).empty());
}

}  // namespace muster::cli
