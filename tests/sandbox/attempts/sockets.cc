// SPDX-License-Identifier: Apache-2.0
// Socket families and protocols beyond the ordinary, and changing the network.

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "attempt.h"

namespace attempts {

namespace {

template <int kFamily, int kType = SOCK_DGRAM, int kProtocol = 0>
int made(Arguments) {
  return refused("socket", socket(kFamily, kType | SOCK_CLOEXEC, kProtocol), {EAFNOSUPPORT});
}

int vsock_high_bits(Arguments) {
  const long result = syscall(SYS_socket, AF_VSOCK | 1L << 32, SOCK_STREAM | SOCK_CLOEXEC, 0);
  return refused("AF_VSOCK with high bits", result, {EAFNOSUPPORT});
}

int vsock_pair(Arguments) {
  int pair[2];
  const long result = socketpair(AF_TIPC, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
  return refused("socketpair of AF_TIPC", result, {EAFNOSUPPORT});
}

int raw_icmp(Arguments) {
  const int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
  return refused("a raw socket", fd, {EPERM, EACCES});
}

int raw_icmp6(Arguments) {
  const int fd = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMPV6);
  return refused("a raw socket", fd, {EPERM, EACCES, EAFNOSUPPORT});
}

int down_loopback(Arguments) {
  if (is_host_root()) return leaked("root of the host can do this");
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  return refused("SIOCSIFFLAGS", ioctl(fd, SIOCSIFFLAGS, &request), {EPERM});
}

int add_route(Arguments) {
  if (is_host_root()) return leaked("root of the host can do this");
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  rtentry route{};
  return refused("SIOCADDRT", ioctl(fd, SIOCADDRT, &route), {EPERM});
}

// Sends `message` and returns the error the kernel acknowledges it with, or that of the way there.
int netlink_error(int protocol, nlmsghdr* message) {
  const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
  if (fd < 0) return errno;
  const timeval patience{2, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  struct {
    nlmsghdr header;
    nlmsgerr error;
    char rest[512];
  } answer{};
  int error = 0;
  if (send(fd, message, message->nlmsg_len, 0) < 0 || recv(fd, &answer, sizeof answer, 0) < 0) {
    error = errno;
  } else if (answer.header.nlmsg_type == NLMSG_ERROR) {
    error = -answer.error.error;
  }
  close(fd);
  return error;
}

int add_interface(Arguments) {
  if (is_host_root()) return leaked("root of the host can do this");
  struct {
    nlmsghdr header;
    ifinfomsg info;
  } message{};
  message.header = {sizeof message, RTM_NEWLINK,
                    NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, 1, 0};
  const int error = netlink_error(NETLINK_ROUTE, &message.header);
  errno = error;
  return refused("a new interface", error == 0 ? 0 : -1, {EPERM, EACCES});
}

int change_audit(Arguments) {
  // AUDIT_GET (1000) only reads, and wants the privilege all the same.
  nlmsghdr message{sizeof message, 1000, NLM_F_REQUEST | NLM_F_ACK, 1, 0};
  const int error = netlink_error(NETLINK_AUDIT, &message);
  errno = error;
  return refused("audit", error == 0 ? 0 : -1,
                 {EPERM, EACCES, ECONNREFUSED, EPROTONOSUPPORT, EAFNOSUPPORT});
}

int change_firewall(Arguments) {
  // NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETGEN: reads the generation of the rule set.
  struct {
    nlmsghdr header;
    unsigned char family, version;
    unsigned short resource;
  } message{};
  message.header = {sizeof message, 10 << 8 | 16, NLM_F_REQUEST | NLM_F_ACK, 1, 0};
  const int error = netlink_error(NETLINK_NETFILTER, &message.header);
  errno = error;
  return refused("netfilter", error == 0 ? 0 : -1,
                 {EPERM, EACCES, EPROTONOSUPPORT, EOPNOTSUPP, EINVAL});
}

int see_interfaces(Arguments) {
  struct if_nameindex* list = if_nameindex();
  if (list == nullptr) return held("no list of interfaces: %s", std::strerror(errno));
  int verdict = held("lo and nothing else");
  for (const struct if_nameindex* one = list; one->if_index != 0; ++one) {
    // Kernels with tunnels built in give every new network namespace idle ones, which are down.
    ifreq request{};
    std::strncpy(request.ifr_name, one->if_name, IFNAMSIZ - 1);
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const bool up = ioctl(fd, SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_UP) != 0;
    close(fd);
    if (up && std::strcmp(one->if_name, "lo") != 0) verdict = leaked("%s is up", one->if_name);
  }
  if_freenameindex(list);
  return verdict;
}

int repair_connection(Arguments) {
  constexpr int kTcpRepair = 19;
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  return refused("TCP_REPAIR", setsockopt(fd, IPPROTO_TCP, kTcpRepair, &on, sizeof on), {EPERM});
}

int forge_sender(Arguments) {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  return refused("IP_TRANSPARENT", setsockopt(fd, SOL_IP, 19, &on, sizeof on), {EPERM});
}

constexpr Attempt kAttempts[] = {
    {"socket-vsock", 55, "EAFNOSUPPORT", made<AF_VSOCK, SOCK_STREAM>},
    {"socket-vsock-with-high-bits", 55, "EAFNOSUPPORT", vsock_high_bits},
    {"socket-packet", 56, "EAFNOSUPPORT", made<AF_PACKET>},
    {"socket-alg", 56, "EAFNOSUPPORT", made<AF_ALG, SOCK_SEQPACKET>},
    {"socket-key", 56, "EAFNOSUPPORT", made<AF_KEY, SOCK_RAW, 2>},
    {"socket-xdp", 56, "EAFNOSUPPORT", made<AF_XDP, SOCK_RAW>},
    {"socket-bluetooth", 56, "EAFNOSUPPORT", made<AF_BLUETOOTH, SOCK_RAW, 1>},
    {"socket-tipc", 56, "EAFNOSUPPORT", made<AF_TIPC>},
    {"socket-can", 56, "EAFNOSUPPORT", made<AF_CAN, SOCK_RAW, 1>},
    {"socket-rds", 56, "EAFNOSUPPORT", made<AF_RDS, SOCK_SEQPACKET>},
    {"socket-smc", 56, "EAFNOSUPPORT", made<AF_SMC, SOCK_STREAM>},
    {"socket-x25", 56, "EAFNOSUPPORT", made<AF_X25, SOCK_SEQPACKET>},
    {"socket-pair-tipc", 56, "EAFNOSUPPORT", vsock_pair},
    {"raw-icmp", 56, "EPERM", raw_icmp},
    {"raw-icmp6", 56, "EPERM", raw_icmp6},
    {"take-loopback-down", 0, "EPERM", down_loopback},
    {"add-a-route", 0, "EPERM", add_route},
    {"add-an-interface", 0, "EPERM", add_interface},
    {"read-audit", 56, "EPERM", change_audit},
    {"read-firewall", 56, "EPERM", change_firewall},
    {"see-interfaces", 57, "lo alone", see_interfaces},
    {"repair-connection", 0, "EPERM", repair_connection},
    {"forge-sender", 0, "EPERM", forge_sender},
};

}  // namespace

std::span<const Attempt> socket_attempts() { return kAttempts; }

}  // namespace attempts
