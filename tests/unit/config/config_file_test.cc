// SPDX-License-Identifier: Apache-2.0
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include <catch2/catch.hpp>

#include "base/error.h"
#include "base/scope_exit.h"
#include "base/unique_fd.h"
#include "config/config.h"
#include "temp_folder.h"

namespace muster {
namespace {

struct Refusal {
  ErrorCode code = ErrorCode::kUsage;
  std::string message;
};

Refusal refusal(const std::string& path) {
  try {
    read_config_file(path, Layer::kUserFile);
  } catch (const Error& error) {
    return {error.code(), error.message()};
  }
  FAIL("the file was taken: " << path);
  return {};
}

bool ends_with(const Refusal& refusal, std::string_view words) {
  return refusal.message.ends_with(words);
}

constexpr std::string_view kSecret = "[task]\nenv = [\"API_TOKEN=hunter2\"]\n";

}  // namespace

TEST_CASE("a config file that is missing is not found") {
  const TempFolder folder;
  CHECK(refusal(folder.path("none")).code == ErrorCode::kNotFound);
  folder.write("file", "");
  CHECK(refusal(folder.path("file/below")).code == ErrorCode::kNotFound);
}

TEST_CASE("what is no regular file is refused by its kind, without waiting") {
  const TempFolder folder;
  CHECK(ends_with(refusal(folder.path("")), "is a directory, not a file"));
  const std::string fifo = folder.path("fifo");
  REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  CHECK(ends_with(refusal(fifo), "is a fifo, not a file"));
  CHECK(ends_with(refusal("/dev/null"), "is a device, not a file"));
  CHECK(refusal("/dev/null").code == ErrorCode::kInvalidArgument);
}

TEST_CASE("a socket is refused by its kind") {
  const TempFolder folder;
  const std::string path = folder.path("socket");
  const UniqueFd server(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  REQUIRE(path.copy(address.sun_path, sizeof address.sun_path - 1) == path.size());
  REQUIRE(bind(server.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  CHECK(ends_with(refusal(path), "not a file"));
  CHECK(refusal(path).code == ErrorCode::kInvalidArgument);
}

TEST_CASE("a file of 1 MiB is read and a larger one refused") {
  const TempFolder folder;
  const std::string largest(std::size_t{1} << 20, '\n');
  CHECK(read_config_file(folder.write("largest", largest), Layer::kUserFile).entries.empty());
  CHECK(ends_with(refusal(folder.write("larger", largest + "\n")), "is larger than 1 MiB"));
}

TEST_CASE("a file that cannot be read says so") {
  const TempFolder folder;
  const std::string path = folder.write("closed", "", 0);
  // Root reads every file, so the test is somebody else for a moment.
  const uid_t self = geteuid();
  if (self == 0) REQUIRE(seteuid(65534) == 0);
  const ScopeExit restore([&] {
    if (seteuid(self) != 0) std::abort();
  });
  CHECK(refusal(path).code == ErrorCode::kIo);
}

TEST_CASE("a secret that others can read gives a warning with the remedy") {
  const TempFolder folder;
  for (const mode_t mode : {mode_t{0640}, mode_t{0604}}) {
    const std::string path = folder.write("it's.toml", std::string(kSecret), mode);
    const auto warnings = read_config_file(path, Layer::kUserFile).warnings;
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0].find("env API_TOKEN") != std::string::npos);
    CHECK(warnings[0].find("chmod 600 '") != std::string::npos);
    CHECK(warnings[0].find("hunter2") == std::string::npos);
  }
  const auto command = folder.write("command", "[profile.p]\ntoken_command = 'x'\n", 0644);
  const auto warnings = read_config_file(command, Layer::kSystemFile).warnings;
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].find("(token_command)") != std::string::npos);
}

TEST_CASE("there is no warning without a secret or when the owner alone can read it") {
  const TempFolder folder;
  const auto closed = folder.write("closed", std::string(kSecret), 0600);
  const auto open = folder.write("open", "[task]\nenv = ['CI=1', 'API_TOKEN']\n", 0644);
  CHECK(read_config_file(closed, Layer::kUserFile).warnings.empty());
  CHECK(read_config_file(open, Layer::kUserFile).warnings.empty());
}

}  // namespace muster
