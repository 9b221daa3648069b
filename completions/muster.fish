# SPDX-License-Identifier: Apache-2.0
# Completion of muster for fish; printed by `muster completions fish`.

# The names that may stand behind the words of a command.
function __muster_members --argument-names command
    switch $command
        case ''
            printf '%s\n' run config doctor completions man help version
        case 'config'
            printf '%s\n' show check path profiles use
    end
end

# The letters of a command's flags that take a value.
function __muster_value_letters --argument-names command
    switch $command
        case 'run'
            printf '%s\n' cnCe
    end
end

# Whether the value of the flag is the next word.
function __muster_wants_word --argument-names command word
    if string match --quiet -- '--*' $word
        contains -- $word --command --name --workdir --env --env-file --umask --nice --attempts --backoff --retry-on --record --isolation --sandbox --workspace --net --bind --tmpfs --rootfs --dev --env-pass --hostname --allow --seccomp --landlock --timeout --grace --open-files --core --file-size --stack --output-limit --memory --cpus --pids --disk --inodes --cpu-time --check-host --ca --profile --color
        return
    end
    set -l letters (__muster_value_letters $command)
    test -n "$letters"; and string match --quiet --regex -- "^-[^$letters]*[$letters]\$" $word
end

# Reads the words before the cursor. Prints the command, then `name`, `flags` or `arguments` for
# what may come next, then at which word the arguments start.
function __muster_line
    set -l words (commandline --tokenize --cut-at-cursor --current-process)
    set -l command ''
    set -l next flags
    set -l skip no
    set -l at 1
    for word in $words[2..]
        set at (math $at + 1)
        if test $skip = yes
            set skip no
        else if test "$word" = --
            set next arguments
        else if test $next = flags; and string match --quiet -- '-*' $word
            __muster_wants_word "$command" $word; and set skip yes
        else if contains -- $word (__muster_members "$command")
            set command (string trim -- "$command $word")
        else
            printf '%s\n' "$command" other $at
            return
        end
    end
    printf '%s\n' "$command" $next (math $at + 1)
end

# Whether flags of the command may come next.
function __muster_flags_of --argument-names command
    set -l line (__muster_line)
    test "$line[1]" = "$command" -a "$line[2]" = flags
end

# Whether the first argument of the command, or the name of one below it, may come next.
function __muster_argument_of --argument-names command
    set -l line (__muster_line)
    test "$line[1]" = "$command" -a "$line[2]" != other
end

# Whether the word belongs to the command that the command is to run.
function __muster_runs --argument-names command
    set -l line (__muster_line)
    test "$line[1]" = "$command"; or return
    test "$line[2]" != flags; or not string match --quiet -- '-*' (commandline --current-token)
end

# Completes that command's own line.
function __muster_other_line
    set -l line (__muster_line)
    set -l words (commandline --tokenize --cut-at-cursor --current-process)
    set -l own (string escape -- $words[$line[3]..])
    complete --do-complete "$(string join -- ' ' $own (commandline --current-token --cut-at-cursor))"
end

# Before each name there are two characters, which mark the active profile.
function __muster_profiles
    muster config profiles 2>/dev/null | string sub --start 3
end

complete --command muster --erase
complete --command muster --no-files

complete --command muster --condition '__muster_flags_of \'\'' --short-option h --long-option help --description 'show help; -h is the short form'
complete --command muster --condition '__muster_flags_of \'\'' --long-option profile --exclusive --arguments '(__muster_profiles)' --description 'use the profile NAME of the config'
complete --command muster --condition '__muster_flags_of \'\'' --long-option color --exclusive --arguments 'auto always never' --description 'when to use colours'
complete --command muster --condition '__muster_argument_of \'\'' --arguments run --description 'run a command now, in a sandbox, and report truly how it ended'
complete --command muster --condition '__muster_argument_of \'\'' --arguments config --description 'show, check and change the settings in force'
complete --command muster --condition '__muster_argument_of \'\'' --arguments doctor --description 'check this host, the config and the way to a server'
complete --command muster --condition '__muster_argument_of \'\'' --arguments completions --description 'print the completion script for a shell'
complete --command muster --condition '__muster_argument_of \'\'' --arguments man --description 'print a manual page in mdoc(7)'
complete --command muster --condition '__muster_argument_of \'\'' --arguments help --description 'print the full help of a command'
complete --command muster --condition '__muster_argument_of \'\'' --arguments version --description 'print the version'

complete --command muster --condition '__muster_flags_of \'run\'' --short-option c --long-option command --exclusive --description 'run STRING with /bin/sh -c; words after -- become $1, $2, ...'
complete --command muster --condition '__muster_flags_of \'run\'' --short-option n --long-option name --exclusive --description 'call the task NAME in records and messages'
complete --command muster --condition '__muster_flags_of \'run\'' --short-option t --long-option tty --description 'give the command a terminal of its own'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option no-stdin --description 'let the command read from /dev/null instead of stdin'
complete --command muster --condition '__muster_flags_of \'run\'' --short-option C --long-option workdir --exclusive --arguments '(__fish_complete_directories)' --description 'start the command in DIR'
complete --command muster --condition '__muster_flags_of \'run\'' --short-option e --long-option env --exclusive --description 'set an environment variable; NAME alone passes the caller\'s value'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option env-file --require-parameter --force-files --description 'read environment variables from FILE, one NAME=VALUE a line'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option clear-env --description 'start from an empty environment'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option umask --exclusive --description 'permission bits that new files of the command do not get'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option nice --exclusive --description 'lower the command\'s CPU priority by N'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option isolation --exclusive --arguments 'sandbox best-effort none' --description 'how far to keep the command apart from this machine'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option sandbox --exclusive --description 'use presets of sandbox settings and limits'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option workspace --exclusive --description 'let the command see the working directory: rw, ro, overlay or none'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option diff --description 'list what the command changed in the workspace'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option apply --description 'keep what the command changed in the workspace, if it succeeds'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option net --exclusive --arguments 'none host' --description 'which network the command sees: none or host'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option bind --require-parameter --force-files --description 'show the command SRC, a file or folder of this machine, at DST'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option tmpfs --exclusive --description 'put an empty writable folder at DST, which vanishes with the command'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option rootfs --exclusive --arguments '(__fish_complete_directories)' --description 'use the system in DIR, read-only, in the place of this machine\'s'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option dev --exclusive --description 'let the command use the device /dev/NAME'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option env-pass --exclusive --description 'pass variables of the caller\'s environment into the sandbox'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option map-root --description 'let the command be uid 0 inside the sandbox'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option hostname --exclusive --description 'what the command finds as the name of its host'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option allow --exclusive --description 'allow system calls that the sandbox refuses'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option seccomp --require-parameter --force-files --description 'narrow the system calls further by the policy in FILE'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option landlock --exclusive --arguments 'yes no' --description 'set up Landlock as a second wall where the kernel has it'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option explain --description 'print how the sandbox would be built, and run nothing'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option timings --description 'measure each step of the sandbox and print them at the end'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option timeout --exclusive --description 'end the command when it has run for DURATION'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option grace --exclusive --description 'time between SIGTERM and SIGKILL'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option memory --exclusive --description 'most memory that the command and its children may use together'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option cpus --exclusive --description 'processors\' worth of time that the command may use, such as 0.5'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option cpu-time --exclusive --description 'end the command when it has used DURATION of processor time'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option pids --exclusive --description 'most processes and threads at a time'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option disk --exclusive --description 'most that may be written outside of the workspace and binds'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option inodes --exclusive --description 'most files and folders in what --disk counts'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option open-files --exclusive --description 'most files that one process may have open (RLIMIT_NOFILE)'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option file-size --exclusive --description 'largest file that a process may write (RLIMIT_FSIZE)'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option core --exclusive --description 'largest core dump (RLIMIT_CORE)'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option stack --exclusive --description 'largest stack of a process (RLIMIT_STACK)'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option output-limit --exclusive --description 'pass on SIZE bytes of output and the last 1 MiB, drop what is between'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option attempts --exclusive --description 'run the command up to N times until it succeeds'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option backoff --exclusive --description 'how long to wait before the next attempt'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option retry-on --exclusive --description 'which failures are worth another attempt'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option timestamps --description 'put the time in front of every line of output'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option record --require-parameter --force-files --description 'write spec, outcome and resource use as JSON to FILE'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option json --description 'print as JSON for programs'
complete --command muster --condition '__muster_flags_of \'run\'' --short-option q --long-option quiet --description 'say nothing but errors of muster itself on stderr'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option preserve-status --description 'after a timeout exit as the command did, not with 124'
complete --command muster --condition '__muster_flags_of \'run\'' --short-option h --long-option help --description 'show help; -h is the short form'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option profile --exclusive --arguments '(__muster_profiles)' --description 'use the profile NAME of the config'
complete --command muster --condition '__muster_flags_of \'run\'' --long-option color --exclusive --arguments 'auto always never' --description 'when to use colours'
complete --command muster --condition '__muster_runs \'run\'' --arguments '(__muster_other_line)'

complete --command muster --condition '__muster_flags_of \'config\'' --short-option h --long-option help --description 'show help; -h is the short form'
complete --command muster --condition '__muster_flags_of \'config\'' --long-option profile --exclusive --arguments '(__muster_profiles)' --description 'use the profile NAME of the config'
complete --command muster --condition '__muster_flags_of \'config\'' --long-option color --exclusive --arguments 'auto always never' --description 'when to use colours'
complete --command muster --condition '__muster_argument_of \'config\'' --arguments show --description 'print every setting that has a value'
complete --command muster --condition '__muster_argument_of \'config\'' --arguments check --description 'check config files for mistakes'
complete --command muster --condition '__muster_argument_of \'config\'' --arguments path --description 'print where config files are looked for'
complete --command muster --condition '__muster_argument_of \'config\'' --arguments profiles --description 'list the profiles; the active one is marked'
complete --command muster --condition '__muster_argument_of \'config\'' --arguments use --description 'make a profile the default one'

complete --command muster --condition '__muster_flags_of \'config show\'' --long-option origin --description 'show where each value came from'
complete --command muster --condition '__muster_flags_of \'config show\'' --long-option json --description 'print as JSON for programs'
complete --command muster --condition '__muster_flags_of \'config show\'' --short-option h --long-option help --description 'show help; -h is the short form'
complete --command muster --condition '__muster_flags_of \'config show\'' --long-option profile --exclusive --arguments '(__muster_profiles)' --description 'use the profile NAME of the config'
complete --command muster --condition '__muster_flags_of \'config show\'' --long-option color --exclusive --arguments 'auto always never' --description 'when to use colours'

complete --command muster --condition '__muster_flags_of \'config check\'' --short-option h --long-option help --description 'show help; -h is the short form'
complete --command muster --condition '__muster_flags_of \'config check\'' --long-option profile --exclusive --arguments '(__muster_profiles)' --description 'use the profile NAME of the config'
complete --command muster --condition '__muster_flags_of \'config check\'' --long-option color --exclusive --arguments 'auto always never' --description 'when to use colours'
complete --command muster --condition '__muster_argument_of \'config check\'' --force-files

complete --command muster --condition '__muster_flags_of \'config path\'' --long-option json --description 'print as JSON for programs'
complete --command muster --condition '__muster_flags_of \'config path\'' --short-option h --long-option help --description 'show help; -h is the short form'
complete --command muster --condition '__muster_flags_of \'config path\'' --long-option profile --exclusive --arguments '(__muster_profiles)' --description 'use the profile NAME of the config'
complete --command muster --condition '__muster_flags_of \'config path\'' --long-option color --exclusive --arguments 'auto always never' --description 'when to use colours'

complete --command muster --condition '__muster_flags_of \'config profiles\'' --long-option json --description 'print as JSON for programs'
complete --command muster --condition '__muster_flags_of \'config profiles\'' --short-option h --long-option help --description 'show help; -h is the short form'
complete --command muster --condition '__muster_flags_of \'config profiles\'' --long-option profile --exclusive --arguments '(__muster_profiles)' --description 'use the profile NAME of the config'
complete --command muster --condition '__muster_flags_of \'config profiles\'' --long-option color --exclusive --arguments 'auto always never' --description 'when to use colours'

complete --command muster --condition '__muster_flags_of \'config use\'' --short-option h --long-option help --description 'show help; -h is the short form'
complete --command muster --condition '__muster_flags_of \'config use\'' --long-option profile --exclusive --arguments '(__muster_profiles)' --description 'use the profile NAME of the config'
complete --command muster --condition '__muster_flags_of \'config use\'' --long-option color --exclusive --arguments 'auto always never' --description 'when to use colours'
complete --command muster --condition '__muster_argument_of \'config use\'' --arguments '(__muster_profiles)'

complete --command muster --condition '__muster_flags_of \'doctor\'' --long-option check-host --exclusive --description 'also try to reach TARGET over the network'
complete --command muster --condition '__muster_flags_of \'doctor\'' --long-option ca --require-parameter --force-files --description 'trust the TLS roots in FILE as well'
complete --command muster --condition '__muster_flags_of \'doctor\'' --long-option apparmor-profile --description 'print an AppArmor profile for this binary and do nothing else'
complete --command muster --condition '__muster_flags_of \'doctor\'' --long-option json --description 'print as JSON for programs'
complete --command muster --condition '__muster_flags_of \'doctor\'' --short-option h --long-option help --description 'show help; -h is the short form'
complete --command muster --condition '__muster_flags_of \'doctor\'' --long-option profile --exclusive --arguments '(__muster_profiles)' --description 'use the profile NAME of the config'
complete --command muster --condition '__muster_flags_of \'doctor\'' --long-option color --exclusive --arguments 'auto always never' --description 'when to use colours'

complete --command muster --condition '__muster_flags_of \'completions\'' --short-option h --long-option help --description 'show help; -h is the short form'
complete --command muster --condition '__muster_flags_of \'completions\'' --long-option profile --exclusive --arguments '(__muster_profiles)' --description 'use the profile NAME of the config'
complete --command muster --condition '__muster_flags_of \'completions\'' --long-option color --exclusive --arguments 'auto always never' --description 'when to use colours'
complete --command muster --condition '__muster_argument_of \'completions\'' --arguments 'bash zsh fish'

complete --command muster --condition '__muster_flags_of \'man\'' --long-option list --description 'list the pages there are'
complete --command muster --condition '__muster_flags_of \'man\'' --short-option h --long-option help --description 'show help; -h is the short form'
complete --command muster --condition '__muster_flags_of \'man\'' --long-option profile --exclusive --arguments '(__muster_profiles)' --description 'use the profile NAME of the config'
complete --command muster --condition '__muster_flags_of \'man\'' --long-option color --exclusive --arguments 'auto always never' --description 'when to use colours'
complete --command muster --condition '__muster_argument_of \'man\'' --arguments 'muster.1 muster-run.1 muster-config.1 muster-doctor.1 muster-completions.1 muster-man.1 muster-help.1 muster-version.1 muster-config.5'

complete --command muster --condition '__muster_flags_of \'help\'' --short-option h --long-option help --description 'show help; -h is the short form'
complete --command muster --condition '__muster_flags_of \'help\'' --long-option profile --exclusive --arguments '(__muster_profiles)' --description 'use the profile NAME of the config'
complete --command muster --condition '__muster_flags_of \'help\'' --long-option color --exclusive --arguments 'auto always never' --description 'when to use colours'
complete --command muster --condition '__muster_argument_of \'help\'' --arguments 'run config doctor completions man help version'

complete --command muster --condition '__muster_flags_of \'version\'' --long-option json --description 'print as JSON for programs'
complete --command muster --condition '__muster_flags_of \'version\'' --short-option h --long-option help --description 'show help; -h is the short form'
complete --command muster --condition '__muster_flags_of \'version\'' --long-option profile --exclusive --arguments '(__muster_profiles)' --description 'use the profile NAME of the config'
complete --command muster --condition '__muster_flags_of \'version\'' --long-option color --exclusive --arguments 'auto always never' --description 'when to use colours'
