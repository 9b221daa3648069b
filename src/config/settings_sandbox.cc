// SPDX-License-Identifier: Apache-2.0

// What a sandbox is made of.

#include <array>

#include "config/settings_tables.h"

namespace muster {
namespace {

constexpr std::array<std::string_view, 3> kIsolations{"sandbox", "best-effort", "none"};
constexpr std::array<std::string_view, 2> kNetworks{"none", "host"};
constexpr std::array<std::string_view, 2> kYesNo{"yes", "no"};

constexpr Setting kSandboxSettings[] = {
    {.name = "isolation",
     .preset = true,
     .in_project = InProject::kRefused,
     .type = SettingType::kChoice,
     .section = ConfigSection::kTask,
     .fallback = "sandbox",
     .value_name = "KIND",
     .env = "MUSTER_ISOLATION",
     .category = "Sandbox",
     .brief = "how far to keep the command apart from this machine",
     .detail = "`sandbox` keeps everything that was asked for, or does not start the command: exit "
               "code 125, and what is missing is named. `best-effort` does what this kernel and "
               "user allow and says on stderr and in the record what it could not do. `none` is a "
               "plain process that is supervised and may otherwise do whatever you may do; what "
               "needs a sandbox is refused beside it. `muster doctor` tells what is possible here.",
     .example = "best-effort",
     .choices = kIsolations},
    {.name = "sandbox",
     .confines = true,
     .in_project = InProject::kTighten,
     .type = SettingType::kText,
     .section = ConfigSection::kTask,
     .fallback = "strict",
     .value_name = "NAME,...",
     .env = "MUSTER_SANDBOX",
     .category = "Sandbox",
     .brief = "use presets of sandbox settings and limits",
     .detail =
         "`strict` is the defaults. `dev` is for daily work on your own code: your home is seen "
         "read-only, caches such as ~/.cache and ~/.cargo/registry are writable, and the usual "
         "places of secrets (~/.ssh, ~/.gnupg, ~/.aws, ...) are hidden; the price is that other "
         "files of the home can be read and caches changed. `build` is a build that "
         "leans on nothing in your home: up to 80% of the memory, 8G for temporary files. `code` "
         "is for snippets that nobody vouches for: no workspace, 256M of memory, 64 "
         "processes, 64M of disk, 10s of processor time, 30s in all, 1M of output. Own ones "
         "are sections [sandbox.NAME] of a config file. Later ones win over earlier ones, and a "
         "setting given by itself, in the same place or a stronger one, wins over all of them; "
         "lists add up. A project's .muster.toml can add `strict` and `code` alone.",
     .example = "code"},
    {.name = "workspace",
     .preset = true,
     .confines = true,
     .in_project = InProject::kTighten,
     .type = SettingType::kWorkspace,
     .section = ConfigSection::kTask,
     .fallback = "rw",
     .value_name = "MODE[:DIR]",
     .env = "MUSTER_WORKSPACE",
     .category = "Sandbox",
     .brief = "let the command see the working directory: rw, ro, overlay or none",
     .detail =
         "The workspace is the folder the command starts in, at its own path. `rw` shows the "
         "folder itself: what the command writes there is written. `ro` lets it read only. With "
         "`overlay` it seems to write, and the changes are thrown away unless --apply publishes "
         "them; they take up --disk. `none` hides the folder. /, a home directory and "
         "directories of the system are refused as a workspace; naming DIR, as in `rw:/srv`, "
         "forces them.",
     .example = "ro"},
    {.name = "diff",
     .preset = true,
     .confines = true,
     .in_project = InProject::kRefused,
     .section = ConfigSection::kTask,
     .env = "MUSTER_DIFF",
     .category = "Sandbox",
     .brief = "list what the command changed in the workspace",
     .detail = "Makes the workspace an overlay, and prints at the end the paths that were added, "
               "modified and deleted. It cannot go with a --workspace that is not an overlay."},
    {.name = "apply",
     .preset = true,
     .confines = true,
     .in_project = InProject::kRefused,
     .section = ConfigSection::kTask,
     .env = "MUSTER_APPLY",
     .category = "Sandbox",
     .brief = "keep what the command changed in the workspace, if it succeeds",
     .detail = "Makes the workspace an overlay, and moves its changes into the folder when the "
               "exit code is 0; otherwise the folder stays as it was. A file that was changed "
               "outside meanwhile as well becomes the command's. It cannot go with a --workspace "
               "that is not an overlay."},
    {.name = "net",
     .preset = true,
     .confines = true,
     .in_project = InProject::kTighten,
     .type = SettingType::kChoice,
     .section = ConfigSection::kTask,
     .fallback = "none",
     .value_name = "KIND",
     .env = "MUSTER_NET",
     .category = "Sandbox",
     .brief = "which network the command sees: none or host",
     .detail = "`none` is a loopback interface of its own and nothing else. `host` is the network "
               "of this machine, with everything that listens on it, local services included; it "
               "also makes the start faster.",
     .example = "none",
     .choices = kNetworks},
    {.name = "bind",
     .repeatable = true,
     .preset = true,
     .confines = true,
     .in_project = InProject::kRefused,
     .type = SettingType::kBind,
     .section = ConfigSection::kTask,
     .completes = Completes::kFiles,
     .value_name = "[ro:|rw:]SRC[:DST]",
     .category = "Sandbox",
     .brief = "show the command SRC, a file or folder of this machine, at DST",
     .detail =
         "Read-only unless `rw:` stands in front; DST is SRC when it is left out. A relative SRC "
         "is below the working directory, in a config file below the folder of that file; a "
         "leading ~/ is the home directory; a colon in a path is written `\\:`. A SRC that is "
         "missing is an error, unless a `?` stands in front of it all, as in `?ro:/opt/tools`. "
         "Sockets in the folder can be connected to, also read-only. May be given several times.",
     .example = "ro:/opt/tools"},
    {.name = "tmpfs",
     .repeatable = true,
     .preset = true,
     .confines = true,
     .in_project = InProject::kRefused,
     .type = SettingType::kTmpfs,
     .section = ConfigSection::kTask,
     .value_name = "DST[:SIZE]",
     .category = "Sandbox",
     .brief = "put an empty writable folder at DST, which vanishes with the command",
     .detail = "Without SIZE it shares --disk; with one it has SIZE of its own. On a folder of a "
               "bind or the workspace it hides what is there; with a `?` in front only if there is "
               "something to hide. May be given several times.",
     .example = "/var/cache:64M"},
    {.name = "rootfs",
     .preset = true,
     .confines = true,
     .in_project = InProject::kRefused,
     .type = SettingType::kPath,
     .section = ConfigSection::kTask,
     .completes = Completes::kDirectories,
     .value_name = "DIR",
     .env = "MUSTER_ROOTFS",
     .category = "Sandbox",
     .brief = "use the system in DIR, read-only, in the place of this machine's",
     .detail = "DIR holds a whole file system, as unpacked from an image. Without it the command "
               "sees /usr of this machine and an /etc with the little that programs need.",
     .example = "/srv/images/alpine"},
    {.name = "dev",
     .repeatable = true,
     .preset = true,
     .confines = true,
     .in_project = InProject::kRefused,
     .type = SettingType::kText,
     .section = ConfigSection::kTask,
     .value_name = "NAME",
     .category = "Sandbox",
     .brief = "let the command use the device /dev/NAME",
     .detail = "null, zero, full, random and urandom are always there. What a device lets the "
               "command do is up to its driver: /dev/kvm or a GPU are a way to the kernel that no "
               "other part of the sandbox guards. May be given several times.",
     .example = "kvm"},
    {.name = "env-pass",
     .repeatable = true,
     .preset = true,
     .in_project = InProject::kRefused,
     .type = SettingType::kText,
     .section = ConfigSection::kTask,
     .value_name = "NAME|GLOB",
     .category = "Sandbox",
     .brief = "pass variables of the caller's environment into the sandbox",
     .detail =
         "A sandbox gets PATH, HOME, the locale, TERM and a few more; nothing else of the "
         "caller's. NAME passes that variable; a pattern with `*` passes those that it fits but "
         "for names that look like secrets (TOKEN, SECRET, KEY, AUTH, ...), which must be spelled "
         "out. `--env NAME=VALUE` sets one. Without a sandbox everything is passed anyway. May "
         "be given several times.",
     .example = "CARGO_*"},
    {.name = "map-root",
     .preset = true,
     .confines = true,
     .in_project = InProject::kRefused,
     .section = ConfigSection::kTask,
     .env = "MUSTER_MAP_ROOT",
     .category = "Sandbox",
     .brief = "let the command be uid 0 inside the sandbox",
     .detail = "For programs that insist on it. Outside it still is an ordinary user, and it gets "
               "no right that it would not have as user 1000."},
    {.name = "hostname",
     .preset = true,
     .confines = true,
     .type = SettingType::kText,
     .section = ConfigSection::kTask,
     .fallback = "muster",
     .value_name = "NAME",
     .env = "MUSTER_HOSTNAME",
     .category = "Sandbox",
     .brief = "what the command finds as the name of its host",
     .detail = "Up to 64 letters, digits, dots and hyphens.",
     .example = "builder"},
    {.name = "allow",
     .repeatable = true,
     .preset = true,
     .confines = true,
     .in_project = InProject::kRefused,
     .type = SettingType::kText,
     .section = ConfigSection::kTask,
     .value_name = "GROUP,...",
     .category = "Sandbox",
     .brief = "allow system calls that the sandbox refuses",
     .detail =
         "GROUP is bpf, handles, io_uring, keyring, namespaces, perf, ptrace, sockets or "
         "userfaultfd. `ptrace` is for debuggers and leak checkers and reaches only processes "
         "of the command; `namespaces` is for sandboxes inside. The others open parts of the "
         "kernel in which holes are found each year. May be given several times.",
     .example = "ptrace"},
    {.name = "seccomp",
     .preset = true,
     .confines = true,
     .in_project = InProject::kTighten,
     .type = SettingType::kPath,
     .section = ConfigSection::kTask,
     .completes = Completes::kFiles,
     .value_name = "FILE",
     .env = "MUSTER_SECCOMP",
     .category = "Sandbox",
     .brief = "narrow the system calls further by the policy in FILE",
     .detail = "A JSON profile as Docker and the OCI runtimes read it. It comes on top of the "
               "built-in filter and can only forbid more. A policy of many rules adds up to some "
               "milliseconds to the start.",
     .example = "seccomp.json"},
    {.name = "landlock",
     .preset = true,
     .confines = true,
     .in_project = InProject::kTighten,
     .type = SettingType::kChoice,
     .section = ConfigSection::kTask,
     .fallback = "yes",
     .value_name = "YES|NO",
     .env = "MUSTER_LANDLOCK",
     .category = "Sandbox",
     .brief = "set up Landlock as a second wall where the kernel has it",
     .detail = "It holds the same bounds on files once more, should a mount ever be wrong. `no` "
               "is to find out what a refusal came from.",
     .example = "yes",
     .choices = kYesNo},
    {.name = "explain",
     .category = "Sandbox",
     .brief = "print how the sandbox would be built, and run nothing",
     .detail = "One line for each step, in order, with its reason, and what would be enforced. "
               "With --json the same as data. With --timings the command is run."},
    {.name = "timings",
     .category = "Sandbox",
     .brief = "measure each step of the sandbox and print them at the end",
     .detail = "To stderr, in microseconds. The measuring itself costs some."},
};

}  // namespace

std::span<const Setting> sandbox_settings() { return kSandboxSettings; }

}  // namespace muster
