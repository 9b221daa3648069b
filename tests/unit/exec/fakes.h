// SPDX-License-Identifier: Apache-2.0
#pragma once

// Sinks and orders that a test holds in its hand.

#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <limits>
#include <mutex>
#include <optional>
#include <string>

#include "base/unique_fd.h"
#include "exec/orders.h"
#include "exec/sink.h"

namespace muster {

/// Keeps what it is given. Only to be read after the attempt, or by the attempt's own thread.
class MemorySink : public Sink {
 public:
  std::optional<int> direct(Stream /*stream*/) override { return std::nullopt; }
  bool merged() const override { return one_place; }

  Taken take(Stream stream, std::string_view bytes) override {
    if (before_take) before_take();
    if (gone) return {0, true, error_number};
    const std::size_t size = std::min({bytes.size(), at_once, room});
    text(stream) += bytes.substr(0, size);
    order += bytes.substr(0, size);
    if (room != kEndless) room -= size;
    return {size, false};
  }

  bool flush(Stream /*stream*/) override { return true; }
  int descriptor(Stream /*stream*/) const override { return always_ready_.get(); }

  std::string& text(Stream stream) { return texts_[static_cast<std::size_t>(stream)]; }
  std::string& out() { return text(Stream::kOut); }
  std::string& err() { return text(Stream::kErr); }

  static constexpr std::size_t kEndless = std::numeric_limits<std::size_t>::max();

  bool one_place = false;
  bool gone = false;
  int error_number = 0;  ///< why it is gone
  std::size_t at_once = kEndless;
  std::size_t room = kEndless;  ///< how much it takes before it is full
  std::string order;            ///< both streams as they came
  std::function<void()> before_take;

 private:
  UniqueFd always_ready_{eventfd(0, EFD_CLOEXEC)};
  std::array<std::string, 2> texts_;
};

/// Orders nobody ever gives.
class NoOrders : public Orders {
 public:
  int descriptor() const override { return -1; }
  std::optional<Order> next() override { return std::nullopt; }
  void suspend(bool whole_job) override { (whole_job ? job_suspends : suspends)++; }

  int suspends = 0;
  int job_suspends = 0;
};

/// Orders given from any thread.
class GivenOrders : public Orders {
 public:
  void give(Order order) {
    const std::lock_guard guard(mutex_);
    orders_.push_back(std::move(order));
    eventfd_write(waiting_.get(), 1);
  }

  int descriptor() const override { return waiting_.get(); }

  std::optional<Order> next() override {
    const std::lock_guard guard(mutex_);
    if (orders_.empty()) return std::nullopt;
    Order order = std::move(orders_.front());
    orders_.pop_front();
    eventfd_t ignored = 0;
    if (orders_.empty()) eventfd_read(waiting_.get(), &ignored);
    return order;
  }

  void suspend(bool whole_job) override {
    (whole_job ? job_suspends : suspends)++;
    if (on_suspend) on_suspend();
  }

  int suspends = 0;
  int job_suspends = 0;
  std::function<void()> on_suspend;

 private:
  std::mutex mutex_;
  std::deque<Order> orders_;
  UniqueFd waiting_{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
};

}  // namespace muster
