// SPDX-License-Identifier: Apache-2.0
#include "app/process_setup.h"

#include <fcntl.h>
#include <netdb.h>
#include <unistd.h>

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

}  // namespace muster::app
