// SPDX-License-Identifier: Apache-2.0
#include "exec/stamped_sink.h"

#include <catch2/catch.hpp>

#include "unit/exec/fakes.h"

namespace muster {

namespace {

using std::chrono::milliseconds;
using std::chrono::system_clock;

// A stamped sink over a memory sink, with a clock the test moves.
struct Stamping {
  MemorySink next;
  system_clock::time_point now{};
  StampedSink sink{next, [this] { return now; }};
};

const std::string kStart = "1970-01-01T00:00:00.000Z ";

}  // namespace

TEST_CASE("every line gets the time in front of it") {
  Stamping stamping;
  CHECK(stamping.sink.take(Stream::kOut, "one\ntwo\n").count == 8);
  CHECK(stamping.next.out() == kStart + "one\n" + kStart + "two\n");
}

TEST_CASE("a line that comes in pieces has the time of its first byte") {
  Stamping stamping;
  stamping.sink.take(Stream::kOut, "a");
  stamping.now += milliseconds(1500);
  stamping.sink.take(Stream::kOut, "b\nc");
  CHECK(stamping.next.out() == kStart + "ab\n1970-01-01T00:00:01.500Z c");
}

TEST_CASE("a newline alone is a line") {
  Stamping stamping;
  stamping.sink.take(Stream::kOut, "\n\n");
  CHECK(stamping.next.out() == kStart + "\n" + kStart + "\n");
}

TEST_CASE("nothing is added behind a last line without a newline") {
  Stamping stamping;
  stamping.sink.take(Stream::kOut, "end");
  CHECK(stamping.sink.flush(Stream::kOut));
  CHECK(stamping.next.out() == kStart + "end");
}

TEST_CASE("bytes that are no text pass unchanged") {
  Stamping stamping;
  stamping.sink.take(Stream::kOut, std::string_view("\0\xff\r", 3));
  CHECK(stamping.next.out() == kStart + std::string("\0\xff\r", 3));
}

TEST_CASE("streams with separate ends have separate lines") {
  Stamping stamping;
  stamping.sink.take(Stream::kOut, "out");
  stamping.sink.take(Stream::kErr, "err");
  CHECK(stamping.next.out() == kStart + "out");
  CHECK(stamping.next.err() == kStart + "err");
}

TEST_CASE("streams that end in one place share the start of the line") {
  Stamping stamping;
  stamping.next.one_place = true;
  stamping.sink.take(Stream::kOut, "prompt ");
  stamping.sink.take(Stream::kErr, "answer\n");
  CHECK(stamping.next.order == kStart + "prompt answer\n");
}

TEST_CASE("a sink that takes one byte at a time gets every byte") {
  Stamping stamping;
  stamping.next.at_once = 1;
  CHECK(stamping.sink.take(Stream::kOut, "x\ny").count == 3);
  CHECK(stamping.sink.flush(Stream::kOut));
  CHECK(stamping.next.out() == kStart + "x\n" + kStart + "y");
}

TEST_CASE("while the next sink is full nothing more is taken") {
  Stamping stamping;
  stamping.next.room = 3;
  CHECK(stamping.sink.take(Stream::kOut, "first\n").count == 6);
  CHECK_FALSE(stamping.sink.flush(Stream::kOut));
  const Taken refused = stamping.sink.take(Stream::kOut, "second\n");
  CHECK(refused.count == 0);
  CHECK_FALSE(refused.gone);
  stamping.next.room = MemorySink::kEndless;
  CHECK(stamping.sink.take(Stream::kOut, "second\n").count == 7);
  CHECK(stamping.next.out() == kStart + "first\n" + kStart + "second\n");
}

TEST_CASE("when nobody reads any more the stamped sink is gone too") {
  Stamping stamping;
  stamping.next.gone = true;
  stamping.sink.take(Stream::kOut, "first\n");
  CHECK(stamping.sink.flush(Stream::kOut));
  CHECK(stamping.sink.take(Stream::kOut, "second\n").gone);
}

TEST_CASE("why the next sink is gone is passed on") {
  Stamping stamping;
  stamping.next.gone = true;
  stamping.next.error_number = 28;
  stamping.sink.take(Stream::kOut, "first\n");
  CHECK(stamping.sink.take(Stream::kOut, "second\n").error_number == 28);
}

TEST_CASE("no command may write around the stamps") {
  Stamping stamping;
  CHECK_FALSE(stamping.sink.direct(Stream::kOut));
  CHECK(stamping.sink.descriptor(Stream::kOut) == stamping.next.descriptor(Stream::kOut));
}

}  // namespace muster
