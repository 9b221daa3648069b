// SPDX-License-Identifier: Apache-2.0
#include "exec/descriptor_sink.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <limits>
#include <string>

#include "base/text.h"

namespace muster {

namespace {

bool same_file(int a, int b) {
  struct stat first{};
  struct stat second{};
  return fstat(a, &first) == 0 && fstat(b, &second) == 0 && first.st_dev == second.st_dev &&
         first.st_ino == second.st_ino;
}

}  // namespace

DescriptorSink::End DescriptorSink::open_end(int descriptor) {
  End end;
  end.descriptor = descriptor;
  end.handed = descriptor;
  end.at_once = std::numeric_limits<std::size_t>::max();
  struct stat about{};
  if (fstat(descriptor, &about) != 0) return end;
  end.socket = S_ISSOCK(about.st_mode);
  const int flags = fcntl(descriptor, F_GETFL);
  const bool writable = flags >= 0 && (flags & O_ACCMODE) != O_RDONLY;
  if (!writable || (!S_ISFIFO(about.st_mode) && !S_ISCHR(about.st_mode))) return end;
  // O_NONBLOCK belongs to the open file description, which other processes share. A second
  // description of the same pipe or terminal can be made through /proc (proc(5)).
  const std::string path = concat("/proc/self/fd/", descriptor);
  end.reopened.reset(open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (end.reopened) {
    end.descriptor = end.reopened.get();
  } else {
    // A pipe that poll(2) calls writable has room for PIPE_BUF bytes (pipe(7)).
    end.at_once = PIPE_BUF;
  }
  return end;
}

DescriptorSink::DescriptorSink(int out, int err, bool relay)
    : relay_(relay), merged_(same_file(out, err)) {
  ends_[0].handed = out;
  ends_[1].handed = err;
  if (!relay) return;
  ends_[0] = open_end(out);
  ends_[1] = open_end(err);
}

std::optional<int> DescriptorSink::direct(Stream stream) {
  if (relay_) return std::nullopt;
  return end(stream).handed;
}

Taken DescriptorSink::take(Stream stream, std::string_view bytes) {
  const End& to = end(stream);
  if (to.at_once == PIPE_BUF) {
    pollfd ready{to.descriptor, POLLOUT, 0};
    if (poll(&ready, 1, 0) == 0) return {};
  }
  const std::size_t size = std::min(bytes.size(), to.at_once);
  ssize_t written = -1;
  do {
    written = to.socket ? send(to.descriptor, bytes.data(), size, MSG_DONTWAIT | MSG_NOSIGNAL)
                        : write(to.descriptor, bytes.data(), size);
  } while (written < 0 && errno == EINTR);
  if (written >= 0) return {static_cast<std::size_t>(written), false};
  if (errno == EAGAIN) return {};
  const bool unread = errno == EPIPE || errno == EIO || errno == ECONNRESET;
  return {0, true, unread ? 0 : errno};
}

}  // namespace muster
