// SPDX-License-Identifier: Apache-2.0
#pragma once

// Runs system call filters as the kernel does (seccomp(2), bpf instructions of linux/filter.h).

#include <linux/filter.h>
#include <linux/seccomp.h>

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <span>
#include <stdexcept>

namespace muster::sandbox {

/// A system call as a filter sees it.
inline seccomp_data call_of(std::uint32_t arch, std::uint32_t number,
                            std::initializer_list<std::uint64_t> arguments = {}) {
  seccomp_data call{};
  call.arch = arch;
  call.nr = static_cast<int>(number);
  std::size_t index = 0;
  for (const std::uint64_t argument : arguments) call.args[index++] = argument;
  return call;
}

/// What a filter said, after how many instructions, and whether it looked at an argument.
struct Answer {
  std::uint32_t action = 0;
  unsigned steps = 0;
  bool looked_at_arguments = false;
};

/// Runs `program` on `call`. Throws std::logic_error on what the kernel's check would refuse.
inline Answer run_filter(std::span<const sock_filter> program, const seccomp_data& call) {
  Answer answer;
  std::uint32_t accumulator = 0;
  for (std::size_t at = 0; at < program.size(); ++at) {
    const sock_filter& step = program[at];
    ++answer.steps;
    const auto branch = [&](bool taken) { at += taken ? step.jt : step.jf; };
    switch (step.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        if (step.k % 4 != 0 || step.k + 4 > sizeof call) throw std::logic_error("a wild load");
        std::memcpy(&accumulator, reinterpret_cast<const char*>(&call) + step.k, 4);
        if (step.k >= offsetof(seccomp_data, args)) answer.looked_at_arguments = true;
        break;
      case BPF_ALU | BPF_AND | BPF_K:
        accumulator &= step.k;
        break;
      case BPF_JMP | BPF_JA:
        at += step.k;
        break;
      case BPF_JMP | BPF_JEQ | BPF_K:
        branch(accumulator == step.k);
        break;
      case BPF_JMP | BPF_JGE | BPF_K:
        branch(accumulator >= step.k);
        break;
      case BPF_JMP | BPF_JGT | BPF_K:
        branch(accumulator > step.k);
        break;
      case BPF_JMP | BPF_JSET | BPF_K:
        branch((accumulator & step.k) != 0);
        break;
      case BPF_RET | BPF_K:
        answer.action = step.k;
        return answer;
      default:
        throw std::logic_error("an instruction that the test does not know");
    }
  }
  throw std::logic_error("the program runs past its end");
}

}  // namespace muster::sandbox
