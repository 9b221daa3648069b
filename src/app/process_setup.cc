// SPDX-License-Identifier: Apache-2.0
#include "app/process_setup.h"

#include <fcntl.h>
#include <netdb.h>
#include <unistd.h>

#include <cstring>

// Declared in glibc's nss.h, which g++ and clang take only with its own types around it.
extern "C" int __nss_configure_lookup(const char* database, const char* service_line);

namespace muster::app {

sigset_t set_up_process() {
  // A descriptor opened later must not become somebody's standard stream. Opened the wrong way
  // round, a closed stream still fails with EBADF when it is used.
  for (int descriptor = 0; descriptor <= 2; ++descriptor) {
    if (fcntl(descriptor, F_GETFD) >= 0) continue;
    open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY);
  }
  // In a static binary glibc would load NSS modules, and a second libc with them, and crash where
  // /etc/nsswitch.conf names one (glibc manual, "Linux statically linked"; seen with
  // libnss_systemd).
  __nss_configure_lookup("passwd", "files");
  __nss_configure_lookup("group", "files");
  __nss_configure_lookup("hosts", "files dns");
  sigset_t mask;
  sigprocmask(SIG_BLOCK, nullptr, &mask);
  return mask;
}

std::span<char> memory_of_words(int argc, char** argv) {
  if (argc <= 0) return {};
  char* end = argv[0];
  for (int i = 0; i < argc && argv[i] == end; ++i) end += std::strlen(argv[i]) + 1;
  return {argv[0], end};
}

bool names_a_sandbox(const std::vector<std::string>& words) {
  if (words.size() < 2 || words[0] != "run") return false;
  for (const std::string& word : words) {
    if (word == "--") break;
    if (word == "-h") return false;
    for (const std::string_view other : {"--isolation", "--net", "--help", "--explain"}) {
      if (word.starts_with(other)) return false;
    }
  }
  return true;
}

}  // namespace muster::app
