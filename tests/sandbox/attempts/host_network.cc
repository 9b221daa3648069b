// SPDX-License-Identifier: Apache-2.0
// Reaching what listens on the host, and beyond it.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "attempt.h"

namespace attempts {

namespace {

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

Address internet_address(const char* text, int port) {
  Address address;
  auto* four = reinterpret_cast<sockaddr_in*>(&address.storage);
  auto* six = reinterpret_cast<sockaddr_in6*>(&address.storage);
  if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
    four->sin_port = htons(static_cast<std::uint16_t>(port));
    address.size = sizeof *four;
  } else {
    inet_pton(AF_INET6, text, &six->sin6_addr);
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(static_cast<std::uint16_t>(port));
    address.size = sizeof *six;
  }
  return address;
}

Address unix_address(const char* path, bool abstract) {
  Address address;
  auto* name = reinterpret_cast<sockaddr_un*>(&address.storage);
  name->sun_family = AF_UNIX;
  std::strncpy(name->sun_path + (abstract ? 1 : 0), path, sizeof name->sun_path - 2);
  address.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + std::strlen(path) + 1);
  return address;
}

// Never waits for an answer that does not come: 2 s are an answer too.
int connected(const char* what, const Address& address, int type) {
  const int fd = socket(address.storage.ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return held("%s: no socket: %s", what, std::strerror(errno));
  int error = connect(fd, address.get(), address.size) == 0 ? 0 : errno;
  if (error == EINPROGRESS) {
    pollfd entry{fd, POLLOUT, 0};
    socklen_t size = sizeof error;
    if (poll(&entry, 1, 2000) != 1) {
      close(fd);
      return leaked("%s: packets leave and nobody answers", what);
    }
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  }
  close(fd);
  errno = error;
  return refused(what, error == 0 ? 0 : -1,
                 {ECONNREFUSED, ENETUNREACH, EHOSTUNREACH, EACCES, EPERM, ENOENT, EADDRNOTAVAIL});
}

int port_of(Arguments arguments) { return arguments.empty() ? 0 : std::atoi(arguments[0]); }

int tcp(Arguments arguments) {
  if (arguments.empty()) return cannot_try("no port was named");
  return connected("TCP", internet_address("127.0.0.1", port_of(arguments)), SOCK_STREAM);
}
int tcp6(Arguments arguments) {
  if (arguments.empty()) return cannot_try("no port was named");
  return connected("TCP over IPv6", internet_address("::1", port_of(arguments)), SOCK_STREAM);
}

// That nothing arrived is seen by the runner, which listens.
int sent(const Address& address, int protocol) {
  const int fd = socket(address.storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, protocol);
  if (fd < 0) return held("no socket: %s", std::strerror(errno));
  (void)sendto(fd, "leak", 4, 0, address.get(), address.size);
  close(fd);
  return held("sent; the host tells whether it came");
}
int udp(Arguments arguments) {
  if (arguments.empty()) return cannot_try("no port was named");
  return sent(internet_address("127.0.0.1", port_of(arguments)), 0);
}
int udp_lite(Arguments arguments) {
  if (arguments.empty()) return cannot_try("no port was named");
  return sent(internet_address("127.0.0.1", port_of(arguments)), IPPROTO_UDPLITE);
}

int metadata(Arguments) {
  return connected("169.254.169.254", internet_address("169.254.169.254", 80), SOCK_STREAM);
}
int metadata6(Arguments) {
  return connected("fd00:ec2::254", internet_address("fd00:ec2::254", 80), SOCK_STREAM);
}
int documentation_network(Arguments) {
  // 192.0.2.0/24 is nobody's (RFC 5737).
  return connected("192.0.2.1", internet_address("192.0.2.1", 443), SOCK_STREAM);
}
int name_service(Arguments) {
  return connected("192.0.2.53", internet_address("192.0.2.53", 53), SOCK_DGRAM);
}

int abstract(Arguments arguments) {
  if (arguments.empty()) return cannot_try("no socket was named");
  return connected("an abstract socket", unix_address(arguments[0], true), SOCK_STREAM);
}
int pathname(Arguments arguments) {
  if (arguments.empty()) return cannot_try("no socket was named");
  return connected("a socket in a folder of the host", unix_address(arguments[0], false),
                   SOCK_STREAM);
}

int well_known_sockets(Arguments) {
  for (const char* path :
       {"/run/docker.sock", "/var/run/docker.sock", "/run/containerd/containerd.sock",
        "/run/systemd/private", "/run/dbus/system_bus_socket", "/run/user", "/tmp/.X11-unix",
        "/run/podman/podman.sock", "/run/nscd/socket", "/run/udev/control"}) {
    if (!is_absent(path)) return leaked("%s is there", path);
  }
  return held("no well-known socket is there");
}

constexpr Attempt kAttempts[] = {
    {"host-tcp", 57, "ECONNREFUSED", tcp},
    {"host-tcp-over-ipv6", 57, "ECONNREFUSED", tcp6},
    {"host-udp", 57, "nothing arrives", udp},
    {"host-udp-lite", 57, "nothing arrives", udp_lite},
    {"cloud-metadata", 58, "ENETUNREACH", metadata},
    {"cloud-metadata-over-ipv6", 58, "ENETUNREACH", metadata6},
    {"another-network", 58, "ENETUNREACH", documentation_network},
    {"name-service", 58, "ENETUNREACH", name_service},
    {"host-abstract-socket", 59, "ECONNREFUSED", abstract},
    {"host-socket-in-a-bind", 60, "EACCES", pathname},
    {"host-socket-in-the-workspace", 60, "EACCES", pathname},
    {"well-known-sockets", 60, "ENOENT", well_known_sockets},
};

}  // namespace

std::span<const Attempt> host_network_attempts() { return kAttempts; }

}  // namespace attempts
