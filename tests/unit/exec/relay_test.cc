// SPDX-License-Identifier: Apache-2.0
#include "exec/process/relay.h"

#include <fcntl.h>

#include <optional>
#include <string>

#include <catch2/catch.hpp>

#include "unit/exec/fakes.h"

namespace muster::process {

namespace {

// A relay between a pipe the test writes to and a sink it looks at.
struct Relaying {
  explicit Relaying(std::optional<Bytes> limit = std::nullopt) : cap(limit) {
    int ends[2];
    REQUIRE(pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
    writer.reset(ends[1]);
    source = ends[0];
    relay.emplace(Stream::kOut, UniqueFd(ends[0]), sink, cap);
  }
  void put(std::string_view text) const {
    REQUIRE(write(writer.get(), text.data(), text.size()) == ssize_t(text.size()));
  }

  MemorySink sink;
  OutputCap cap;
  UniqueFd writer;
  int source = -1;
  std::optional<Relay> relay;
};

}  // namespace

TEST_CASE("what was written arrives at the sink and is counted") {
  Relaying relaying;
  relaying.put("hello ");
  relaying.relay->pump();
  relaying.put("there");
  relaying.relay->pump();
  CHECK(relaying.sink.out() == "hello there");
  CHECK(relaying.relay->received() == 11);
  CHECK(relaying.relay->wants_input() == relaying.source);
  CHECK(relaying.relay->wants_room() == -1);
}

TEST_CASE("an empty pipe is no end") {
  Relaying relaying;
  relaying.relay->pump();
  CHECK_FALSE(relaying.relay->finished());
}

TEST_CASE("the end of the pipe is the end of the relay") {
  Relaying relaying;
  relaying.put("bye");
  relaying.writer.reset();
  relaying.relay->pump();
  CHECK(relaying.sink.out() == "bye");
  CHECK(relaying.relay->finished());
}

TEST_CASE("while the sink is full the relay waits for room and reads no further") {
  Relaying relaying;
  relaying.sink.room = 2;
  relaying.put("abcd");
  relaying.relay->pump();
  CHECK(relaying.sink.out() == "ab");
  CHECK(relaying.relay->wants_input() == -1);
  CHECK(relaying.relay->wants_room() == relaying.sink.descriptor(Stream::kOut));
  relaying.put("efgh");
  relaying.relay->pump();
  CHECK(relaying.relay->received() == 4);

  relaying.sink.room = MemorySink::kEndless;
  relaying.relay->pump();
  CHECK(relaying.sink.out() == "abcdefgh");
}

TEST_CASE("a sink that is gone closes the pipe, so that the writer learns it") {
  Relaying relaying;
  relaying.sink.gone = true;
  relaying.put("x");
  relaying.relay->pump();
  CHECK(relaying.relay->finished());
  CHECK(fcntl(relaying.source, F_GETFD) == -1);
}

TEST_CASE("the last call takes what is there and does not wait for other writers") {
  Relaying relaying;
  relaying.put("rest");
  relaying.relay->last_call();
  CHECK(relaying.sink.out() == "rest");
  CHECK(relaying.relay->finished());
}

TEST_CASE("the last call stops at a full sink and goes on from there") {
  Relaying relaying;
  relaying.sink.room = 1;
  relaying.put("rest");
  relaying.relay->last_call();
  CHECK_FALSE(relaying.relay->finished());
  relaying.sink.room = MemorySink::kEndless;
  relaying.relay->last_call();
  CHECK(relaying.sink.out() == "rest");
  CHECK(relaying.relay->finished());
}

TEST_CASE("what is given up is counted and ends the relay") {
  Relaying relaying;
  relaying.sink.room = 1;
  relaying.put("rest");
  relaying.relay->pump();
  CHECK(relaying.relay->abandon() == 3);
  CHECK(relaying.relay->finished());
}

TEST_CASE("beyond the limit bytes are counted and kept back") {
  Relaying relaying(Bytes{3});
  relaying.put("abcde");
  relaying.relay->pump();
  CHECK(relaying.sink.out() == "abc");
  CHECK(relaying.relay->received() == 5);
  CHECK(relaying.cap.next_of_tail()->bytes == "de");
}

}  // namespace muster::process
