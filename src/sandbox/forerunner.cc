// SPDX-License-Identifier: Apache-2.0
#include "sandbox/forerunner.h"

#include <csignal>
#include <exception>
#include <system_error>
#include <utility>

namespace muster::sandbox {

void Forerunner::start() {
  // Signals are for the thread that knows what they mean.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    thread_ = std::thread([this] { work(); });
  } catch (const std::system_error&) {
    // Then the attempt does it all by itself.
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void Forerunner::work() {
  try {
    facts_ = std::make_unique<HostFacts>(probe_host(false));
  } catch (const std::exception&) {
    facts_.reset();
  }
  const bool privileged = facts_ && facts_->privileged;
  looked_.test_and_set();
  looked_.notify_one();
  if (privileged) networks_.make_ahead();
}

std::unique_ptr<HostFacts> Forerunner::take_facts() {
  if (!thread_.joinable()) return nullptr;
  looked_.wait(false);
  return std::move(facts_);
}

void Forerunner::finish() {
  if (thread_.joinable()) thread_.join();
}

}  // namespace muster::sandbox
