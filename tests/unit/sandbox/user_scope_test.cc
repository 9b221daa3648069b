// SPDX-License-Identifier: Apache-2.0
#include "sandbox/user_scope.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <functional>

#include <catch2/catch.hpp>

#include "base/text.h"
#include "base/unique_fd.h"
#include "sandbox/bus_message.h"
#include "unit/exec/processes.h"

namespace muster::sandbox {
namespace {

using Kind = BusMessage::Kind;

constexpr std::chrono::milliseconds kPatience = std::chrono::seconds(20);

// A message as a manager sends it: to the call `reply_to`, or a signal called `member`.
std::string message(Kind kind, std::uint32_t reply_to, std::string_view member,
                    std::string_view signature, const std::string& body) {
  BusWriter out;
  out.byte('l');
  out.byte(static_cast<std::uint8_t>(kind));
  out.byte(0);
  out.byte(1);
  out.number(static_cast<std::uint32_t>(body.size()));
  out.number(77);
  const std::size_t fields = out.open_array(8);
  if (reply_to != 0) {
    out.byte(5);
    out.signature("u");
    out.number(reply_to);
  }
  out.align(8);
  out.byte(3);
  out.signature("s");
  out.text(member);
  out.align(8);
  out.byte(8);
  out.signature("g");
  out.signature(signature);
  out.close_array(fields, 8);
  out.align(8);
  return out.bytes() + body;
}

std::string texts(const std::vector<std::string>& all) {
  BusWriter out;
  for (const std::string& each : all) out.text(each);
  return out.bytes();
}

std::string job_removed(const std::string& job, const std::string& result) {
  BusWriter out;
  out.number(9);
  for (const std::string& text : {job, std::string("any.scope"), result}) out.text(text);
  return message(Kind::kSignal, 0, "JobRemoved", "uoss", out.bytes());
}

// The first message that comes on a connection after its peer was let in.
std::string take_call(int connection) {
  std::string received;
  char buffer[4096];
  const auto more = [&] {
    const ssize_t size = read(connection, buffer, sizeof buffer);
    if (size <= 0) _exit(3);
    received.append(buffer, static_cast<std::size_t>(size));
  };
  while (received.find("\r\n") == std::string::npos) more();
  if (!received.starts_with(std::string_view("\0AUTH EXTERNAL 3", 16))) _exit(4);
  received.erase(0, received.find("\r\n") + 2);
  if (write(connection, "OK 0123456789abcdef\r\n", 21) != 21) _exit(5);
  while (!received.starts_with("BEGIN\r\n")) more();
  received.erase(0, 7);
  while (bus_message_size(received).value_or(SIZE_MAX) > received.size()) more();
  return received;
}

// A manager in a child process, which answers one call with what `answer` makes of it.
class FakeManager {
 public:
  explicit FakeManager(const std::function<std::string(const std::string& call)>& answer) {
    const UniqueFd listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, path().c_str());
    REQUIRE(bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(listen(listener.get(), 1) == 0);
    child_ = fork();
    if (child_ != 0) return;
    alarm(60);
    const UniqueFd connection(accept(listener.get(), nullptr, nullptr));
    const std::string reply = answer(take_call(connection.get()));
    // In two pieces, for a stream has no messages.
    const std::size_t half = reply.size() / 2;
    if (write(connection.get(), reply.data(), half) < 0) _exit(6);
    if (write(connection.get(), reply.data() + half, reply.size() - half) < 0) _exit(7);
    char rest = 0;
    while (read(connection.get(), &rest, 1) > 0) {
    }
    _exit(0);
  }
  FakeManager(const FakeManager&) = delete;
  FakeManager& operator=(const FakeManager&) = delete;
  ~FakeManager() { reap(child_); }

  std::string path() const { return folder_.path("private"); }

 private:
  ScratchFolder folder_;
  pid_t child_ = -1;
};

}  // namespace

TEST_CASE("a manager is asked for a delegated scope with this process in it") {
  const pid_t asks = getpid();
  const FakeManager manager([asks](const std::string& call) -> std::string {
    const auto asked = parse_bus_message(call);
    if (!asked || asked->member != "StartTransientUnit") return {};
    if (asked->signature != "ssa(sv)a(sa(sv))") return {};
    BusReader body(asked->body);
    const std::string name = body.text().value_or("");
    if (!name.starts_with(concat("muster-", asks, '-')) || !name.ends_with("-0.scope")) return {};
    if (body.text() != "fail") return {};
    body.number();
    body.align(8);
    bool delegates = false;
    bool holds = false;
    for (int i = 0; i < 4; ++i) {
      body.align(8);
      const auto key = body.text();
      const auto type = body.signature();
      if (type == "s") body.text();
      if (type == "b") delegates = key == "Delegate" && body.number() == 1;
      if (type == "au") {
        holds = key == "PIDs" && body.number() == 4 &&
                body.number() == static_cast<std::uint32_t>(asks);
      }
    }
    // No further units, and nothing behind them.
    if (!delegates || !holds || body.number() != 0) return {};
    body.align(8);
    if (body.at() != asked->body.size()) return {};
    return message(Kind::kSignal, 0, "UnitNew", "so", texts({"x", "/x"})) +
           job_removed("/job/1", "failed") + message(Kind::kReturn, 1, "", "o", texts({"/job/2"})) +
           job_removed("/job/1", "failed") + job_removed("/job/2", "done");
  });
  CHECK(enter_user_scope(manager.path(), kPatience).empty());
}

TEST_CASE("what a manager says against a scope is passed on") {
  const FakeManager manager([](const std::string& /*call*/) {
    return message(Kind::kError, 1, "", "s", texts({"not today"}));
  });
  CHECK(enter_user_scope(manager.path(), kPatience) == "not today");
}

TEST_CASE("a scope whose job fails is none") {
  const FakeManager manager([](const std::string& /*call*/) {
    return message(Kind::kReturn, 1, "", "o", texts({"/job/2"})) + job_removed("/job/2", "failed");
  });
  CHECK(enter_user_scope(manager.path(), kPatience) == "its job ended as 'failed'");
}

TEST_CASE("a manager that talks nonsense, hangs or is away is given up") {
  const FakeManager nonsense([](const std::string& /*call*/) { return std::string(64, 'x'); });
  CHECK(enter_user_scope(nonsense.path(), kPatience) == "Protocol error");
  const FakeManager silent([](const std::string& /*call*/) { return std::string(); });
  CHECK(enter_user_scope(silent.path(), std::chrono::milliseconds(50)) == "it does not answer");
  CHECK(enter_user_scope("/nonexistent/private", kPatience) == "No such file or directory");
  CHECK(enter_user_scope(std::string(300, 'x'), kPatience) == "File name too long");
}

TEST_CASE("a message that is cut off or lies about its size is none") {
  const std::string whole = job_removed("/job/1", "done");
  REQUIRE(parse_bus_message(whole));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CHECK_FALSE(parse_bus_message(std::string_view(whole).substr(0, size)));
  }
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string changed = whole;
    changed[at] = '\xff';
    const auto read = parse_bus_message(changed);
    if (!read) continue;
    BusReader body(read->body);
    while (body.text()) {
    }
  }
}

}  // namespace muster::sandbox
