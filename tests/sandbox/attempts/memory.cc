// SPDX-License-Identifier: Apache-2.0
// More memory than was given, in every shape that memory has. Where a controller counts, the kernel
// ends the tree and no attempt comes to its verdict; the runner looks at the outcome.

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "attempt.h"

namespace attempts {

namespace {

constexpr std::size_t kStep = 8U << 20;
constexpr std::size_t kFar = 4 * kMemory;

// Memory that is touched page by page until there is no more; returns how much there was.
std::size_t touch_memory(std::size_t enough) {
  std::size_t sum = 0;
  for (; sum < enough; sum += kStep) {
    void* part = mmap(nullptr, kStep, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (part == MAP_FAILED) break;
    std::memset(part, 1, kStep);
  }
  return sum;
}

// A limit per process refuses the next piece; that holds too.
int memory_verdict(const char* what, std::size_t sum) {
  if (sum > kMemory) return leaked("%zu MiB of %s", sum >> 20, what);
  return held("no more than %zu MiB of %s: %s", sum >> 20, what, std::strerror(errno));
}

int memory_bomb(Arguments) { return memory_verdict("memory", touch_memory(kFar)); }

int memory_bomb_in_a_child(Arguments) {
  const int status = status_of_child([] { _exit(touch_memory(kFar) > kMemory ? 1 : 0); });
  if (WIFEXITED(status)) {
    return WEXITSTATUS(status) == 0 ? held("the child was refused")
                                    : leaked("the child got it all");
  }
  // Out of memory ends the whole tree: who outlives the child here runs into the time limit.
  for (;;) pause();
}

int memory_by_many(Arguments) {
  constexpr int kChildren = 8;
  pid_t children[kChildren];
  int ready[2];
  if (pipe2(ready, O_CLOEXEC) != 0) return cannot_try("pipe: %s", std::strerror(errno));
  for (pid_t& child : children) {
    child = fork();
    if (child == 0) {
      const bool all = touch_memory(kMemory / 2) >= kMemory / 2;
      (void)!write(ready[1], all ? "y" : "n", 1);
      for (;;) pause();
    }
  }
  int complete = 0;
  char answer = 'n';
  for (int i = 0; i < kChildren && read(ready[0], &answer, 1) == 1; ++i) complete += answer == 'y';
  for (const pid_t child : children) kill(child, SIGKILL);
  if (complete * (kMemory / 2) > kMemory) {
    return leaked("%d processes had %ld MiB each", complete, kMemory >> 21);
  }
  return held("%d processes of %d got theirs", complete, kChildren);
}

std::size_t fill_descriptor(int fd, std::size_t enough) {
  static char block[1 << 20];
  std::memset(block, 1, sizeof block);
  std::size_t sum = 0;
  while (sum < enough) {
    const ssize_t written = write(fd, block, sizeof block);
    if (written <= 0) break;
    sum += static_cast<std::size_t>(written);
  }
  return sum;
}

int memory_in_memfds(Arguments) {
  std::size_t sum = 0;
  while (sum < kFar) {
    const int fd = memfd_create("part", MFD_CLOEXEC);
    if (fd < 0) break;
    const std::size_t part = fill_descriptor(fd, kFileSize / 2);
    sum += part;
    if (part < kFileSize / 2) break;
  }
  return memory_verdict("memfd", sum);
}

int memory_in_tmpfs(Arguments) {
  std::size_t sum = 0;
  for (int i = 0; sum < kFar; ++i) {
    char path[64];
    (void)std::snprintf(path, sizeof path, "/tmp/part.%d.%d", getpid(), i);
    const int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0) break;
    const std::size_t part = fill_descriptor(fd, kFileSize / 2);
    // Outside of a sandbox the host's disk is to be left as it was.
    if (is_host_root()) unlink(path);
    sum += part;
    if (part < kFileSize / 2) break;
  }
  return memory_verdict("tmpfs", sum);
}

int memory_in_shared_segments(Arguments) {
  std::size_t sum = 0;
  while (sum < kFar) {
    const int id = shmget(IPC_PRIVATE, kStep, IPC_CREAT | 0600);
    if (id < 0) break;
    void* part = shmat(id, nullptr, 0);
    shmctl(id, IPC_RMID, nullptr);
    if (std::bit_cast<std::intptr_t>(part) == -1) break;
    std::memset(part, 1, kStep);
    sum += kStep;
  }
  return memory_verdict("shared segments", sum);
}

int memory_locked(Arguments) {
  void* part = mmap(nullptr, kFar, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (part == MAP_FAILED) return held("mmap: %s", std::strerror(errno));
  return refused("mlock of 1 GiB", mlock(part, kFar), {ENOMEM, EPERM, EAGAIN});
}

int memory_in_page_tables(Arguments) {
  // One byte touched in every 2 MiB costs a page and a page table: twice what the pages count.
  std::size_t sum = 0;
  constexpr std::size_t kHuge = 1UL << 37;
  auto* base = static_cast<char*>(mmap(nullptr, kHuge, PROT_READ | PROT_WRITE,
                                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
  if (base == MAP_FAILED) return held("mmap: %s", std::strerror(errno));
  madvise(base, kHuge, MADV_NOHUGEPAGE);
  for (std::size_t at = 0; at < kHuge; at += 2U << 20, sum += 8192) base[at] = 1;
  return memory_verdict("pages and their tables", sum);
}

// What the stack limit allows ends in a SIGSEGV of the child alone.
[[gnu::noinline]] int dive(int depth) {
  volatile char frame[4096];
  frame[0] = static_cast<char>(depth);
  asm volatile("" : : "r"(frame) : "memory");  // or the compiler keeps one byte of it
  if (depth > (1 << 18)) return depth;
  const int below = dive(depth + 1);
  return below + frame[0];
}

int stack_bomb(Arguments) {
  const int status = status_of_child([] {
    const rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
    _exit(dive(0) > 0 ? 1 : 0);
  });
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV) return held("SIGSEGV");
  return leaked("1 GiB of stack, status %d", status);
}

constexpr Attempt kAttempts[] = {
    {"memory-bomb", 2, "the tree is killed and called out of memory", memory_bomb},
    {"memory-bomb-in-a-child", 2, "the whole tree is killed", memory_bomb_in_a_child},
    {"memory-by-many-processes", 2, "the whole tree is killed", memory_by_many},
    {"memory-in-memfds", 3, "counts as memory", memory_in_memfds},
    {"memory-in-tmpfs", 3, "counts as memory", memory_in_tmpfs},
    {"memory-in-shared-segments", 68, "counts as memory", memory_in_shared_segments},
    {"memory-in-page-tables", 2, "counts as memory", memory_in_page_tables},
    {"memory-locked", 2, "ENOMEM, or the tree is killed", memory_locked},
    {"stack-bomb", 2, "SIGSEGV at the limit on the stack", stack_bomb},
};

}  // namespace

std::span<const Attempt> memory_attempts() { return kAttempts; }

}  // namespace attempts
