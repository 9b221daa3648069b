// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "cli/command.h"
#include "cli/run_chapters.h"

namespace muster::cli {

namespace {

constexpr std::array<std::string_view, 3> kCommon = {"help", "profile", "color"};

constexpr std::array<std::string_view, 49> kRunSettings = {
    "command",        "name",      "tty",        "no-stdin", "workdir",      "env",
    "env-file",       "clear-env", "umask",      "nice",     "isolation",    "sandbox",
    "workspace",      "diff",      "apply",      "net",      "bind",         "tmpfs",
    "rootfs",         "dev",       "env-pass",   "map-root", "hostname",     "allow",
    "seccomp",        "landlock",  "explain",    "timings",  "timeout",      "grace",
    "memory",         "cpus",      "cpu-time",   "pids",     "disk",         "inodes",
    "open-files",     "file-size", "core",       "stack",    "output-limit", "attempts",
    "backoff",        "retry-on",  "timestamps", "record",   "json",         "quiet",
    "preserve-status"};

constexpr std::array<Example, 9> kRunExamples = {{
    {"muster run -- make -j2", "run a command; its exit code becomes muster's"},
    {"muster run --timeout 5m --attempts 3 -- ./flaky-test",
     "five minutes for each of up to three attempts"},
    {"muster run --sandbox code --workspace ro -- python3 snippet.py",
     "code that nobody vouches for: tiny limits, may read this folder and write nothing"},
    {"muster run --sandbox dev --apply -- npm run format",
     "your own code; its changes are kept if it succeeds"},
    {"muster run -c 'grep -c error *.log | sort -n'", "let a shell read the line"},
    {"muster run --output-limit 1M -- ./chatty", "the first 1 MiB and the last 1 MiB of output"},
    {"muster run --record result.json -- ./job", "outcome and resource use as JSON in a file"},
    {"muster run -t -- vim notes.txt", "a program that wants a terminal"},
    {"muster run -e LANG=C --workdir /tmp -- sort words", "set the environment and the folder"},
}};

constexpr std::array<std::string_view, 2> kShowSettings = {"origin", "json"};
constexpr std::array<std::string_view, 1> kJsonSetting = {"json"};
constexpr std::array<std::string_view, 4> kDoctorSettings = {"check-host", "ca", "apparmor-profile",
                                                             "json"};

constexpr std::array<std::string_view, 3> kShells = {"bash", "zsh", "fish"};

constexpr std::array<Example, 3> kConfigExamples = {{
    {"muster config show --origin", "every setting, its value and where it came from"},
    {"muster config check .muster.toml", "find mistakes in a file before they bite"},
    {"muster config use prod", "make a profile the default one"},
}};
constexpr std::array<Example, 2> kShowExamples = {{
    {"muster config show --origin", "every setting, its value and where it came from"},
    {"muster --profile prod config show --json", "the same for another profile, for a script"},
}};
constexpr std::array<Example, 2> kCheckExamples = {{
    {"muster config check", "check every config file that is in force"},
    {"muster config check ci/muster.toml", "check one file"},
}};
constexpr std::array<Example, 1> kUseExamples = {{
    {"muster config use prod", "write profile = \"prod\" to the user's config file"},
}};
constexpr std::array<Example, 3> kDoctorExamples = {{
    {"muster doctor", "check this host"},
    {"muster doctor --check-host https://muster.example.com",
     "check the way to a server: name, connection, certificate"},
    {"muster doctor --apparmor-profile | sudo tee /etc/apparmor.d/muster",
     "as on Ubuntu; then: sudo apparmor_parser -r /etc/apparmor.d/muster"},
}};
constexpr std::array<Example, 3> kCompletionsExamples = {{
    {"muster completions bash > /etc/bash_completion.d/muster", "for every user of bash"},
    {"muster completions zsh > ~/.zfunc/_muster", "with ~/.zfunc in fpath"},
    {"muster completions fish > ~/.config/fish/completions/muster.fish", "for fish"},
}};
constexpr std::array<Example, 2> kManExamples = {{
    {"muster man run | man -l -", "read the manual of `muster run`"},
    {"muster man --list", "the pages there are"},
}};
constexpr std::array<std::string_view, 1> kManSettings = {"list"};
constexpr std::array<Example, 1> kHelpExamples = {{
    {"muster help run", "the full help of `muster run`"},
}};
constexpr std::array<Example, 1> kVersionExamples = {{
    {"muster version --json", "version, commit, compiler and features, for a script"},
}};

constexpr std::array<Command, 12> kCommands = {{
    {.name = "run",
     .synopsis = "[FLAGS] [--] COMMAND [ARG...]",
     .brief = "run a command now, in a sandbox, and report truly how it ended",
     .detail =
         "Runs COMMAND in a sandbox and exits as it did. The sandbox sees the working directory, "
         "the programs of this machine read-only, an empty home and no network; see Sandbox below. "
         "The arguments are handed over "
         "as they are; no shell reads them unless -c asks for one. Flags of muster stand before "
         "COMMAND; whatever follows it belongs to it.\n\n"
         "Standard input, output and error are the command's own: no byte is copied or changed on "
         "the way, unless a flag such as --output-limit, --timestamps or --tty needs to look at "
         "the output.\n\n"
         "The command runs in a session and a process group of its own. Signals sent to muster "
         "reach the whole group and are only passed on; nothing escalates by itself. The first "
         "Ctrl-C goes to the command, a second one within two "
         "seconds kills everything. Ctrl-Z and `fg` stop and continue it. When the command has "
         "ended, whatever it left behind, daemons included, is ended as well: SIGTERM after a "
         "tenth of a second, SIGKILL after --grace. When muster itself is killed, all of it is "
         "killed at once.\n\n"
         "When the command does not succeed, one line on standard error says why in words. A "
         "command killed by SIGPIPE because its reader had enough is the exception: the exit code "
         "alone, 141, says so.",
     .settings = kRunSettings,
     .positional = {.name = "COMMAND",
                    .brief = "the program to run and its arguments",
                    .required = true,
                    .many = true,
                    .completes = Completes::kCommands},
     .runs_command = true,
     .examples = kRunExamples,
     .chapters = kRunChapters},
    {.name = "config",
     .synopsis = "COMMAND",
     .brief = "show, check and change the settings in force",
     .detail = "Settings come from /etc/muster/config.toml, then the user's config.toml, then the "
               "nearest .muster.toml from the working directory up, then MUSTER_* variables, then "
               "flags; later ones win. muster-config(5) describes the file.",
     .settings = {},
     .positional = {},
     .examples = kConfigExamples},
    {.name = "config show",
     .synopsis = "[--origin] [--json]",
     .brief = "print every setting that has a value",
     .detail = "Prints the settings in force for the active profile. Secrets are masked.",
     .settings = kShowSettings,
     .positional = {},
     .examples = kShowExamples},
    {.name = "config check",
     .synopsis = "[FILE]",
     .brief = "check config files for mistakes",
     .detail =
         "Reads FILE, or every config file in force, and names the file, line, column and key of "
         "the first mistake of each. Exits with 1 when there is one. A FILE named .muster.toml is "
         "held to the rules for project files.",
     .settings = {},
     .positional = {.name = "FILE",
                    .brief = "the file to check; default: those in force",
                    .completes = Completes::kFiles},
     .examples = kCheckExamples},
    {.name = "config path",
     .synopsis = "",
     .brief = "print where config files are looked for",
     .detail = "Prints one path a line, weakest first, with `*` before those that exist.",
     .settings = kJsonSetting,
     .positional = {},
     .examples = {}},
    {.name = "config profiles",
     .synopsis = "[--json]",
     .brief = "list the profiles; the active one is marked",
     .detail = "Prints one profile a line, with `*` before the active one.",
     .settings = kJsonSetting,
     .positional = {},
     .examples = {}},
    {.name = "config use",
     .synopsis = "NAME",
     .brief = "make a profile the default one",
     .detail = "Sets `profile = \"NAME\"` in the user's config file, which is made when missing. "
               "Everything else in the file stays as it is.",
     .settings = {},
     .positional = {.name = "NAME",
                    .brief = "the profile",
                    .required = true,
                    .completes = Completes::kProfiles},
     .examples = kUseExamples},
    {.name = "doctor",
     .synopsis = "[--check-host TARGET] [--ca FILE] [--apparmor-profile] [--json]",
     .brief = "check this host, the config and the way to a server",
     .detail =
         "Checks the config files, TLS roots and, for --check-host or the server of the active "
         "profile, name resolution, connection and certificate. Exits with 1 when a check fails.",
     .settings = kDoctorSettings,
     .positional = {},
     .examples = kDoctorExamples},
    {.name = "completions",
     .synopsis = "bash|zsh|fish",
     .brief = "print the completion script for a shell",
     .detail = "Prints a script that the named shell loads to complete muster command lines.",
     .settings = {},
     .positional =
         {.name = "SHELL", .brief = "bash, zsh or fish", .required = true, .choices = kShells},
     .examples = kCompletionsExamples},
    {.name = "man",
     .synopsis = "[PAGE] [--list]",
     .brief = "print a manual page in mdoc(7)",
     .detail =
         "Prints the manual page of muster, or of PAGE: a command such as `run`, or `config.5` "
         "for the config file. The binary carries its manual, so nothing has to be installed.",
     .settings = kManSettings,
     .positional = {.name = "PAGE", .brief = "which page; default: muster"},
     .examples = kManExamples},
    {.name = "help",
     .synopsis = "[COMMAND]",
     .brief = "print the full help of a command",
     .detail = "The same as `muster COMMAND --help`.",
     .settings = {},
     .positional = {.name = "COMMAND", .brief = "the command", .many = true},
     .examples = kHelpExamples},
    {.name = "version",
     .synopsis = "[--json]",
     .brief = "print the version",
     .detail = "With --json also the commit, the compiler and the features that were built in.",
     .settings = kJsonSetting,
     .positional = {},
     .examples = kVersionExamples},
}};

}  // namespace

std::span<const Command> all_commands() { return kCommands; }

const Command* find_command(std::string_view name) {
  const auto found = std::find_if(kCommands.begin(), kCommands.end(),
                                  [&](const Command& command) { return command.name == name; });
  return found == kCommands.end() ? nullptr : &*found;
}

std::span<const std::string_view> common_settings() { return kCommon; }

}  // namespace muster::cli
