// SPDX-License-Identifier: Apache-2.0
#include "exec/descriptor_sink.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>

#include <cerrno>
#include <csignal>

#include <catch2/catch.hpp>

#include "unit/exec/processes.h"

namespace muster {

namespace {

struct Pipe {
  Pipe() {
    int ends[2];
    REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
    reader.reset(ends[0]);
    writer.reset(ends[1]);
  }
  UniqueFd reader;
  UniqueFd writer;
};

bool is_blocking(int descriptor) { return (fcntl(descriptor, F_GETFL) & O_NONBLOCK) == 0; }

// Offers `chunk` until the sink is full; returns how many bytes it took.
std::size_t fill(DescriptorSink& sink, const std::string& chunk) {
  std::size_t total = 0;
  for (;;) {
    const Taken taken = sink.take(Stream::kOut, chunk);
    REQUIRE_FALSE(taken.gone);
    if (taken.count == 0) return total;
    total += taken.count;
  }
}

std::string read_some(int descriptor) {
  std::string text(65536, '\0');
  const ssize_t size = read(descriptor, text.data(), text.size());
  text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return text;
}

// A closed reader raises SIGPIPE, which whoever uses the sink has to block.
class NoBrokenPipe {
 public:
  NoBrokenPipe() : before_(std::signal(SIGPIPE, SIG_IGN)) {}
  NoBrokenPipe(const NoBrokenPipe&) = delete;
  NoBrokenPipe& operator=(const NoBrokenPipe&) = delete;
  ~NoBrokenPipe() { std::signal(SIGPIPE, before_); }

 private:
  void (*before_)(int);
};

}  // namespace

TEST_CASE("without a relay the command writes to the descriptors by itself") {
  DescriptorSink sink(7, 8, false);
  CHECK(sink.direct(Stream::kOut) == 7);
  CHECK(sink.direct(Stream::kErr) == 8);
}

TEST_CASE("with a relay no descriptor is handed out") {
  const Pipe pipe;
  DescriptorSink sink(pipe.writer.get(), pipe.writer.get(), true);
  CHECK_FALSE(sink.direct(Stream::kOut));
  CHECK_FALSE(sink.direct(Stream::kErr));
}

TEST_CASE("two descriptors of one pipe are one place, of two pipes are not") {
  const Pipe first;
  const Pipe second;
  const UniqueFd copy(dup(first.writer.get()));
  CHECK(DescriptorSink(first.writer.get(), copy.get(), true).merged());
  CHECK_FALSE(DescriptorSink(first.writer.get(), second.writer.get(), true).merged());
}

TEST_CASE("bytes reach the stream they were meant for") {
  const Pipe out;
  const Pipe err;
  DescriptorSink sink(out.writer.get(), err.writer.get(), true);
  CHECK(sink.take(Stream::kOut, "result").count == 6);
  CHECK(sink.take(Stream::kErr, "talk").count == 4);
  CHECK(read_some(out.reader.get()) == "result");
  CHECK(read_some(err.reader.get()) == "talk");
}

TEST_CASE("a full pipe takes nothing, and its flags stay as they were") {
  const Pipe pipe;
  DescriptorSink sink(pipe.writer.get(), pipe.writer.get(), true);
  const auto capacity = static_cast<std::size_t>(fcntl(pipe.writer.get(), F_GETPIPE_SZ));
  CHECK(fill(sink, std::string(4096, 'x')) == capacity);
  CHECK(is_blocking(pipe.writer.get()));

  pollfd room{sink.descriptor(Stream::kOut), POLLOUT, 0};
  CHECK(poll(&room, 1, 0) == 0);
  read_some(pipe.reader.get());
  CHECK(poll(&room, 1, 0) == 1);
  CHECK(sink.take(Stream::kOut, "more").count == 4);
}

TEST_CASE("a full socket takes nothing, and its flags stay as they were") {
  int ends[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  const UniqueFd reader(ends[0]);
  const UniqueFd writer(ends[1]);
  DescriptorSink sink(writer.get(), writer.get(), true);
  CHECK(fill(sink, std::string(5000, 'x')) > 0);
  CHECK(is_blocking(writer.get()));
  CHECK(read_some(reader.get()).substr(0, 5) == "xxxxx");
}

TEST_CASE("a file takes everything, at its own offset") {
  const ScratchFolder folder;
  const std::string path = folder.write("out", "old");
  const UniqueFd file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  REQUIRE(lseek(file.get(), 0, SEEK_END) == 3);
  DescriptorSink sink(file.get(), file.get(), true);
  CHECK(sink.take(Stream::kOut, " and ").count == 5);
  CHECK(sink.take(Stream::kErr, "young").count == 5);
  CHECK(folder.read("out") == "old and young");
}

TEST_CASE("a reader that closed makes the sink gone") {
  const NoBrokenPipe guard;
  Pipe pipe;
  DescriptorSink sink(pipe.writer.get(), pipe.writer.get(), true);
  pipe.reader.reset();
  const Taken taken = sink.take(Stream::kOut, "x");
  CHECK(taken.gone);
  CHECK(taken.error_number == 0);
}

TEST_CASE("a socket whose reader closed makes the sink gone without a signal") {
  int ends[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  const UniqueFd writer(ends[1]);
  DescriptorSink sink(writer.get(), writer.get(), true);
  close(ends[0]);
  CHECK(sink.take(Stream::kOut, "x").gone);
}

TEST_CASE("a descriptor that is closed or only readable makes the sink gone") {
  const ScratchFolder folder;
  const UniqueFd readable(open(folder.write("in", "").c_str(), O_RDONLY | O_CLOEXEC));
  DescriptorSink sink(readable.get(), 999, true);
  CHECK(sink.take(Stream::kOut, "x").gone);
  CHECK(sink.take(Stream::kErr, "x").gone);
}

TEST_CASE("a full disk makes the sink gone and says why") {
  const UniqueFd full(open("/dev/full", O_WRONLY | O_CLOEXEC));
  REQUIRE(full);
  DescriptorSink sink(full.get(), full.get(), true);
  for (const Stream stream : {Stream::kOut, Stream::kErr}) {
    const Taken taken = sink.take(stream, "x");
    CHECK(taken.gone);
    CHECK(taken.error_number == ENOSPC);
  }
}

TEST_CASE("where /proc cannot be used a pipe is still never waited for") {
  if (geteuid() != 0) return skip("hiding /proc needs root");
  const std::string said = in_child([]() -> std::string {
    const Pipe pipe;
    if (unshare(CLONE_NEWNS) != 0 ||
        mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("none", "/proc", "tmpfs", 0, nullptr) != 0) {
      return "cannot hide it";
    }
    DescriptorSink sink(pipe.writer.get(), pipe.writer.get(), true);
    if (sink.descriptor(Stream::kOut) != pipe.writer.get()) return "opened it anyway";
    // A blocking write of more than PIPE_BUF to an almost full pipe would hang here.
    const std::size_t total = fill(sink, std::string(100'000, 'x'));
    if (!is_blocking(pipe.writer.get())) return "changed the flags";
    return "took " + std::to_string(total);
  });
  if (said == "cannot hide it") return skip("no mount namespace can be made");
  CHECK(said == "took 65536");
}

}  // namespace muster
