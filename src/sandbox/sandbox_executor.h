// SPDX-License-Identifier: Apache-2.0
#pragma once

// The sandbox as an adapter of the executor's port and of that for `muster doctor`.

#include <csignal>
#include <memory>
#include <mutex>
#include <span>

#include "exec/executor.h"
#include "exec/host.h"

namespace muster {

namespace sandbox {
struct HostFacts;
struct Facts;
struct KeptForNext;
}  // namespace sandbox

/// Executes specs in sandboxes made of kernel primitives. The host is looked at once, at the first
/// use.
class SandboxExecutor : public Executor, public Host {
 public:
  /// `inherited_mask`: the signal mask muster was started with, which commands get back.
  /// `command_line`: the memory of muster's own argv, which commands must not read.
  explicit SandboxExecutor(const sigset_t& inherited_mask, std::span<char> command_line = {});
  ~SandboxExecutor() override;

  /// An attempt comes soon, and nothing before it. Begins on another thread with what takes time.
  void expect_attempt();

  Attempt execute(const Spec& spec, Sink& sink, Orders& orders) override;
  Explanation explain(const Spec& spec) override;
  std::vector<Capability> capabilities() override;

 private:
  sandbox::Facts facts(const Spec& spec, unsigned lane);

  sigset_t inherited_mask_;
  std::span<char> command_line_;
  std::mutex mutex_;
  std::unique_ptr<sandbox::HostFacts> host_;
  std::unique_ptr<sandbox::KeptForNext> kept_;
};

}  // namespace muster
