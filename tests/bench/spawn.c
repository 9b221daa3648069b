// SPDX-License-Identifier: Apache-2.0
// Times two commands in turn: spawn PAIRS WARM-UPS COMMAND... -- COMMAND...
// Prints the milliseconds of each pair, one a line. Both write to /dev/null. SPAWN_IDLE_MS in the
// environment is how long it rests before each: after a rest, caches are cold.
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

extern char** environ;

static double now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void rest(void) {
  const char* idle = getenv("SPAWN_IDLE_MS");
  const long milliseconds = idle == NULL ? 0 : atol(idle);
  const struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  if (milliseconds > 0) nanosleep(&time, NULL);
}

static double spawn_ms(char** argv, const posix_spawn_file_actions_t* actions) {
  rest();
  const double start = now_ms();
  pid_t pid;
  const int error = posix_spawn(&pid, argv[0], actions, NULL, argv, environ);
  if (error != 0) {
    fprintf(stderr, "spawn: %s: %s\n", argv[0], strerror(error));
    exit(1);
  }
  int status;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (status != 0) {
    fprintf(stderr, "spawn: %s ended with status %d\n", argv[0], status);
    exit(1);
  }
  return now_ms() - start;
}

int main(int argc, char** argv) {
  const int pairs = argc > 3 ? atoi(argv[1]) : 0;
  const int warm_ups = argc > 3 ? atoi(argv[2]) : 0;
  int separator = 3;
  while (separator < argc && strcmp(argv[separator], "--") != 0) ++separator;
  if (pairs <= 0 || separator + 1 >= argc) return 2;
  // The second command may hold a "--" of its own, so the first one must not.
  argv[separator] = NULL;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  for (int i = -warm_ups; i < pairs; ++i) {
    const double a = spawn_ms(argv + 3, &actions);
    const double b = spawn_ms(argv + separator + 1, &actions);
    if (i >= 0) printf("%.4f %.4f\n", a, b);
  }
  return 0;
}
