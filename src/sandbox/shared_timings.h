// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>

namespace muster::sandbox {

/// Memory that a forked process shares with this one, one number a step.
class SharedTimings {
 public:
  SharedTimings() = default;
  SharedTimings(const SharedTimings&) = delete;
  SharedTimings& operator=(const SharedTimings&) = delete;
  ~SharedTimings() {
    if (numbers_ != nullptr) munmap(numbers_, size_);
  }

  /// False with errno set where there is no memory.
  bool make(std::size_t count) {
    size_ = count * sizeof(std::uint64_t);
    void* memory = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return false;
    numbers_ = static_cast<std::uint64_t*>(memory);
    return true;
  }
  std::uint64_t* get() const { return numbers_; }

 private:
  std::uint64_t* numbers_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace muster::sandbox
