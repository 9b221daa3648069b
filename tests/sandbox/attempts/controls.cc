// SPDX-License-Identifier: Apache-2.0
// What must work all the same: a sandbox in which nothing works holds too.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <sched.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "attempt.h"

namespace attempts {

namespace {

int works(const char* what, bool it_does) {
  const int error = errno;
  return it_does ? held("%s works", what) : leaked("%s does not: %s", what, std::strerror(error));
}

bool talk(int family, const sockaddr* address, socklen_t size) {
  const int server = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_storage bound{};
  socklen_t bound_size = sizeof bound;
  if (bind(server, address, size) != 0 || listen(server, 1) != 0) return false;
  getsockname(server, reinterpret_cast<sockaddr*>(&bound), &bound_size);
  const int client = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(client, reinterpret_cast<sockaddr*>(&bound), bound_size) != 0) return false;
  const int peer = accept4(server, nullptr, nullptr, SOCK_CLOEXEC);
  char byte = 0;
  return write(client, "x", 1) == 1 && read(peer, &byte, 1) == 1 && byte == 'x';
}

int own_loopback(Arguments) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return works("TCP over loopback",
               talk(AF_INET, reinterpret_cast<sockaddr*>(&address), sizeof address));
}

int own_loopback6(Arguments) {
  if (is_absent("/proc/net/if_inet6")) return cannot_try("this kernel has no IPv6");
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  return works("TCP over loopback and IPv6",
               talk(AF_INET6, reinterpret_cast<sockaddr*>(&address), sizeof address));
}

int own_socket(Arguments) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, "/tmp/socket");
  return works("a socket in /tmp",
               talk(AF_UNIX, reinterpret_cast<sockaddr*>(&address), sizeof address));
}

int own_abstract_socket(Arguments) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path + 1, "own");
  return works("an abstract socket",
               talk(AF_UNIX, reinterpret_cast<sockaddr*>(&address), sizeof(sa_family_t) + 4));
}

void* nothing(void* argument) { return argument; }

int threads(Arguments) {
  pthread_t thread{};
  errno = pthread_create(&thread, nullptr, nothing, nullptr);
  return works("a thread", errno == 0 && pthread_join(thread, nullptr) == 0);
}

int run_from_memory(Arguments) {
  const int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  const int fd = memfd_create("program", MFD_CLOEXEC);
  struct stat status{};
  if (from < 0 || fd < 0 || fstat(from, &status) != 0) return works("opening itself", false);
  for (off_t at = 0; at < status.st_size;) {
    if (sendfile(fd, from, &at, static_cast<std::size_t>(status.st_size)) <= 0) break;
  }
  const pid_t child = fork();
  if (child == 0) {
    char name[] = "attempts";
    char list[] = "--list";
    char* arguments[] = {name, list, nullptr};
    const int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    dup2(null, STDOUT_FILENO);
    fexecve(fd, arguments, environ);
    _exit(1);
  }
  int result = -1;
  waitpid(child, &result, 0);
  return works("a program in memory", result == 0);
}

int semaphores(Arguments) {
  sem_t* semaphore = sem_open("/muster-own", O_CREAT | O_EXCL, 0600, 1);
  if (semaphore == SEM_FAILED) return works("a named semaphore", false);
  const bool waited = sem_wait(semaphore) == 0;
  sem_unlink("/muster-own");
  return works("a named semaphore", waited);
}

int shared_memory(Arguments) {
  const int fd = shm_open("/muster-own", O_CREAT | O_EXCL | O_RDWR, 0600);
  const bool sized = fd >= 0 && ftruncate(fd, 1 << 20) == 0;
  shm_unlink("/muster-own");
  return works("shared memory", sized);
}

int affinity(Arguments) {
  cpu_set_t set;
  const bool read = sched_getaffinity(0, sizeof set, &set) == 0;
  return works("choosing processors", read && sched_setaffinity(0, sizeof set, &set) == 0);
}

int devices(Arguments) {
  char byte = 1;
  const int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
  if (read(zero, &byte, 1) != 1 || byte != 0) return works("/dev/zero", false);
  const int random = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
  if (read(random, &byte, 1) != 1) return works("/dev/urandom", false);
  const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  if (write(full, "x", 1) != -1 || errno != ENOSPC) return works("/dev/full", false);
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  return works("each device", write(null, "x", 1) == 1 && read(null, &byte, 1) == 0);
}

int own_proc(Arguments) {
  char path[64] = "";
  return works("/proc/self", readlink("/proc/self", path, sizeof path - 1) > 0 &&
                                 std::atoi(path) == getpid() &&
                                 open_error("/proc/self/maps", O_RDONLY) == 0 &&
                                 open_error("/proc/meminfo", O_RDONLY) == 0);
}

int kill_child(Arguments) {
  const int status = status_of_child([] { (void)raise(SIGTERM); });
  return works("a child that dies of a signal", WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

int written(const char* path) {
  const int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
  return works(path, fd >= 0 && write(fd, "written\n", 8) == 8);
}

int write_workspace(Arguments) { return written("written"); }
int write_bind(Arguments) { return written("/bound/written"); }

int trace(Arguments) {
  const pid_t child = fork();
  if (child == 0) {
    ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    (void)raise(SIGSTOP);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, WUNTRACED);
  const long event = ptrace(PTRACE_PEEKUSER, child, nullptr, nullptr);
  const bool traced = event != -1 || errno == 0;
  kill(child, SIGKILL);
  return works("ptrace", traced);
}

int trace_init(Arguments) {
  if (is_host_root()) return cannot_try("process 1 is the host's own");
  return refused("PTRACE_ATTACH", ptrace(PTRACE_ATTACH, 1, nullptr, nullptr), {EPERM});
}

int reach_host(Arguments arguments) {
  if (arguments.empty()) return cannot_try("no port was named");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(arguments[0])));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  return works("the host's loopback",
               connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
}

// With an argument any id will do that the host gives to nobody else; its name is the same.
int be_user(Arguments arguments) {
  const char* name = std::getenv("USER");
  // Without getpwuid(3), for which a static program would have to load libraries.
  std::FILE* file = std::fopen("/etc/passwd", "re");
  const passwd* entry = file == nullptr ? nullptr : fgetpwent(file);
  while (entry != nullptr && entry->pw_uid != getuid()) entry = fgetpwent(file);
  const bool named = name != nullptr && !std::strcmp(name, "user") && entry != nullptr &&
                     !std::strcmp(entry->pw_name, "user");
  const bool right = arguments.empty() ? getuid() == 1000 && getgid() == 1000
                                       : getuid() >= 1000 && getgid() >= 1000;
  return works("being the user of the sandbox", right && named);
}
int keep_set_id(Arguments) {
  const int fd = open("tool", O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0755);
  struct stat status{};
  return works("a set-id bit as asked for", fchmod(fd, S_ISUID | 0755) == 0 &&
                                                fstat(fd, &status) == 0 &&
                                                (status.st_mode & S_ISUID) != 0);
}
int be_mapped_root(Arguments) { return works("being root inside", getuid() == 0); }

int passed_variable(Arguments) {
  const char* value = std::getenv("TEST_PASSED");
  return works("a variable that was asked for", value != nullptr && !std::strcmp(value, "yes"));
}

int extra_device(Arguments) { return works("/dev/kmsg as asked for", !is_absent("/dev/kmsg")); }

int extra_tmpfs(Arguments) {
  const int fd = open("/extra/file", O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0 || ftruncate(fd, 1 << 20) != 0) return works("--tmpfs", false);
  return refused("more than its size", fallocate(fd, 0, 0, 4 << 20), {ENOSPC});
}

constexpr Attempt kControls[] = {
    {"control-own-loopback", 61, "works", own_loopback},
    {"control-own-loopback-over-ipv6", 61, "works", own_loopback6},
    {"control-own-socket", 61, "works", own_socket},
    {"control-own-abstract-socket", 61, "works", own_abstract_socket},
    {"control-threads", 0, "work", threads},
    {"control-run-from-memory", 0, "works", run_from_memory},
    {"control-semaphores", 0, "work", semaphores},
    {"control-shared-memory", 0, "works", shared_memory},
    {"control-choose-processors", 0, "works", affinity},
    {"control-devices", 0, "work", devices},
    {"control-own-proc", 0, "works", own_proc},
    {"control-kill-a-child", 0, "works", kill_child},
    {"control-write-workspace", 0, "works and reaches the host", write_workspace},
    {"control-write-bind", 0, "works and reaches the host", write_bind},
    {"control-trace-when-allowed", 12, "works", trace},
    {"ptrace-init-when-allowed", 12, "EPERM", trace_init},
    {"control-reach-host-when-allowed", 57, "works", reach_host},
    {"control-keep-set-id-when-allowed", 65, "the bit is set", keep_set_id},
    {"control-be-user", 0, "uid and gid 1000, called user", be_user},
    {"control-be-root-when-mapped", 0, "uid 0 inside", be_mapped_root},
    {"control-pass-variable", 17, "is passed", passed_variable},
    {"control-extra-device", 33, "is there", extra_device},
    {"control-extra-tmpfs", 5, "has its own size", extra_tmpfs},
};

}  // namespace

std::span<const Attempt> controls() { return kControls; }

}  // namespace attempts
