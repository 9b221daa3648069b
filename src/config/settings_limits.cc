// SPDX-License-Identifier: Apache-2.0

// The limits. Those that no kernel call holds for a whole tree need a sandbox (`confines`).

#include "config/settings_tables.h"

namespace muster {
namespace {

constexpr Setting kLimitSettings[] = {
    {.name = "timeout",
     .preset = true,
     .in_project = InProject::kTighten,
     .type = SettingType::kDuration,
     .section = ConfigSection::kTask,
     .value_name = "DURATION",
     .env = "MUSTER_TIMEOUT",
     .category = "Limits",
     .brief = "end the command when it has run for DURATION",
     .detail = "Wall time of one attempt, such as 90s, 5m or 1h30m; a bare number is seconds. "
               "When it is over the command's process group gets SIGTERM and, when --grace is over "
               "too, the whole process tree SIGKILL; the exit code is 124, whatever the command "
               "itself says. Unset, or 0, "
               "means no time limit.",
     .example = "90s"},
    {.name = "grace",
     .preset = true,
     .type = SettingType::kDuration,
     .section = ConfigSection::kTask,
     .fallback = "5s",
     .value_name = "DURATION",
     .env = "MUSTER_GRACE",
     .category = "Limits",
     .brief = "time between SIGTERM and SIGKILL",
     .detail = "How long a command that is being ended may take to clean up; with 0 SIGKILL "
               "follows SIGTERM at once. It "
               "holds for timeouts, and for processes that the command leaves behind.",
     .example = "10s"},
    {.name = "open-files",
     .preset = true,
     .in_project = InProject::kTighten,
     .type = SettingType::kInteger,
     .section = ConfigSection::kTask,
     .value_name = "N",
     .env = "MUSTER_OPEN_FILES",
     .category = "Limits",
     .brief = "most files that one process may have open (RLIMIT_NOFILE)",
     .detail = "From 0 to 1048576. Without it the limit muster was started with stays. To go above "
               "the hard limit (`ulimit -Hn`) needs root; otherwise the command is not run.",
     .example = "4096",
     .minimum = 0,
     .maximum = 1048576},
    {.name = "core",
     .preset = true,
     .in_project = InProject::kTighten,
     .type = SettingType::kSize,
     .section = ConfigSection::kTask,
     .value_name = "SIZE",
     .env = "MUSTER_CORE",
     .category = "Limits",
     .brief = "largest core dump (RLIMIT_CORE)",
     .detail = "0 means no core dumps, which is the default in a sandbox; without one the limit "
               "muster was started with stays. The kernel does not apply it where core dumps are "
               "piped to a program.",
     .example = "0"},
    {.name = "file-size",
     .preset = true,
     .in_project = InProject::kTighten,
     .type = SettingType::kSize,
     .section = ConfigSection::kTask,
     .value_name = "SIZE",
     .env = "MUSTER_FILE_SIZE",
     .category = "Limits",
     .brief = "largest file that a process may write (RLIMIT_FSIZE)",
     .detail = "A process that writes beyond it gets SIGXFSZ, which kills it unless it is "
               "prepared. Without it the limit muster was started with stays.",
     .example = "2G"},
    {.name = "stack",
     .preset = true,
     .in_project = InProject::kTighten,
     .type = SettingType::kSize,
     .section = ConfigSection::kTask,
     .value_name = "SIZE",
     .env = "MUSTER_STACK",
     .category = "Limits",
     .brief = "largest stack of a process (RLIMIT_STACK)",
     .detail = "A process that needs more gets SIGSEGV. Arguments and environment may take at most "
               "a quarter of it. Without it the limit muster was started with stays.",
     .example = "64M"},
    {.name = "output-limit",
     .preset = true,
     .in_project = InProject::kTighten,
     .type = SettingType::kSize,
     .section = ConfigSection::kTask,
     .value_name = "SIZE",
     .env = "MUSTER_OUTPUT_LIMIT",
     .category = "Limits",
     .brief = "pass on SIZE bytes of output and the last 1 MiB, drop what is between",
     .detail = "Counts stdout and stderr of one attempt together. The command goes on and never "
               "notices; how much was cut is said on stderr and in the record. Without it all "
               "output is passed on.",
     .example = "64M"},
    {.name = "memory",
     .preset = true,
     .confines = true,
     .in_project = InProject::kTighten,
     .type = SettingType::kShare,
     .section = ConfigSection::kTask,
     .value_name = "SIZE|N%",
     .env = "MUSTER_MEMORY",
     .category = "Limits",
     .brief = "most memory that the command and its children may use together",
     .detail = "A size of at least 1M, or a share of this machine's memory such as 80%. It gets no "
               "swap beside it. What is written to /tmp and HOME counts, because it is kept in "
               "memory. When it is used up the whole command is killed, with exit code 137, "
               "`out of memory` as the reason and the peak in the record. Without it there is no "
               "limit. `run --isolation none` refuses to start when it is set, because nothing "
               "could enforce it.",
     .example = "2G",
     .minimum = 1048576},
    {.name = "cpus",
     .preset = true,
     .confines = true,
     .in_project = InProject::kTighten,
     .type = SettingType::kDecimal,
     .section = ConfigSection::kTask,
     .value_name = "N",
     .env = "MUSTER_CPUS",
     .category = "Limits",
     .brief = "processors' worth of time that the command may use, such as 0.5",
     .detail = "From 0.01 to 4096; 1.5 is one and a half processors. A command that asks for more "
               "is slowed down, not ended; how long it had to wait is in the record. Without it "
               "there is no limit.",
     .example = "1.5",
     .maximum = 4096},
    {.name = "pids",
     .preset = true,
     .confines = true,
     .in_project = InProject::kTighten,
     .type = SettingType::kInteger,
     .section = ConfigSection::kTask,
     .fallback = "4096",
     .value_name = "N",
     .env = "MUSTER_PIDS",
     .category = "Limits",
     .brief = "most processes and threads at a time",
     .detail = "From 1 to 4194304. Beyond it fork(2) and thread creation fail with EAGAIN, which "
               "is what stops a fork bomb.",
     .example = "256",
     .minimum = 1,
     .maximum = 4194304},
    {.name = "disk",
     .preset = true,
     .confines = true,
     .in_project = InProject::kTighten,
     .type = SettingType::kSize,
     .section = ConfigSection::kTask,
     .fallback = "1G",
     .value_name = "SIZE",
     .env = "MUSTER_DISK",
     .category = "Limits",
     .brief = "most that may be written outside of the workspace and binds",
     .detail = "One allowance for /tmp, HOME, /dev/shm, the writes of an overlay and every --tmpfs "
               "without a size. It is kept in memory, costs only what is used and counts as "
               "memory of the command; beyond it writes fail with ENOSPC. What is written to a "
               "read-write workspace or bind is on your disk and not counted.",
     .example = "512M",
     .minimum = 65536},
    {.name = "inodes",
     .preset = true,
     .confines = true,
     .in_project = InProject::kTighten,
     .type = SettingType::kInteger,
     .section = ConfigSection::kTask,
     .fallback = "262144",
     .value_name = "N",
     .env = "MUSTER_INODES",
     .category = "Limits",
     .brief = "most files and folders in what --disk counts",
     .detail = "From 64 to 1000000000. Each takes about a kilobyte of the kernel's memory however "
               "small it is.",
     .example = "16384",
     .minimum = 64,
     .maximum = 1000000000},
    {.name = "cpu-time",
     .preset = true,
     .confines = true,
     .in_project = InProject::kTighten,
     .type = SettingType::kDuration,
     .section = ConfigSection::kTask,
     .value_name = "DURATION",
     .env = "MUSTER_CPU_TIME",
     .category = "Limits",
     .brief = "end the command when it has used DURATION of processor time",
     .detail = "User and system time of the command and everything it starts, together: two busy "
               "processes use 10s in five seconds. It ends like a --timeout, with exit code 124 "
               "and its own words. Unset, or 0, means no limit.",
     .example = "10s"},
};

}  // namespace

std::span<const Setting> limit_settings() { return kLimitSettings; }

}  // namespace muster
