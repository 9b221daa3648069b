// SPDX-License-Identifier: Apache-2.0
#include "sandbox/sandbox_executor.h"

#include <unistd.h>

#include "base/scope_exit.h"
#include "base/text.h"
#include "exec/process/supervision.h"
#include "sandbox/capabilities.h"
#include "sandbox/facts.h"
#include "sandbox/kept_for_next.h"
#include "sandbox/plan.h"
#include "sandbox/sandbox_confinement.h"
#include "sandbox/user_scope.h"

namespace muster {

namespace {

using sandbox::CgroupFacts;
using sandbox::Controller;

// Not for the number of processes and their time, which are counted well without a cgroup.
bool needs_user_scope(const Limits& limits, const CgroupFacts& cgroups) {
  const auto lacks = [&](bool asked, Controller controller) {
    return asked && cgroups.at(controller).kind == Enforcer::kNobody;
  };
  return !cgroups.user_scope.empty() && (lacks(limits.memory.has_value(), Controller::kMemory) ||
                                         lacks(limits.cpus.has_value(), Controller::kCpu));
}

// Tried once: what came of it stays in the facts.
void move_to_user_scope(CgroupFacts& cgroups) {
  const std::string why_not = sandbox::enter_user_scope(cgroups.user_scope);
  if (why_not.empty()) {
    cgroups = sandbox::probe_cgroups();
  } else {
    for (sandbox::ControllerPlace& place : cgroups.places) {
      if (place.kind != Enforcer::kNobody) continue;
      place.why_not = concat(place.why_not, ", and the user's systemd gave no scope: ", why_not);
    }
  }
  cgroups.user_scope.clear();
}

}  // namespace

SandboxExecutor::SandboxExecutor(const sigset_t& inherited_mask, std::span<char> command_line)
    : inherited_mask_(inherited_mask),
      command_line_(command_line),
      kept_(std::make_unique<sandbox::KeptForNext>()) {}

SandboxExecutor::~SandboxExecutor() = default;

void SandboxExecutor::expect_attempt() { kept_->forerunner.start(); }

sandbox::Facts SandboxExecutor::facts(const Spec& spec, unsigned lane) {
  sandbox::Facts facts;
  {
    const std::scoped_lock lock(mutex_);
    if (!host_) host_ = kept_->forerunner.take_facts();
    if (!host_) host_ = std::make_unique<sandbox::HostFacts>(sandbox::probe_host(false));
    if (needs_user_scope(spec.limits, host_->cgroups)) move_to_user_scope(host_->cgroups);
    facts.host = *host_;
  }
  facts.lane = static_cast<unsigned>(getpid()) * unsigned{sandbox::Lanes::kCount} + lane;
  return facts;
}

Attempt SandboxExecutor::execute(const Spec& spec, Sink& sink, Orders& orders) {
  const unsigned lane = kept_->lanes.take();
  const ScopeExit give_back([&] { kept_->lanes.give_back(lane); });
  sandbox::SandboxConfinement confinement(spec, facts(spec, lane), command_line_, *kept_);
  process::Supervision supervision(spec, sink, orders, confinement, inherited_mask_);
  return supervision.run();
}

Explanation SandboxExecutor::explain(const Spec& spec) {
  sandbox::Facts found = facts(spec, 0);
  if (found.host.user_namespaces.yes) found.host.user_namespaces = sandbox::try_user_namespace();
  sandbox::probe_sources(spec, found);
  const sandbox::Plan plan = sandbox::build_plan(spec, found);
  return {sandbox::explain_steps(plan), plan.enforced};
}

std::vector<Capability> SandboxExecutor::capabilities() {
  return sandbox::describe_host(sandbox::probe_host(true));
}

}  // namespace muster
