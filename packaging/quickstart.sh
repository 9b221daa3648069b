#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds muster and shows what it does. Runs from any directory and any number of times.
set -eu

cd "$(dirname "$0")/.."
root=$(pwd)
log_dir=$root/build/log
mkdir -p "$log_dir"
# shellcheck source-path=SCRIPTDIR source=setup.sh
. packaging/setup.sh

# show STATUS WHY COMMAND: says why, prints the shell command, runs it, and fails unless it exits
# with STATUS.
show() {
  printf '\n# %s\n$ %s\n' "$2" "$3"
  status=0
  eval "$3" || status=$?
  [ "$1" -eq 0 ] || printf '(exit code %s)\n' "$status"
  [ "$status" -eq "$1" ] ||
    fail "quickstart: that should have exited with $1, not $status"
}

tour() {
  cd "$tour_dir"
  show 0 "Any command runs in a sandbox: its folder is there, your home and the network are not." \
    "muster run -- sh -c 'id -un; ls -A ~; echo made inside >note; cat /proc/net/route'; cat note"
  show 0 "With limits; its output comes as it is written." \
    "muster run --timeout 5s --open-files 256 -c \\
    'for i in 1 2 3; do echo step \$i; sleep 0.3; done'"
  # Without a cgroup the limit holds for each process by itself, and files in memory are none's.
  if muster doctor | grep -q '^cgroup memory *yes'; then
    show 137 "What needs more memory than it was given is ended, and that is told apart." \
      "muster run --memory 32M --tmpfs /big:1G -- dd if=/dev/zero of=/big/file bs=1M count=64"
  fi
  show 0 "Writes can go to a layer above the folder, to look at first." \
    "muster run --workspace overlay --diff -- sh -c 'rm note; echo new >other'; ls"
  show 0 "Too much output is cut in the middle; what was cut is counted." \
    'muster run --output-limit 64K -- seq 1000000 | wc -c'
  show 7 "The exit code is the command's own." \
    "muster run -- sh -c 'exit 7'"
  show 124 "A command that takes too long is ended with all its children: 124." \
    "muster run --timeout 500ms -- sleep 60"
  show 0 "What fails for a while is tried again." \
    "muster run --attempts 3 --backoff fixed:200ms --retry-on exit:75 -c \\
    'echo try >>tries; [ \$(wc -l <tries) -ge 3 ] || exit 75; echo it worked'"
  show 0 "What ran, how it ended, what it used and what held, as JSON." \
    "muster run --record run.json -- sha256sum /bin/sh; tr , '\n' <run.json | head -n 14"
  show 0 "What this machine allows a sandbox." \
    "muster doctor"
  show 0 "Every setting, and who set it." \
    "MUSTER_TIMEOUT=10m muster config show --origin | head -n 5"
}

# shellcheck disable=SC2086  # one word per package
stage "Packages to build with" need_packages $build_packages
: "${CMAKE_BUILD_PARALLEL_LEVEL:=$(nproc)}"
export CMAKE_BUILD_PARALLEL_LEVEL
stage "Building build/release/muster" build release muster

say "A tour"
tour_dir=$(mktemp -d)
trap 'rm -rf "$tour_dir"' EXIT
export PATH="$root/build/release:$PATH" XDG_CONFIG_HOME="$tour_dir/config"
logged tour tour

say "Done"
cat <<END
The program:  $root/build/release/muster ($(wc -c <build/release/muster) bytes, needs no other file)
Install it:   cmake --install build/release      with man pages and completions, below /usr/local
         or:  cp build/release/muster ~/bin/     it is one file
Try next:     muster run --help
              muster doctor                      check this machine, the config and the way to a server
              sh packaging/test.sh               every test
END
