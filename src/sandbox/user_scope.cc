// SPDX-License-Identifier: Apache-2.0
#include "sandbox/user_scope.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "base/error.h"
#include "base/text.h"
#include "base/unique_fd.h"
#include "sandbox/bus_message.h"
#include "sandbox/cgroup_folder.h"
#include "sandbox/cgroup_names.h"

namespace muster::sandbox {

namespace {

using Clock = std::chrono::steady_clock;

std::string manager_socket() {
  // Nobody changes the environment of a running muster. NOLINTNEXTLINE(concurrency-mt-unsafe)
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  return runtime == nullptr || runtime[0] != '/' ? "" : concat(runtime, "/systemd/private");
}

// The arguments of StartTransientUnit (org.freedesktop.systemd1(5)): name, mode, properties, and
// further units, of which there are none.
std::string scope_arguments(const std::string& name) {
  BusWriter arguments;
  arguments.text(name);
  arguments.text("fail");
  const std::size_t properties = arguments.open_array(8);
  arguments.property("Description", "s");
  arguments.text("muster");
  arguments.property("Delegate", "b");
  arguments.number(1);
  arguments.property("CollectMode", "s");
  arguments.text("inactive-or-failed");
  arguments.property("PIDs", "au");
  const std::size_t pids = arguments.open_array(4);
  arguments.number(static_cast<std::uint32_t>(getpid()));
  arguments.close_array(pids, 4);
  arguments.close_array(properties, 8);
  arguments.close_array(arguments.open_array(8), 8);
  return arguments.bytes();
}

/// A direct connection to a manager. Every failure throws Error.
class Manager {
 public:
  Manager(const std::string& path, Clock::time_point deadline)
      : socket_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)), deadline_(deadline) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) throw failed(ENAMETOOLONG);
    std::memcpy(address.sun_path, path.c_str(), path.size());
    if (!socket_ ||
        connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      throw failed(errno);
    }
    authenticate();
  }

  /// Starts the unit and returns when its job is done.
  void start_scope(const std::string& name) {
    send(bus_call("/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager",
                  "StartTransientUnit", "ssa(sv)a(sa(sv))", scope_arguments(name)));
    std::string job;
    for (;;) {
      const BusMessage message = next();
      BusReader body(message.body);
      if (message.kind == BusMessage::Kind::kError && message.reply_to == kBusSerial) {
        throw Error(ErrorCode::kUnavailable, body.text().value_or("it gave no reason"));
      }
      if (message.kind == BusMessage::Kind::kReturn && message.reply_to == kBusSerial) {
        job = body.text().value_or("");
      } else if (message.member == "JobRemoved" && message.signature == "uoss") {
        body.number();
        if (job.empty() || body.text() != job) continue;
        body.text();
        const std::string result = body.text().value_or("");
        if (result == "done") return;
        throw Error(ErrorCode::kUnavailable, concat("its job ended as ", in_quotes(result)));
      }
    }
  }

 private:
  static Error failed(int error_number) {
    return {ErrorCode::kUnavailable, errno_words(error_number)};
  }

  // "D-Bus Specification", Authentication Protocol: the manager sees by itself who is there.
  void authenticate() {
    std::string uid;
    for (const char digit : std::to_string(geteuid())) uid += concat('3', digit);
    send(concat(std::string_view("\0", 1), "AUTH EXTERNAL ", uid, "\r\n"));
    while (received_.find("\r\n") == std::string::npos) receive();
    if (!received_.starts_with("OK ")) throw failed(EACCES);
    received_.erase(0, received_.find("\r\n") + 2);
    send("BEGIN\r\n");
  }

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno != EINTR) throw failed(errno);
      if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  void receive() {
    pollfd wait{socket_.get(), POLLIN, 0};
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - Clock::now());
    const int ready = left.count() <= 0 ? 0 : poll(&wait, 1, static_cast<int>(left.count()));
    if (ready == 0) throw Error(ErrorCode::kUnavailable, "it does not answer");
    std::array<char, 4096> buffer{};
    const ssize_t size = recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (size < 0 && errno != EINTR && errno != EAGAIN) throw failed(errno);
    if (size == 0) throw failed(ECONNRESET);
    if (size > 0) received_.append(buffer.data(), static_cast<std::size_t>(size));
  }

  BusMessage next() {
    for (;;) {
      const std::optional<std::size_t> size = bus_message_size(received_);
      if (size && *size <= received_.size()) {
        const auto message = parse_bus_message(std::string_view(received_).substr(0, *size));
        received_.erase(0, *size);
        if (message) return *message;
      }
      if (size == SIZE_MAX) throw failed(EPROTO);
      receive();
    }
  }

  UniqueFd socket_;
  Clock::time_point deadline_;
  std::string received_;
};

}  // namespace

std::string find_user_scope(const std::string& root, const OwnCgroup& own,
                            const CgroupFacts& missing) {
  // A scope has one process when it is new; where even that one was not given all controllers, one
  // more scope would not help.
  const std::string_view name = std::string_view(own.folder).substr(own.folder.rfind('/') + 1);
  if (own.alone && name.ends_with(".scope")) return {};
  const std::string listens = manager_socket();
  if (listens.empty() || access(concat(root, listens).c_str(), R_OK | W_OK) != 0) return {};
  const std::string uid = concat(geteuid());
  const std::string manager = concat(own.mount_point, "/user.slice/user-", uid, ".slice/user@", uid,
                                     ".service/cgroup.controllers");
  const std::optional<std::string> offered = read_file(AT_FDCWD, manager.c_str());
  if (!offered) return {};
  const auto gains = [&](Controller controller, std::string_view word) {
    return missing.at(controller).kind == Enforcer::kNobody && has_word(*offered, word);
  };
  const bool helps = gains(Controller::kMemory, "memory") || gains(Controller::kPids, "pids") ||
                     gains(Controller::kCpu, "cpu");
  return helps ? concat(root, listens) : "";
}

std::string enter_user_scope(const std::string& socket, std::chrono::milliseconds patience) {
  try {
    Manager(socket, Clock::now() + patience).start_scope(scope_name());
    return {};
  } catch (const Error& error) {
    return error.message();
  }
}

}  // namespace muster::sandbox
