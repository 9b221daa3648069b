// SPDX-License-Identifier: Apache-2.0
#include "cli/apparmor.h"

#include <string>

#include <catch2/catch.hpp>

namespace muster::cli {

TEST_CASE("the AppArmor profile allows user namespaces to the binary") {
  const std::string profile = apparmor_profile("/usr/bin/muster");
  CHECK(profile.find("\nprofile muster \"/usr/bin/muster\" flags=(unconfined) {\n  userns,\n") !=
        std::string::npos);
}

TEST_CASE("the AppArmor profile takes a path for what it is and not for a pattern") {
  const std::string profile = apparmor_profile("/opt/a b*{c}/\"mu[ster\\");
  CHECK(profile.find("\"/opt/a b\\*\\{c\\}/\\\"mu\\[ster\\\\\" flags") != std::string::npos);
}

}  // namespace muster::cli
