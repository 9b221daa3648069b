# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# shellcheck disable=SC2034  # the package lists are read by the scripts that source this
# shellcheck disable=SC2154  # log_dir is set by them
# Sourced by quickstart.sh and test.sh: names the Debian 12 packages muster needs, installs the
# missing ones and runs the steps of a build. Nothing else is ever downloaded. Root is needed only
# when something is missing.

build_packages="clang-19 cmake ninja-build ccache git libcli11-dev libtomlplusplus-dev
  libboost1.81-dev libboost-json1.81-dev libssl-dev"

# Sanitizer and fuzzer runtimes, linters, and the programs the tests run muster against.
test_packages="libclang-rt-19-dev libfuzzer-19-dev clang-tidy-19 clang-format-19 llvm-19
  catch2 shellcheck mandoc python3 busybox-static file procps openssl ca-certificates vim-tiny
  zsh fish"

say() { printf '\n== %s\n' "$*"; }

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

# stage TITLE COMMAND...: runs one step under its title and says how long it took.
stage() {
  say "$1"
  shift
  started=$(date +%s)
  "$@"
  echo "   took $(($(date +%s) - started)) s"
}

# logged NAME COMMAND...: shows the output as it comes and keeps it in $log_dir/NAME.log. The
# command has a subshell of its own, so that its exit is not the pipeline's.
logged() {
  log=$log_dir/$1.log
  shift
  rm -f "$log.failed"
  { ("$@") 2>&1 || : >"$log.failed"; } | tee "$log"
  [ ! -e "$log.failed" ] || fail "packaging: '$*' failed; the log is $log"
}

# need_packages NAME... : installs those that dpkg does not list as installed.
need_packages() {
  command -v dpkg-query >/dev/null 2>&1 ||
    fail "packaging: this is not a Debian system (no dpkg-query); muster builds on Debian 12"
  missing=""
  for package in "$@"; do
    dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed ||
      missing="$missing $package"
  done
  if [ -z "$missing" ]; then
    echo "all $# Debian packages are already installed"
    return 0
  fi
  echo "installing:$missing"
  [ "$(id -u)" -eq 0 ] ||
    fail "packaging: installing needs root; as root:
  apt-get install --no-install-recommends$missing"
  logged apt-update apt-get update -q
  # shellcheck disable=SC2086  # one word per package
  logged apt-install env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -q --no-install-recommends $missing
}

# build PRESET [TARGET]: configures the preset and builds the target, or everything.
build() {
  logged "configure-$1" cmake --preset "$1"
  logged "build-$1" cmake --build --preset "$1" ${2:+--target "$2"}
}
