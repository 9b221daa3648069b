// SPDX-License-Identifier: Apache-2.0
#include "exec/process/output_side.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>

#include "base/error.h"

namespace muster::process {

namespace {

int until(std::optional<Deadline> deadline) {
  if (!deadline) return -1;
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(*deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000));
}

// What else may come, such as a new window size, is no reason to drop output.
bool asks_for_end(Orders& orders) {
  bool asked = false;
  while (const std::optional<Order> order = orders.next()) {
    const auto* forwarded = std::get_if<ForwardSignal>(&*order);
    const int signal = forwarded == nullptr ? SIGKILL : forwarded->signal;
    asked = asked || signal == SIGKILL || signal == SIGINT || signal == SIGTERM ||
            signal == SIGHUP || signal == SIGQUIT;
  }
  return asked;
}

}  // namespace

void OutputSide::prepare(LaunchPlan& plan, CommandTerminal* terminal) {
  if (terminal != nullptr) {
    plan.streams[1] = plan.streams[2] = terminal->slave();
    add_relay(Stream::kOut, fcntl(terminal->master(), F_DUPFD_CLOEXEC, 3), plan);
    return;
  }
  for (const Stream stream : {Stream::kOut, Stream::kErr}) {
    const std::size_t slot = stream == Stream::kOut ? 1 : 2;
    if (const std::optional<int> direct = sink_.direct(stream)) {
      plan.streams[slot] = *direct;
    } else if (stream == Stream::kErr && sink_.merged() && !relays_.empty()) {
      plan.streams[slot] = plan.streams[1];
    } else {
      open_pipe(stream, slot, plan);
    }
  }
}

void OutputSide::open_pipe(Stream stream, std::size_t slot, LaunchPlan& plan) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw Error::from_errno(errno, "making a pipe for the output");
  handed_.emplace_back(ends[1]);
  add_relay(stream, ends[0], plan);
  // Fewer wake-ups per byte. Refused above the user's share (pipe(7)); then 64 KiB have to do.
  fcntl(ends[0], F_SETPIPE_SZ, 1024 * 1024);
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  plan.streams[slot] = ends[1];
  plan.close_in_keeper[slot + 2] = ends[1];
}

void OutputSide::add_relay(Stream stream, int source, LaunchPlan& plan) {
  if (source < 0) throw Error::from_errno(errno, "joining the output of the terminal");
  plan.close_in_keeper[stream == Stream::kOut ? 1 : 2] = source;
  relays_.push_back(std::make_unique<Relay>(stream, UniqueFd(source), sink_, cap_));
}

void OutputSide::close_handed() { handed_.clear(); }

void OutputSide::add_polls(std::vector<pollfd>& polls) const {
  for (const auto& relay : relays_) {
    if (relay->wants_input() >= 0) polls.push_back({relay->wants_input(), POLLIN, 0});
    if (relay->wants_room() >= 0) polls.push_back({relay->wants_room(), POLLOUT, 0});
  }
}

void OutputSide::pump() {
  for (const auto& relay : relays_) relay->pump();
}

bool OutputSide::wait_for_room(int descriptor, Orders& orders, std::optional<Deadline> deadline) {
  pollfd polls[] = {{descriptor, POLLOUT, 0}, {orders.descriptor(), POLLIN, 0}};
  const int ready = poll(polls, 2, until(deadline));
  if (ready < 0 && errno == EINTR) return true;
  return ready > 0 && (polls[1].revents == 0 || !asks_for_end(orders));
}

OutputTotals OutputSide::finish(Orders& orders, std::optional<Deadline> deadline) {
  std::uint64_t abandoned = 0;
  for (const auto& relay : relays_) {
    relay->last_call();
    while (!relay->finished()) {
      if (!wait_for_room(relay->wants_room(), orders, deadline)) {
        abandoned += relay->abandon();
        break;
      }
      relay->last_call();
    }
  }
  while (const std::optional<OutputPiece> piece = cap_.next_of_tail()) {
    if (!write_whole(*piece, orders, deadline)) abandoned += piece->bytes.size();
  }
  return totals(abandoned);
}

bool OutputSide::write_whole(const OutputPiece& piece, Orders& orders,
                             std::optional<Deadline> deadline) {
  std::string_view bytes = piece.bytes;
  while (!bytes.empty() || !sink_.flush(piece.stream)) {
    const Taken taken = sink_.take(piece.stream, bytes);
    if (taken.gone) {
      error_number_ = taken.error_number;
      return true;
    }
    bytes.remove_prefix(taken.count);
    if (taken.count > 0) continue;
    if (!wait_for_room(sink_.descriptor(piece.stream), orders, deadline)) return false;
  }
  return true;
}

OutputTotals OutputSide::totals(std::uint64_t abandoned) const {
  OutputTotals totals;
  totals.cut = cap_.cut();
  totals.unread = Bytes{abandoned};
  totals.error_number = error_number_;
  for (const auto& relay : relays_) {
    if (relay->error_number() != 0) totals.error_number = relay->error_number();
    (relay->stream() == Stream::kOut ? totals.out : totals.err) = Bytes{relay->received()};
  }
  return totals;
}

}  // namespace muster::process
