// SPDX-License-Identifier: Apache-2.0
#include "sandbox/network_pool.h"

#include <fcntl.h>
#include <sched.h>

#include <cstdlib>
#include <utility>

#include "base/text.h"
#include "sandbox/network.h"
#include "sandbox/text_file.h"

namespace muster::sandbox {

namespace {

constexpr const char* kOwn = "/proc/thread-self/ns/net";

// What the network namespace of this thread shows of the past: how many sockets there are, packets
// sent and received, attempts to send any, and flow labels, which outlive their socket. Empty where
// it cannot be seen.
std::string portrait() {
  const std::string sockets = read_text_file("/proc/thread-self/net/sockstat");
  const std::string devices = read_text_file("/proc/thread-self/net/dev");
  const std::string counters = read_text_file("/proc/thread-self/net/snmp");
  if (sockets.empty() || devices.empty() || counters.empty()) return {};
  // The lines after the first count what the whole host holds.
  return concat(std::string_view(sockets).substr(0, sockets.find('\n')), devices, counters,
                read_text_file("/proc/thread-self/net/ip6_flowlabel"));
}

}  // namespace

void NetworkPool::make_ahead() {
  UniqueFd home(open(kOwn, O_RDONLY | O_CLOEXEC));
  if (!home || unshare(CLONE_NEWNET) != 0 || !bring_up_loopback()) return;
  UniqueFd made(open(kOwn, O_RDONLY | O_CLOEXEC));
  const std::scoped_lock lock(mutex_);
  ahead_ = std::move(made);
  home_ = std::move(home);
}

std::optional<QuietNetwork> NetworkPool::enter_first() {
  const std::scoped_lock lock(mutex_);
  if (!ahead_ || setns(ahead_.get(), CLONE_NEWNET) != 0) return std::nullopt;
  asked_before_ = true;
  // Without a portrait it is not kept: there may be no second one.
  return QuietNetwork{std::move(ahead_), {}};
}

std::optional<QuietNetwork> NetworkPool::enter() {
  if (auto first = enter_first()) return first;
  if (!is_worth_it()) return std::nullopt;
  while (std::optional<QuietNetwork> known = take()) {
    if (setns(known->descriptor.get(), CLONE_NEWNET) != 0) continue;
    if (portrait() == known->portrait) return known;
    leave();
  }
  return enter_new();
}

std::optional<QuietNetwork> NetworkPool::enter_new() {
  std::optional<QuietNetwork> made;
  if (unshare(CLONE_NEWNET) == 0) {
    if (bring_up_loopback()) made.emplace(UniqueFd(open(kOwn, O_RDONLY | O_CLOEXEC)), portrait());
    if (made && made->descriptor && !made->portrait.empty()) return made;
    leave();
  }
  const std::scoped_lock lock(mutex_);
  refused_ = true;
  return std::nullopt;
}

void NetworkPool::leave() {
  if (setns(home_.get(), CLONE_NEWNET) != 0) std::abort();
}

void NetworkPool::give_back(QuietNetwork network) {
  if (network.portrait.empty()) return;
  constexpr std::size_t kMost = 64;
  const std::scoped_lock lock(mutex_);
  if (kept_.size() < kMost) kept_.push_back(std::move(network));
}

bool NetworkPool::is_worth_it() {
  const std::scoped_lock lock(mutex_);
  if (!std::exchange(asked_before_, true)) return false;
  if (!home_ && !refused_) home_.reset(open(kOwn, O_RDONLY | O_CLOEXEC));
  return home_ && !refused_;
}

std::optional<QuietNetwork> NetworkPool::take() {
  const std::scoped_lock lock(mutex_);
  if (kept_.empty()) return std::nullopt;
  QuietNetwork last = std::move(kept_.back());
  kept_.pop_back();
  return last;
}

}  // namespace muster::sandbox
