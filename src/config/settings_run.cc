// SPDX-License-Identifier: Apache-2.0
#include "config/settings_tables.h"

namespace muster {
namespace {

constexpr Setting kTaskSettings[] = {
    {.name = "command",
     .letter = 'c',
     .type = SettingType::kText,
     .value_name = "STRING",
     .category = "Command",
     .brief = "run STRING with /bin/sh -c; words after -- become $1, $2, ...",
     .detail = "Use it for pipes, redirections and variables. Without it no shell is involved and "
               "every argument reaches the command exactly as it was given.",
     .example = "make 2>&1 | tail -n 20"},
    {.name = "name",
     .letter = 'n',
     .type = SettingType::kText,
     .value_name = "NAME",
     .category = "Command",
     .brief = "call the task NAME in records and messages",
     .detail = "The name is for people and need not be unique. Without it the task goes by its "
               "command.",
     .example = "nightly-build"},
    {.name = "tty",
     .letter = 't',
     .category = "Command",
     .brief = "give the command a terminal of its own",
     .detail = "For editors, pagers and shells. The command gets a pseudo-terminal as stdin, "
               "stdout and stderr; so what it writes to stderr comes out on stdout. Your terminal "
               "is put into raw mode meanwhile and restored afterwards, so Ctrl-C is a key that "
               "belongs to the command. Never chosen by itself: it would change the output."},
    {.name = "no-stdin",
     .category = "Command",
     .brief = "let the command read from /dev/null instead of stdin",
     .detail = "Without it the command reads the standard input of muster itself. Give it in loops "
               "such as `while read`, where the command would otherwise eat the loop's input. A "
               "command started in the background of a terminal reads from /dev/null anyway."},
    {.name = "workdir",
     .letter = 'C',
     .type = SettingType::kPath,
     .section = ConfigSection::kTask,
     .completes = Completes::kDirectories,
     .value_name = "DIR",
     .env = "MUSTER_WORKDIR",
     .category = "Command",
     .brief = "start the command in DIR",
     .detail = "Without it the command starts where muster was started. In a sandbox DIR is the "
               "workspace, unless it is a place that the sandbox makes, such as /tmp or the target "
               "of a bind. When DIR is missing the command is not run. In a config file a relative "
               "DIR is below the folder of that "
               "file, and a leading ~/ is the home directory.",
     .example = "/srv/app"},

    {.name = "env",
     .letter = 'e',
     .repeatable = true,
     .type = SettingType::kText,
     .section = ConfigSection::kTask,
     .value_name = "NAME=VALUE",
     .category = "Environment",
     .brief = "set an environment variable; NAME alone passes the caller's value",
     .detail = "May be given several times; the last value of a name wins. Flags add to the `env` "
               "list of the config and win over it by name, and over --env-file. NAME alone is "
               "of use with --clear-env; a name the caller has not set stays unset. In config "
               "files it is an array of strings.",
     .example = "CI=1"},
    {.name = "env-file",
     .repeatable = true,
     .type = SettingType::kPath,
     .completes = Completes::kFiles,
     .value_name = "FILE",
     .category = "Environment",
     .brief = "read environment variables from FILE, one NAME=VALUE a line",
     .detail = "Empty lines and lines that start with # are skipped; quotes are part of a value. "
               "May be given several times; "
               "later files win over earlier ones, and --env wins over all of them.",
     .example = "ci.env"},
    {.name = "clear-env",
     .section = ConfigSection::kTask,
     .env = "MUSTER_CLEAR_ENV",
     .category = "Environment",
     .brief = "start from an empty environment",
     .detail = "Only what --env and --env-file set is passed on. PATH is gone too, so that a "
               "command is found only in the system's standard directories or by its path; "
               "`--env PATH` passes yours."},
    {.name = "umask",
     .type = SettingType::kOctal,
     .section = ConfigSection::kTask,
     .value_name = "MODE",
     .env = "MUSTER_UMASK",
     .category = "Environment",
     .brief = "permission bits that new files of the command do not get",
     .detail = "An octal number from 0 to 0777; without it muster's own umask is kept. In config "
               "files it stands in quotes.",
     .example = "027"},
    {.name = "nice",
     .type = SettingType::kInteger,
     .section = ConfigSection::kTask,
     .value_name = "N",
     .env = "MUSTER_NICE",
     .category = "Environment",
     .brief = "lower the command's CPU priority by N",
     .detail = "From -20 to 19, added to muster's own niceness. Numbers below 0 raise the priority "
               "and need the right to do so; without it the command is not run.",
     .example = "10",
     .minimum = -20,
     .maximum = 19},

    {.name = "attempts",
     .type = SettingType::kInteger,
     .section = ConfigSection::kTask,
     .fallback = "1",
     .value_name = "N",
     .env = "MUSTER_ATTEMPTS",
     .category = "Retry",
     .brief = "run the command up to N times until it succeeds",
     .detail = "From 1 to 1000, the first one counted. --retry-on says which failures are worth "
               "another attempt, --backoff how long to wait before it. The exit code is that of "
               "the last attempt. Piped input is not replayed: a later attempt reads on where the "
               "one before it stopped.",
     .example = "3",
     .minimum = 1,
     .maximum = 1000},
    {.name = "backoff",
     .type = SettingType::kBackoff,
     .section = ConfigSection::kTask,
     .fallback = "exponential:1s..5m",
     .value_name = "KIND:BASE[..CAP]",
     .env = "MUSTER_BACKOFF",
     .category = "Retry",
     .brief = "how long to wait before the next attempt",
     .detail = "`fixed:BASE` waits up to BASE each time, `linear` BASE times the failures so far, "
               "`exponential` doubles it with each failure; never more than CAP. The pause is a "
               "random part of that, so that many tasks do not come back all at once.",
     .example = "fixed:50ms"},
    {.name = "retry-on",
     .type = SettingType::kRetryOn,
     .section = ConfigSection::kTask,
     .value_name = "RULES",
     .env = "MUSTER_RETRY_ON",
     .category = "Retry",
     .brief = "which failures are worth another attempt",
     .detail = "Words separated by commas: `exit` any exit code but 0, `exit:75` that code alone, "
               "`signal` or `signal:KILL`, `timeout`, `oom` out of memory, `lost` nobody knows. "
               "Without it every failure counts but a cancel, a policy denial and a start that "
               "can never work. It has no effect with one attempt.",
     .example = "exit:75,signal,timeout"},

    {.name = "timestamps",
     .section = ConfigSection::kTask,
     .env = "MUSTER_TIMESTAMPS",
     .category = "Output",
     .brief = "put the time in front of every line of output",
     .detail = "The time is UTC as RFC 3339 with milliseconds, taken when the line's first byte "
               "arrives. The output then passes through muster instead of going straight to its "
               "destination."},
    {.name = "record",
     .type = SettingType::kPath,
     .completes = Completes::kFiles,
     .value_name = "FILE",
     .category = "Output",
     .brief = "write spec, outcome and resource use as JSON to FILE",
     .detail =
         "FILE is replaced as a whole when the last attempt has ended. `-` is refused: stdout "
         "belongs to the command; use --json for a record on stderr. When FILE cannot be written "
         "and the command succeeded, the exit code is 125. The record has the keys schema "
         "(muster.task/1), state, exit_code, outcome (kind, the words for it and its numbers), "
         "usage (wall, user, system in seconds; peak_memory, read, written in bytes; context "
         "switches), spec, and attempts, each with started_at, ended_at, outcome, usage and output "
         "(out, err: bytes muster saw, or null; cut; unread; error). Keys are only ever added.",
     .example = "run.json"},
    {.name = "quiet",
     .letter = 'q',
     .category = "Output",
     .brief = "say nothing but errors of muster itself on stderr",
     .detail = "The command's own output, the exit code and the record stay the same."},
    {.name = "preserve-status",
     .section = ConfigSection::kTask,
     .env = "MUSTER_PRESERVE_STATUS",
     .category = "Output",
     .brief = "after a timeout exit as the command did, not with 124",
     .detail =
         "A command that SIGTERM ended then gives 143, one that had to be killed 137, and one "
         "that cleaned up and exited by itself its own code."},

    {.name = "queue",
     .type = SettingType::kText,
     .section = ConfigSection::kTask,
     .fallback = "default",
     .value_name = "NAME",
     .env = "MUSTER_QUEUE",
     .category = "Queue",
     .brief = "the queue that tasks are submitted to",
     .detail = "Queues need not be declared; naming one is enough. `run` does not use it.",
     .example = "ci"},
};

}  // namespace

std::span<const Setting> task_settings() { return kTaskSettings; }

}  // namespace muster
