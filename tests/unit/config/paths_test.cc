// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "config/config.h"
#include "temp_folder.h"

namespace muster {
namespace {

ConfigPaths paths_with(const std::map<std::string, std::string>& variables,
                       const std::string& folder = "/") {
  return find_config_paths(environment_of(variables), folder);
}

}  // namespace

TEST_CASE("the system's file is always looked for") {
  CHECK(paths_with({}).system == "/etc/muster/config.toml");
}

TEST_CASE("the user's file is below XDG_CONFIG_HOME, or else below the home") {
  CHECK(paths_with({{"XDG_CONFIG_HOME", "/x"}, {"HOME", "/h"}}).user == "/x/muster/config.toml");
  CHECK(paths_with({{"HOME", "/h"}}).user == "/h/.config/muster/config.toml");
}

TEST_CASE("an XDG_CONFIG_HOME that is relative or empty is ignored") {
  CHECK(paths_with({{"XDG_CONFIG_HOME", "x"}, {"HOME", "/h"}}).user ==
        "/h/.config/muster/config.toml");
  CHECK(paths_with({{"XDG_CONFIG_HOME", ""}, {"HOME", "/h"}}).user ==
        "/h/.config/muster/config.toml");
}

TEST_CASE("without a home there is no user's file") {
  CHECK(paths_with({}).user.empty());
  CHECK(paths_with({{"HOME", ""}}).user.empty());
  CHECK(paths_with({{"HOME", "h"}}).user.empty());
}

TEST_CASE("the nearest project file upward is taken") {
  const TempFolder folder;
  const auto outer = folder.write(".muster.toml", "");
  const auto inner = folder.write("a/b/.muster.toml", "");
  folder.write("a/b/c/d/other", "");
  CHECK(paths_with({}, folder.path("a/b/c/d")).project == inner);
  CHECK(paths_with({}, folder.path("a/b")).project == inner);
  CHECK(paths_with({}, folder.path("a/b/")).project == inner);
  CHECK(paths_with({}, folder.path("a")).project == outer);
}

TEST_CASE("without a project file none is named") {
  const TempFolder folder;
  CHECK(paths_with({}, folder.path("a")).project.empty());
  CHECK(paths_with({}, "").project.empty());
}

}  // namespace muster
