// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include <catch2/catch.hpp>

#include "base/unique_fd.h"
#include "sandbox/facts.h"
#include "sandbox/mounts.h"
#include "unit/sandbox/plan_hosts.h"

namespace muster::sandbox::test {
namespace {

namespace fs = std::filesystem;

// A folder that goes with the test: `real` in it, and `link` that leads there.
class Linked {
 public:
  Linked() {
    std::string name =
        (fs::canonical(fs::temp_directory_path()) / "muster-sources-XXXXXX").string();
    root = mkdtemp(name.data());
    fs::create_directories(root / "real" / "inner");
    fs::create_directory_symlink(root / "real", root / "link");
  }
  Linked(const Linked&) = delete;
  Linked& operator=(const Linked&) = delete;
  ~Linked() { fs::remove_all(root); }

  fs::path root;
};

}  // namespace

TEST_CASE("a link put into the path of the workspace is never followed") {
  const Linked place;
  CHECK(UniqueFd(open_source((place.root / "real/inner").c_str(), true)));
  CHECK(UniqueFd(open_source((place.root / "link/inner").c_str(), false)));
  CHECK_FALSE(UniqueFd(open_source((place.root / "link/inner").c_str(), true)));
  CHECK(errno == ELOOP);

  Facts facts;
  Spec spec = plain_spec();
  spec.sandbox.workspace.directory = place.root / "link/inner";
  probe_sources(spec, facts);
  REQUIRE(facts.sources.size() == 1);
  CHECK(facts.sources[0].error_number == ELOOP);
}

TEST_CASE("what the facts say of a folder is what stat says") {
  const Linked place;
  Facts facts;
  Spec spec = plain_spec();
  spec.sandbox.workspace.directory = place.root / "real";
  probe_sources(spec, facts);
  REQUIRE(facts.sources.size() == 1);
  CHECK(facts.sources[0].is_folder);
  CHECK(facts.sources[0].inode != 0);
  CHECK(facts.sources[0].uid == geteuid());
}

}  // namespace muster::sandbox::test
