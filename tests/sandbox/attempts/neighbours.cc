// SPDX-License-Identifier: Apache-2.0
// Two sandboxes of one user at a time: one leaves something everywhere, the other looks for it.

#include <arpa/inet.h>
#include <fcntl.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstring>

#include "attempt.h"

namespace attempts {

namespace {

constexpr int kPort = 47113;
constexpr key_t kKey = 0x6d757374;
constexpr const char* kQueue = "/muster-neighbour";
constexpr const char* kFiles[] = {"/tmp/muster-neighbour", "/dev/shm/muster-neighbour"};

sockaddr_in internet() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(kPort);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

constexpr char kSocket[] = "\0muster-neighbour";

sockaddr_un abstract() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, kSocket, sizeof kSocket);
  return address;
}

constexpr socklen_t kAbstractSize = offsetof(sockaddr_un, sun_path) + sizeof kSocket;

// What the message queue, segment, semaphore and listeners need to be there.
bool furnish() {
  const int inet = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(inet, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in address = internet();
  if (bind(inet, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return false;
  if (listen(inet, 4) != 0) return false;
  const int local = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un name = abstract();
  if (bind(local, reinterpret_cast<const sockaddr*>(&name), kAbstractSize) != 0) return false;
  if (listen(local, 4) != 0) return false;
  for (const char* path : kFiles) {
    if (open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0666) < 0) return false;
  }
  return shmget(kKey, 4096, IPC_CREAT | 0666) >= 0 && semget(kKey, 1, IPC_CREAT | 0666) >= 0 &&
         msgget(kKey, IPC_CREAT | 0666) >= 0;
}

void clear_away() {
  for (const char* path : kFiles) unlink(path);
  mq_unlink(kQueue);
  shmctl(shmget(kKey, 0, 0), IPC_RMID, nullptr);
  semctl(semget(kKey, 0, 0), 0, IPC_RMID);
  msgctl(msgget(kKey, 0), IPC_RMID, nullptr);
}

// Ends when its input does, and takes away what an attempt outside of a sandbox would leave.
int furnish_and_wait(Arguments) {
  if (!furnish()) return cannot_try("%s", std::strerror(errno));
  // Where message queues are limited to none there is nothing to find either.
  mq_open(kQueue, O_CREAT | O_RDWR | O_CLOEXEC, 0666, nullptr);
  const int verdict = held("ready");
  char byte = 0;
  while (read(STDIN_FILENO, &byte, 1) > 0) {
  }
  clear_away();
  return verdict;
}

int reach_tcp(Arguments) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = internet();
  const long result = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  return refused("TCP to the neighbour", result, {ECONNREFUSED, EACCES});
}

int reach_abstract(Arguments) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un name = abstract();
  const long result = connect(fd, reinterpret_cast<const sockaddr*>(&name), kAbstractSize);
  return refused("an abstract socket of the neighbour", result, {ECONNREFUSED, EPERM});
}

int see_files(Arguments) {
  for (const char* path : kFiles) {
    if (!is_absent(path)) return leaked("%s is shared", path);
  }
  return held("no file of the neighbour is there");
}

int see_segment(Arguments) {
  return refused("the segment of the neighbour", shmget(kKey, 0, 0), {ENOENT});
}
int see_semaphore(Arguments) {
  return refused("the semaphore of the neighbour", semget(kKey, 0, 0), {ENOENT});
}
int see_messages(Arguments) {
  return refused("the messages of the neighbour", msgget(kKey, 0), {ENOENT});
}
int see_queue(Arguments) {
  return refused("the queue of the neighbour", mq_open(kQueue, O_RDONLY | O_CLOEXEC),
                 {ENOENT, ENOSYS});
}

constexpr Attempt kAttempts[] = {
    {"neighbour", 71, "is ready for visitors", furnish_and_wait},
    {"reach-neighbour-by-tcp", 71, "ECONNREFUSED", reach_tcp},
    {"reach-neighbour-by-abstract-socket", 71, "ECONNREFUSED", reach_abstract},
    {"see-files-of-neighbour", 71, "ENOENT", see_files},
    {"see-segment-of-neighbour", 71, "ENOENT", see_segment},
    {"see-semaphore-of-neighbour", 71, "ENOENT", see_semaphore},
    {"see-messages-of-neighbour", 71, "ENOENT", see_messages},
    {"see-queue-of-neighbour", 71, "ENOENT", see_queue},
};

}  // namespace

std::span<const Attempt> neighbour_attempts() { return kAttempts; }

}  // namespace attempts
