// SPDX-License-Identifier: Apache-2.0
#include "attempt.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <ctime>

namespace attempts {

namespace {

void say(const char* verdict, const char* format, va_list list) {
  std::printf("%s: ", verdict);
  std::vprintf(format, list);
  std::printf("\n");
  (void)std::fflush(stdout);
}

}  // namespace

int held(const char* format, ...) {
  va_list list;
  va_start(list, format);
  say("held", format, list);
  va_end(list);
  return kHeld;
}

int leaked(const char* format, ...) {
  va_list list;
  va_start(list, format);
  say("leaked", format, list);
  va_end(list);
  return kLeaked;
}

int cannot_try(const char* format, ...) {
  va_list list;
  va_start(list, format);
  say("cannot be tried", format, list);
  va_end(list);
  return kCannotTry;
}

int refused(const char* what, long result, std::initializer_list<int> expected) {
  const int error = errno;
  if (result != -1) return leaked("%s succeeded (%ld)", what, result);
  if (std::find(expected.begin(), expected.end(), error) == expected.end()) {
    return leaked("%s was let through to: %s", what, std::strerror(error));
  }
  return held("%s: %s", what, std::strerror(error));
}

bool is_host_root() {
  if (geteuid() != 0) return false;
  std::FILE* map = std::fopen("/proc/self/uid_map", "re");
  if (map == nullptr) return true;
  unsigned inside = 0;
  unsigned outside = 0;
  unsigned count = 0;
  const int read = std::fscanf(map, "%u %u %u", &inside, &outside, &count);
  (void)std::fclose(map);
  return read != 3 || count == 4294967295U;
}

int open_error(const char* path, int flags) {
  const int fd = open(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return errno;
  close(fd);
  return 0;
}

bool is_absent(const char* path) {
  struct stat status{};
  return lstat(path, &status) != 0;
}

int status_of_child(void (*body)()) {
  const pid_t child = fork();
  if (child < 0) return -1;
  if (child == 0) {
    body();
    _exit(0);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return -1;
  }
  return status;
}

double now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

}  // namespace attempts
