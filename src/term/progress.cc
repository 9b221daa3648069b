// SPDX-License-Identifier: Apache-2.0
#include "term/progress.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <utility>

#include "base/file_replacement.h"
#include "base/text.h"
#include "term/width.h"

namespace muster {
namespace {

constexpr std::string_view kEraseLine = "\r\x1b[K";
constexpr int kWidestBar = 40;
constexpr int kNarrowestBar = 3;

/// Beyond this an estimate says nothing.
constexpr double kLongestEstimate = 30.0 * 24 * 3600;

std::string estimate(double fraction, Duration elapsed) {
  if (fraction <= 0 || fraction >= 1 || elapsed <= Duration::zero()) return {};
  const double seconds = std::ceil(to_seconds(elapsed) * (1 - fraction) / fraction);
  if (seconds > kLongestEstimate) return {};
  return concat("  eta ", format_duration(std::chrono::seconds(static_cast<long>(seconds))));
}

}  // namespace

WriteText write_to(int descriptor) {
  return [descriptor](std::string_view text) { static_cast<void>(write_whole(descriptor, text)); };
}

StatusLine::StatusLine(WriteText write, const TerminalFacts& facts)
    : write_(std::move(write)),
      overprints_(facts.can_overprint && !facts.in_ci),
      columns_(facts.columns) {}

StatusLine::~StatusLine() {
  try {
    clear();
  } catch (...) {  // the line stays; nobody is left to tell
  }
}

void StatusLine::show(std::string_view text, std::string_view state) {
  if (!overprints_) {
    if (state_ == state) return;
    state_ = state;
    write_(concat(text, '\n'));
    return;
  }
  // The last column stays free: with the cursor held behind a full line, ESC [ K would erase the
  // last character on xterm and its like.
  std::string line = cut_to_width(text, columns_ - 1);
  if (line == shown_) return;
  write_(concat('\r', line, "\x1b[K"));
  shown_ = std::move(line);
}

void StatusLine::clear() {
  if (shown_.empty()) return;
  shown_.clear();
  write_(kEraseLine);
}

std::string_view spinner_frame(std::size_t tick, bool is_utf8) {
  static constexpr std::array<std::string_view, 10> kBraille = {"⠋", "⠙", "⠹", "⠸", "⠼",
                                                                "⠴", "⠦", "⠧", "⠇", "⠏"};
  static constexpr std::array<std::string_view, 4> kAscii = {"|", "/", "-", "\\"};
  return is_utf8 ? kBraille[tick % kBraille.size()] : kAscii[tick % kAscii.size()];
}

std::string progress_bar(std::uint64_t done, std::uint64_t total, int width, Duration elapsed) {
  done = std::min(done, total);
  const double fraction = total == 0 ? 1.0 : static_cast<double>(done) / static_cast<double>(total);
  // Rounded down, and short of `all` until all is done, however large the counts.
  const auto share_of = [&](int all) {
    return done == total ? all : std::min(all - 1, static_cast<int>(fraction * all));
  };
  const int percent = share_of(100);
  const std::string percent_text = concat(percent, '%');
  const std::string counts = concat("  ", done, '/', total);
  const std::string eta = estimate(fraction, elapsed);
  for (const std::string& rest : {concat(counts, eta), eta, std::string()}) {
    const int fixed = 4 + 3 + display_width(rest);  // "100%", and the brackets and space before it
    if (fixed > width - kNarrowestBar) continue;
    const int cells = std::min(kWidestBar, width - fixed);
    const int filled = share_of(cells);
    const std::string bar(static_cast<std::size_t>(filled), '#');
    const std::string space(static_cast<std::size_t>(cells - filled), '-');
    const std::string indent(4 - percent_text.size(), ' ');
    return concat('[', bar, space, "] ", indent, percent_text, rest);
  }
  return cut_to_width(percent_text, width);
}

}  // namespace muster
