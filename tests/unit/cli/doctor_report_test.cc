// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor_report.h"

#include <catch2/catch.hpp>

#include "exec/host.h"
#include "term/width.h"

namespace muster::cli {

namespace {

using State = Capability::State;

std::string render(const DoctorReport& report, int width = kUnlimitedColumns) {
  return render_doctor(report, width, Painter(false));
}

DoctorReport report_of(std::vector<Capability> capabilities) {
  return {{{"kernel", true, "6.1", ""}}, std::move(capabilities)};
}

}  // namespace

TEST_CASE("doctor tells what was found, what follows from it and what to do") {
  CHECK(render({{{"kernel", true, "6.1", ""}, {"config", false, "broken", "mend it"}},
                {{"user namespaces", State::kYes, "as an ordinary user", "no root is needed", ""},
                 {"landlock", State::kPartly, "ABI 3", "TCP is open to it", "boot 6.7"},
                 {"psi", State::kNo, "not compiled in", "", ""}}}) ==
        "CHECK   STATE   DETAIL\n"
        "kernel  ok      6.1\n"
        "config  failed  broken\n"
        "\n"
        "SANDBOX          STATE   DETAIL\n"
        "user namespaces  yes     as an ordinary user; so no root is needed\n"
        "landlock         partly  ABI 3; so TCP is open to it\n"
        "psi              no      not compiled in\n"
        "\n"
        "next, config: mend it\n"
        "next, landlock: boot 6.7\n");
}

TEST_CASE("doctor cuts no reason on a narrow terminal but wraps it") {
  const std::string text =
      render(report_of({{"landlock", State::kNo, "the kernel was built without it", "", ""}}), 40);
  CHECK(
      text.ends_with("SANDBOX   STATE  DETAIL\n"
                     "landlock  no     the kernel was built\n"
                     "                 without it\n"));
}

TEST_CASE("a host that has nothing to say about sandboxes gets no second table") {
  CHECK(render(report_of({})) == "CHECK   STATE  DETAIL\nkernel  ok     6.1\n");
}

TEST_CASE("doctor makes what it found harmless for the terminal") {
  const std::string text = render(report_of({{"a\x1b", State::kNo, "b\x1b", "c\n", "d\x1b"}}));
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find("next, a\\x1b: d\\x1b\n") != std::string::npos);
}

TEST_CASE("only a failed check or an impossible sandbox fails doctor") {
  const std::string sandbox(kSandboxCapability);
  CHECK(all_right(report_of({})));
  CHECK(all_right(report_of({{"landlock", State::kNo, "", "", ""}})));
  CHECK(all_right(report_of({{sandbox, State::kPartly, "", "", ""}})));
  CHECK_FALSE(all_right(report_of({{sandbox, State::kNo, "", "", ""}})));
  CHECK_FALSE(all_right({{{"config", false, "", ""}}, {{sandbox, State::kYes, "", "", ""}}}));
}

TEST_CASE("each state of a capability has its colour") {
  const std::string text =
      render_doctor(report_of({{"a", State::kYes, "", "", ""}, {"b", State::kNo, "", "", ""}}), 80,
                    Painter(true));
  CHECK(text.find(Painter(true).paint(Style::kGreen, "yes")) != std::string::npos);
  CHECK(text.find(Painter(true).paint(Style::kRed, "no")) != std::string::npos);
}

}  // namespace muster::cli
