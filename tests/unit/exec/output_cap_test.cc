// SPDX-License-Identifier: Apache-2.0
#include "exec/output_cap.h"

#include <malloc.h>

#include <array>
#include <string>

#include <catch2/catch.hpp>

// Of the sanitizers' allocators, which leave mallinfo2(3) at zero; absent without one.
extern "C" [[gnu::weak]] std::size_t __sanitizer_get_current_allocated_bytes();

namespace muster {

namespace {

std::size_t allocated() {
  if (__sanitizer_get_current_allocated_bytes != nullptr) {
    return __sanitizer_get_current_allocated_bytes();
  }
  return mallinfo2().uordblks + mallinfo2().hblkhd;
}

constexpr std::size_t kTail = OutputCap::kTail;

// What comes out at the far end of a cap: the heads, then the tail.
struct Through {
  explicit Through(std::optional<Bytes> limit) : cap(limit) {}

  void offer(Stream stream, std::string_view bytes) {
    text(stream) += bytes.substr(0, cap.admit(stream, bytes));
  }
  void end() {
    while (const auto piece = cap.next_of_tail()) text(piece->stream) += piece->bytes;
  }
  std::string& text(Stream stream) { return texts[static_cast<std::size_t>(stream)]; }

  OutputCap cap;
  std::array<std::string, 2> texts;
};

// Text in which no two stretches look alike.
std::string counting(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; text.size() < size; ++i) text += std::to_string(i) + ' ';
  text.resize(size);
  return text;
}

}  // namespace

TEST_CASE("without a limit everything passes at once") {
  Through through(std::nullopt);
  through.offer(Stream::kOut, counting(3 * kTail));
  CHECK(through.text(Stream::kOut) == counting(3 * kTail));
  CHECK_FALSE(through.cap.next_of_tail());
  CHECK(through.cap.cut() == Bytes{0});
}

TEST_CASE("output up to the limit passes and leaves no tail") {
  Through through(Bytes{5});
  through.offer(Stream::kOut, "12345");
  CHECK(through.text(Stream::kOut) == "12345");
  CHECK_FALSE(through.cap.next_of_tail());
}

TEST_CASE("the byte behind the limit is held back until the end") {
  Through through(Bytes{5});
  through.offer(Stream::kOut, "123456");
  CHECK(through.text(Stream::kOut) == "12345");
  through.end();
  CHECK(through.text(Stream::kOut) == "123456");
  CHECK(through.cap.cut() == Bytes{0});
}

TEST_CASE("a limit of zero keeps nothing but the tail") {
  Through through(Bytes{0});
  through.offer(Stream::kOut, "abc");
  CHECK(through.text(Stream::kOut).empty());
  through.end();
  CHECK(through.text(Stream::kOut) == "abc");
}

TEST_CASE("the last 1 MiB is kept whole and the byte before it is cut") {
  const std::string text = counting(10 + kTail + 1);
  for (const std::size_t step : {text.size(), std::size_t{1000}, std::size_t{4096}, kTail}) {
    Through through(Bytes{10});
    for (std::size_t at = 0; at < text.size(); at += step) {
      through.offer(Stream::kOut, std::string_view(text).substr(at, step));
    }
    through.end();
    INFO("in steps of " << step);
    CHECK(through.cap.cut() == Bytes{1});
    CHECK(through.text(Stream::kOut) == text.substr(0, 10) + text.substr(11));
  }
}

TEST_CASE("one offer larger than head and tail together keeps its two ends") {
  const std::string text = counting(4 * kTail);
  Through through(Bytes{100});
  through.offer(Stream::kOut, text);
  through.end();
  CHECK(through.text(Stream::kOut) == text.substr(0, 100) + text.substr(text.size() - kTail));
  CHECK(through.cap.cut() == Bytes{text.size() - 100 - kTail});
}

TEST_CASE("head and tail count both streams together and keep their order") {
  OutputCap cap(Bytes{4});
  CHECK(cap.admit(Stream::kOut, "aa") == 2);
  CHECK(cap.admit(Stream::kErr, "bbb") == 2);
  CHECK(cap.admit(Stream::kOut, "cc") == 0);
  CHECK(cap.admit(Stream::kErr, "d") == 0);
  std::string order;
  while (const auto piece = cap.next_of_tail()) {
    order += (piece->stream == Stream::kOut ? "out:" : "err:") + piece->bytes + ' ';
  }
  CHECK(order == "err:b out:cc err:d ");
}

TEST_CASE("a tail of one stream pushes the other's out") {
  Through through(Bytes{0});
  through.offer(Stream::kErr, "lost");
  through.offer(Stream::kOut, counting(kTail));
  through.end();
  CHECK(through.text(Stream::kErr).empty());
  CHECK(through.text(Stream::kOut) == counting(kTail));
  CHECK(through.cap.cut() == Bytes{4});
}

TEST_CASE("of 100 MB no more than the tail stays in memory") {
  Through through(Bytes{1000});
  const std::string chunk = counting(64 * 1024);
  const std::size_t before = allocated();
  std::size_t offered = 0;
  for (; offered < 100'000'000; offered += chunk.size()) {
    through.offer(offered % 3 == 0 ? Stream::kErr : Stream::kOut, chunk);
  }
  const std::size_t after = allocated();
  CHECK(after > before);
  CHECK(after - before < 2 * kTail);
  through.end();
  CHECK(through.texts[0].size() + through.texts[1].size() == 1000 + kTail);
  CHECK(through.cap.cut() == Bytes{offered - 1000 - kTail});
}

}  // namespace muster
