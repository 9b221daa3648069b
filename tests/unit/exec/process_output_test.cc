// SPDX-License-Identifier: Apache-2.0
// Where the output of an attempt goes, and that all of it gets there.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include <catch2/catch.hpp>

#include "base/error.h"
#include "base/unique_fd.h"
#include "exec/descriptor_sink.h"
#include "exec/output_cap.h"
#include "unit/exec/fakes.h"
#include "unit/exec/processes.h"

namespace muster {

namespace {

// The keeper has been reaped: from now on the attempt only waits for its reader.
bool tree_has_ended() {
  return waitid(P_ALL, 0, nullptr, WEXITED | WNOHANG | WNOWAIT) < 0 && errno == ECHILD;
}

// A sink that is full from its first byte until the tree has ended, as a slow reader makes it. Then
// an order comes in, if there is one, and only after it there is room again.
class SlowReader : public MemorySink {
 public:
  SlowReader() {
    room = 1;
    while (waitpid(-1, nullptr, WNOHANG) > 0) {  // strays of other tests, which this one adopts
    }
  }
  SlowReader(GivenOrders& orders, Order order) : SlowReader() {
    orders_ = &orders;
    order_ = std::move(order);
  }

  Taken take(Stream stream, std::string_view bytes) override {
    if (room == 0 && tree_has_ended()) {
      if (orders_ != nullptr) {
        std::exchange(orders_, nullptr)->give(order_);
        return {};
      }
      room = kEndless;
    }
    return MemorySink::take(stream, bytes);
  }

 private:
  GivenOrders* orders_ = nullptr;
  Order order_;
};

std::string bytes_of_every_kind(std::size_t size) {
  std::string bytes(size, '\0');
  unsigned state = 1;
  for (char& byte : bytes) {
    state = state * 1103515245U + 12345U;
    byte = static_cast<char>(state >> 16U);
  }
  return bytes;
}

}  // namespace

TEST_CASE("a relay carries both streams byte for byte and counts them") {
  const ScratchFolder folder;
  const std::string bytes = bytes_of_every_kind(3'000'001);
  const std::string path = folder.write("bytes", bytes);
  const MarkedSpec marked = MarkedSpec::shell("cat " + path + "; head -c 70000 " + path + " >&2");
  MemorySink sink;
  const Attempt attempt = execute(marked.spec, sink);
  CHECK(attempt.outcome == Outcome(Exited{0}));
  CHECK((sink.out() == bytes));
  CHECK((sink.err() == bytes.substr(0, 70000)));
  CHECK(attempt.output == OutputTotals{Bytes{bytes.size()}, Bytes{70000}, Bytes{0}});
}

TEST_CASE("a command that writes by itself is not counted") {
  const ScratchFolder folder;
  const UniqueFd file(open(folder.write("out", "").c_str(), O_WRONLY | O_CLOEXEC));
  DescriptorSink sink(file.get(), file.get(), false);
  const Attempt attempt = execute(MarkedSpec::shell("echo out; echo err >&2").spec, sink);
  CHECK(folder.read("out") == "out\nerr\n");
  CHECK(attempt.output == OutputTotals{});
}

TEST_CASE("streams that end in one place keep their order") {
  MemorySink sink;
  sink.one_place = true;
  const MarkedSpec marked =
      MarkedSpec::shell("for i in 1 2 3 4 5 6 7 8 9; do echo $i; echo $i >&2; done");
  execute(marked.spec, sink);
  CHECK(sink.order == "1\n1\n2\n2\n3\n3\n4\n4\n5\n5\n6\n6\n7\n7\n8\n8\n9\n9\n");
}

TEST_CASE("a sink that takes one byte at a time gets everything") {
  MemorySink sink;
  sink.at_once = 1;
  execute(MarkedSpec::shell("seq 1 2000; echo end >&2").spec, sink);
  CHECK(sink.out().size() == 8893);
  CHECK(sink.err() == "end\n");
}

TEST_CASE("output that waits for a slow reader at the end arrives") {
  SlowReader sink;
  const Attempt attempt = execute(MarkedSpec({"seq", "1", "2000"}).spec, sink);
  CHECK(attempt.outcome == Outcome(Exited{0}));
  CHECK(sink.out().size() == 8893);
  CHECK(attempt.output.unread == Bytes{0});
}

TEST_CASE("a signal that asks for no end cuts nothing from a slow reader") {
  GivenOrders orders;
  SlowReader sink(orders, ForwardSignal{SIGWINCH});
  const Attempt attempt = execute(MarkedSpec({"seq", "1", "2000"}).spec, sink, orders);
  CHECK(sink.out().size() == 8893);
  CHECK(attempt.output.unread == Bytes{0});
}

TEST_CASE("an order to end gives up on a slow reader, and what it missed is counted") {
  for (const Order& order : {Order(KillNow{"a test"}), Order(ForwardSignal{SIGTERM})}) {
    GivenOrders orders;
    SlowReader sink(orders, order);
    const Attempt attempt = execute(MarkedSpec({"seq", "1", "2000"}).spec, sink, orders);
    CHECK(attempt.outcome == Outcome(Exited{0}));
    CHECK(attempt.output.out == Bytes{8893});
    CHECK(attempt.output.unread == Bytes{8892});
    CHECK(sink.out() == "1");
  }
}

TEST_CASE("when nobody reads any more the command gets SIGPIPE") {
  MemorySink sink;
  sink.gone = true;
  const MarkedSpec marked({"yes"});
  CHECK(execute(marked.spec, sink).outcome == Outcome(Signaled{SIGPIPE}));
  CHECK(marked.nothing_left());
}

TEST_CASE("a sink that fails ends the attempt and everything it started") {
  MemorySink sink;
  sink.before_take = [] { throw Error(ErrorCode::kIo, "the disk is full"); };
  const MarkedSpec marked = MarkedSpec::shell("echo x; setsid sleep 600 & sleep 600");
  CHECK_THROWS_WITH(execute(marked.spec, sink), "the disk is full");
  CHECK(wait_until([&] { return marked.nothing_left(); }));
}

TEST_CASE("the limit passes the head and the tail and counts what was between") {
  MarkedSpec marked = MarkedSpec::shell("echo head; head -c 3000000 /dev/zero; echo tail");
  marked.spec.limits.output = Bytes{5};
  MemorySink sink;
  const Attempt attempt = execute(marked.spec, sink);
  CHECK(sink.out().substr(0, 5) == "head\n");
  CHECK(sink.out().substr(sink.out().size() - 5) == "tail\n");
  CHECK(sink.out().size() == 5 + OutputCap::kTail);
  CHECK(attempt.output.out == Bytes{3'000'010});
  CHECK(attempt.output.cut == Bytes{3'000'010 - sink.out().size()});
}

TEST_CASE("output of what ends right behind the command still arrives") {
  MemorySink sink;
  const MarkedSpec marked =
      MarkedSpec::shell("(while kill -0 $$ 2> /dev/null; do :; done; echo late) & echo early");
  execute(marked.spec, sink);
  CHECK(sink.out() == "early\nlate\n");
}

TEST_CASE("a command with a terminal has it on all three streams") {
  MarkedSpec marked = MarkedSpec::shell("test -t 0 && test -t 1 && test -t 2 && echo err >&2; tty");
  marked.spec.tty = true;
  MemorySink sink;
  CHECK(execute(marked.spec, sink).outcome == Outcome(Exited{0}));
  CHECK_THAT(sink.out(), Catch::StartsWith("err\r\n/dev/pts/"));
  CHECK(sink.err().empty());
}

TEST_CASE("all output of a terminal arrives, however fast the command ends") {
  MarkedSpec marked({"seq", "1", "20000"});
  marked.spec.tty = true;
  MemorySink sink;
  execute(marked.spec, sink);
  CHECK(sink.out().size() == 108'894 + 20'000);  // the terminal makes \r\n of each \n
}

TEST_CASE("the end of piped input is the end of the terminal's input") {
  const std::string said = in_child([]() -> std::string {
    int ends[2];
    if (pipe(ends) != 0 || write(ends[1], "no newline", 10) != 10) return "no pipe";
    close(ends[1]);
    dup2(ends[0], STDIN_FILENO);
    MarkedSpec marked = MarkedSpec::shell("stty -echo; echo ready; cat; echo; echo end");
    marked.spec.tty = true;
    marked.spec.stdin_source = StdinSource::kInherit;
    MemorySink sink;
    execute(marked.spec, sink);
    return sink.out();
  });
  CHECK_THAT(said, Catch::EndsWith("no newline\r\nend\r\n"));
}

}  // namespace muster
