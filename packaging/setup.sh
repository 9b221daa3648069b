# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# shellcheck disable=SC2034  # the package lists are read by the scripts that source this
# shellcheck disable=SC2154  # log_dir is set by them
# Sourced by quickstart.sh and test.sh: names the Debian 12 packages muster needs, installs the
# missing ones and runs the steps of a build. Nothing else is ever downloaded. Root is needed only
# when something is missing.

build_packages="clang-19 cmake ninja-build ccache git libcli11-dev libtomlplusplus-dev
  libboost1.81-dev libboost-json1.81-dev libssl-dev libseccomp-dev"

# Sanitizer and fuzzer runtimes, linters, and the programs the tests run muster against.
test_packages="libclang-rt-19-dev libfuzzer-19-dev clang-tidy-19 clang-format-19 llvm-19
  catch2 shellcheck mandoc python3 busybox-static file procps openssl ca-certificates vim-tiny
  zsh fish gcc libc6-dev make perl nodejs default-jre-headless bubblewrap crun qemu-system-x86 cpio"

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

# fetch_kernel: puts the kernel that the tests with the label vm boot into build/vm, from Debian's
# package, without installing it: that would set this machine up to boot it. Once there it stays.
fetch_kernel() {
  kernel=build/vm
  if [ -e "$kernel/vmlinuz" ]; then
    echo "$kernel/vmlinuz is there already"
    return 0
  fi
  [ "$(uname -m)" = x86_64 ] || {
    echo "none for $(uname -m): the tests with the label vm cannot run here"
    return 0
  }
  rm -rf "$kernel.part"
  mkdir -p "$kernel.part/files"
  logged fetch-kernel download_kernel "$kernel.part"
  tar -x -f "$kernel.part/files.tar" -C "$kernel.part/files" --wildcards \
    './boot/vmlinuz-*' '*/overlay.ko' '*/brd.ko'
  rm -rf "$kernel"
  mkdir -p "$kernel"
  # The kernel comes last: where it is, everything is.
  find "$kernel.part" -name '*.ko' -exec mv -t "$kernel" {} +
  mv "$(find "$kernel.part" -name 'vmlinuz-*')" "$kernel/vmlinuz"
  rm -rf "$kernel.part"
}

# download_kernel DIR: the files of the newest cloud kernel's package as DIR/files.tar. Lists that
# are missing or old are renewed once, which needs root.
download_kernel() {
  cd "$1" || exit
  download_package linux-image-cloud-amd64 || {
    [ "$(id -u)" -eq 0 ] || fail "packaging: the package lists are old; as root: apt-get update"
    apt-get update -q && download_package linux-image-cloud-amd64
  } && dpkg-deb --fsys-tarfile ./*.deb >files.tar
}

# download_package NAME: the package that NAME depends on, into the current folder.
download_package() {
  package=$(apt-cache depends "$1" | sed -n 's/^ *Depends: //p')
  [ -n "$package" ] && apt-get download -q "$package"
}
