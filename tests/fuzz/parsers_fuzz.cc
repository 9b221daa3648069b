// SPDX-License-Identifier: Apache-2.0

// The parsers of what users type. The first byte picks the parser, the rest is its text. What is
// read must be written and read back as the same value; what is refused must be an Error whose
// message fits on one line.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/duration.h"
#include "base/error.h"
#include "base/text.h"
#include "domain/outcome.h"
#include "domain/retry.h"
#include "domain/sandbox.h"
#include "domain/selector.h"

namespace muster {

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void read_duration(std::string_view text) {
  const auto duration = parse_duration(text);
  require(parse_duration(format_duration(duration)) == duration);
  require(!format_elapsed(duration).empty());
}

void read_bytes(std::string_view text) {
  const auto amount = parse_bytes(text);
  require(parse_bytes(format_bytes(amount)) == amount);
  require(!format_bytes_rounded(amount).empty());
}

void read_selector(std::string_view text) {
  const auto selector = parse_selector(text);
  require(parse_selector(format_selector(selector)) == selector);
}

void read_backoff(std::string_view text) {
  const auto backoff = parse_backoff(text);
  require(parse_backoff(format_backoff(backoff)) == backoff);
  for (const int failed_attempts : {1, 2, 63, 64, 1'000'000}) {
    const auto longest = ceiling(backoff, failed_attempts);
    require(longest >= backoff.base && longest <= backoff.cap);
    const auto pause = pause_before_next(backoff, failed_attempts, 0.5);
    require(pause >= Duration::zero() && pause <= longest);
  }
}

void read_retry_on(std::string_view text) {
  const auto rules = parse_retry_on(text);
  require(parse_retry_on(format_retry_on(rules)) == rules);
}

void read_signal(std::string_view text) {
  if (const auto signal = parse_signal(text)) {
    require(parse_signal(std::to_string(*signal)) == signal);
  }
}

void read_words(std::string_view text) {
  const auto words = split_words(text);
  require(split_words(shell_quote(words)) == words);
}

void read_bind(std::string_view text) {
  const auto bind = parse_bind(text);
  require(parse_bind(format_bind(bind)) == bind);
  require(normal_absolute_path(bind.source) == bind.source);
  require(normal_absolute_path(bind.target) == bind.target);
}

void read_tmpfs(std::string_view text) {
  const auto tmpfs = parse_tmpfs(text);
  require(parse_tmpfs(format_tmpfs(tmpfs)) == tmpfs);
  require(normal_absolute_path(tmpfs.target) == tmpfs.target);
}

// The parts between NUL bytes, which no argument can hold, are an argv.
void quote_words(std::string_view text) {
  const auto parts = split(text, '\0');
  const std::vector<std::string> argv(parts.begin(), parts.end());
  require(split_words(shell_quote(argv)) == argv);
}

void find_nearest(std::string_view text) {
  const auto parts = split(text, '\0');
  const std::vector<std::string> known(parts.begin() + 1, parts.end());
  const auto found = nearest(parts.front(), known);
  require(!found || join(known, "\n").find(*found) != std::string::npos);
}

constexpr std::array kTargets{read_duration, read_bytes,  read_selector, read_backoff,
                              read_retry_on, read_signal, read_words,    quote_words,
                              find_nearest,  read_bind,   read_tmpfs};

void read_one(std::string_view input) {
  const auto target = static_cast<unsigned char>(input.front()) % kTargets.size();
  try {
    kTargets[target](input.substr(1));
  } catch (const Error& error) {
    require(!error.message().empty());
    require(error.message().find('\n') == std::string::npos);
  }
}

}  // namespace

}  // namespace muster

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 0) muster::read_one({reinterpret_cast<const char*>(data), size});
  return 0;
}
