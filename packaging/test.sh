#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds muster and runs every test. With --quick: all but clang-tidy and the fuzzers.
set -eu

cd "$(dirname "$0")/.."
log_dir=$PWD/build/log
mkdir -p "$log_dir"
# shellcheck source-path=SCRIPTDIR source=setup.sh
. packaging/setup.sh

quick=false
case "$*" in
  "") ;;
  --quick) quick=true ;;
  *) fail "usage: packaging/test.sh [--quick]" ;;
esac

# shellcheck disable=SC2086  # one word per package
stage "Packages to build and test with" need_packages $build_packages $test_packages
stage "Fetching a kernel for the tests in a virtual machine" fetch_kernel
: "${CMAKE_BUILD_PARALLEL_LEVEL:=$(nproc)}"
export CMAKE_BUILD_PARALLEL_LEVEL

# The dev tree comes last: its tests include those of the trees that stand when it is configured.
stage "Building release" build release
stage "Building the tests of threads with ThreadSanitizer" build tsan thread_tests
$quick || stage "Building the fuzzers" build fuzz fuzzers
stage "Building dev" build dev

say "Testing"
set -- --test-dir build/dev --output-on-failure -j2 --output-log "$log_dir/ctest.log"
! $quick || set -- "$@" --label-exclude 'tidy|fuzz'
MUSTER_TESTS_MUST_WORK=1 ctest "$@" || fail "tests failed; the log is $log_dir/ctest.log"
