// SPDX-License-Identifier: Apache-2.0
#include "sandbox/etc_files.h"

#include "base/text.h"

namespace muster::sandbox {

namespace {

constexpr std::uint32_t kNobody = 65534;

// A colon or a newline would end the field (passwd(5)).
std::string field(const std::string& text) {
  return text.find_first_of(":\n") == std::string::npos ? text : "/";
}

}  // namespace

std::string user_name(std::uint32_t id) { return id == 0 ? "root" : "user"; }

std::string make_passwd(const EtcUser& user) {
  std::string text =
      concat("root:x:0:0:root:", user.id == 0 ? field(user.home) : "/root", ":/bin/sh\n");
  if (user.id != 0) {
    text += concat("user:x:", user.id, ':', user.id, ":user:", field(user.home), ":/bin/sh\n");
  }
  return text + concat("nobody:x:", kNobody, ':', kNobody, ":nobody:/nonexistent:/bin/false\n");
}

std::string make_group(const EtcUser& user) {
  std::string text = "root:x:0:\n";
  if (user.id != 0) text += concat("user:x:", user.id, ":\n");
  return text + concat("nogroup:x:", kNobody, ":\n");
}

std::string make_hosts(const std::string& hostname) {
  return concat("127.0.0.1 localhost ", hostname, "\n::1 localhost ip6-localhost ", hostname, '\n');
}

std::string make_nsswitch() {
  return "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\nservices: files\n"
         "protocols: files\n";
}

}  // namespace muster::sandbox
