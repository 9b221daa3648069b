// SPDX-License-Identifier: Apache-2.0
#include "config/edit.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include <catch2/catch.hpp>

#include "base/error.h"
#include "base/scope_exit.h"
#include "temp_folder.h"

namespace muster {
namespace {

mode_t mode_of(const std::string& path) {
  struct stat status{};
  REQUIRE(lstat(path.c_str(), &status) == 0);
  return status.st_mode & mode_t{07777};
}

// The text of a file after `prod` was made its active profile.
std::string edited(const std::string& text) {
  const TempFolder folder;
  set_active_profile(folder.write("c.toml", text), "prod");
  return folder.read("c.toml");
}

std::ptrdiff_t files_in(const std::string& folder) {
  const std::filesystem::directory_iterator all(folder);
  return std::distance(begin(all), end(all));
}

ErrorCode refusal(const std::string& path, const std::string& name) {
  try {
    set_active_profile(path, name);
  } catch (const Error& error) {
    return error.code();
  }
  FAIL("the edit was made");
  return ErrorCode::kUsage;
}

}  // namespace

TEST_CASE("the active profile's line is rewritten and every other byte stays") {
  CHECK(edited("# mine\n  profile  =  'a'  # why\r\n\n[profile.a]\n") ==
        "# mine\n  profile  =  \"prod\"  # why\r\n\n[profile.a]\n");
  CHECK(edited("profile = \"a\"") == "profile = \"prod\"");
  CHECK(edited("color = 'auto'\n\"profile\" = \"\"\"\na\"\"\"\n") ==
        "color = 'auto'\n\"profile\" = \"prod\"\n");
  CHECK(edited("\xEF\xBB\xBFprofile = \"a\"\n") == "\xEF\xBB\xBFprofile = \"prod\"\n");
}

TEST_CASE("a missing line is added before the first section") {
  CHECK(edited("") == "profile = \"prod\"\n");
  CHECK(edited("[task]\nnice = 1") == "profile = \"prod\"\n[task]\nnice = 1");
  CHECK(edited("# of the task\n[task]\n") == "profile = \"prod\"\n# of the task\n[task]\n");
  CHECK(edited("[task]\r\n") == "profile = \"prod\"\r\n[task]\r\n");
  CHECK(edited("\xEF\xBB\xBF[task]\n") == "\xEF\xBB\xBFprofile = \"prod\"\n[task]\n");
}

TEST_CASE("a missing line is added behind the comment that heads the file") {
  CHECK(edited("# My config.\n# Mine.\n\n[task]\n") ==
        "# My config.\n# Mine.\n\nprofile = \"prod\"\n[task]\n");
  CHECK(edited("# only a comment") == "profile = \"prod\"\n# only a comment");
  CHECK(edited("# only a comment\n") == "profile = \"prod\"\n# only a comment\n");
}

TEST_CASE("what is written is read back") {
  const TempFolder folder;
  const auto path = folder.write("c.toml", "# head\n\n[profile.prod]\nstore = 'sqlite'\n");
  for (const char* name : {"prod", "local", "a.b-c_d"}) {
    set_active_profile(path, name);
    const ConfigFile file = read_config_file(path, Layer::kUserFile);
    REQUIRE(file.entries.size() == 2);
    CHECK(file.entries[0].texts == std::vector<std::string>{name});
  }
}

TEST_CASE("a new file and its folders are made for the user alone") {
  const TempFolder folder;
  set_active_profile(folder.path("a/b/c.toml"), "prod");
  CHECK(folder.read("a/b/c.toml") == "profile = \"prod\"\n");
  CHECK(mode_of(folder.path("a")) == 0700);
  CHECK(mode_of(folder.path("a/b")) == 0700);
  CHECK(mode_of(folder.path("a/b/c.toml")) == 0600);
}

TEST_CASE("a file keeps its mode and leaves nothing beside it") {
  const TempFolder folder;
  set_active_profile(folder.write("c.toml", "", 0644), "prod");
  CHECK(mode_of(folder.path("c.toml")) == 0644);
  CHECK(files_in(folder.path("")) == 1);
}

TEST_CASE("symbolic links stay and their target is replaced") {
  const TempFolder folder;
  folder.write("dotfiles/real.toml", "profile = 'a'\n");
  std::filesystem::create_symlink("dotfiles/hop", folder.path("c.toml"));
  std::filesystem::create_symlink("real.toml", folder.path("dotfiles/hop"));
  set_active_profile(folder.path("c.toml"), "prod");
  CHECK(std::filesystem::is_symlink(folder.path("c.toml")));
  CHECK(std::filesystem::is_symlink(folder.path("dotfiles/hop")));
  CHECK(folder.read("dotfiles/real.toml") == "profile = \"prod\"\n");
}

TEST_CASE("the target of a symbolic link is made where it is missing") {
  const TempFolder folder;
  std::filesystem::create_symlink("later/real.toml", folder.path("c.toml"));
  set_active_profile(folder.path("c.toml"), "prod");
  CHECK(std::filesystem::is_symlink(folder.path("c.toml")));
  CHECK(folder.read("later/real.toml") == "profile = \"prod\"\n");
}

TEST_CASE("a link that leads to itself is refused") {
  const TempFolder folder;
  std::filesystem::create_symlink("c.toml", folder.path("c.toml"));
  CHECK(refusal(folder.path("c.toml"), "prod") == ErrorCode::kIo);
}

TEST_CASE("a broken file and a name that cannot be one change nothing") {
  const TempFolder folder;
  const std::string broken = "profile = 'a'\n[task]\ntimout = 1\n";
  const auto path = folder.write("c.toml", broken);
  CHECK(refusal(path, "prod") == ErrorCode::kInvalidArgument);
  CHECK(folder.read("c.toml") == broken);
  CHECK(refusal(path, "a\"b") == ErrorCode::kInvalidArgument);
  CHECK(refusal(folder.path(""), "prod") == ErrorCode::kInvalidArgument);
  // The key is spelled in a way that only a whole TOML parser would find.
  const std::string odd = "\"pro\\u0066ile\" = 'a'\n";
  CHECK(refusal(folder.write("odd.toml", odd), "prod") == ErrorCode::kInvalidArgument);
  CHECK(folder.read("odd.toml") == odd);
}

TEST_CASE("a disk that is full leaves the old file and no other") {
  const TempFolder folder;
  const auto path = folder.write("c.toml", "profile = 'a'\n");
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_FSIZE, &before) == 0);
  const auto old_action = std::signal(SIGXFSZ, SIG_IGN);
  ErrorCode code = ErrorCode::kUsage;
  {
    // A file-size limit makes write(2) fail half way, as a full disk does.
    const rlimit small{4, before.rlim_max};
    REQUIRE(setrlimit(RLIMIT_FSIZE, &small) == 0);
    const ScopeExit restore([&] { setrlimit(RLIMIT_FSIZE, &before); });
    code = refusal(path, "prod");
  }
  std::signal(SIGXFSZ, old_action);
  CHECK(code == ErrorCode::kIo);
  CHECK(folder.read("c.toml") == "profile = 'a'\n");
  CHECK(files_in(folder.path("")) == 1);
}

}  // namespace muster
