# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Completion of muster for bash; printed by `muster completions bash`.

# The names that may stand behind the words of a command.
_muster_members() {
  case $1 in
    '') echo 'run config doctor completions man help version' ;;
    'config') echo 'show check path profiles use' ;;
  esac
}

# The flags of a command.
_muster_flags() {
  case $1 in
    '') echo '-h --help --profile --color' ;;
    'run') echo '-c --command -n --name -t --tty --no-stdin -C --workdir -e --env --env-file --clear-env --umask --nice --isolation --sandbox --workspace --diff --apply --net --bind --tmpfs --rootfs --dev --env-pass --map-root --hostname --allow --seccomp --landlock --explain --timings --timeout --grace --memory --cpus --cpu-time --pids --disk --inodes --open-files --file-size --core --stack --output-limit --attempts --backoff --retry-on --timestamps --record --json -q --quiet --preserve-status -h --help --profile --color' ;;
    'config') echo '-h --help --profile --color' ;;
    'config show') echo '--origin --json -h --help --profile --color' ;;
    'config check') echo '-h --help --profile --color' ;;
    'config path') echo '--json -h --help --profile --color' ;;
    'config profiles') echo '--json -h --help --profile --color' ;;
    'config use') echo '-h --help --profile --color' ;;
    'doctor') echo '--check-host --ca --apparmor-profile --json -h --help --profile --color' ;;
    'completions') echo '-h --help --profile --color' ;;
    'man') echo '--list -h --help --profile --color' ;;
    'help') echo '-h --help --profile --color' ;;
    'version') echo '--json -h --help --profile --color' ;;
  esac
}

# The letters of a command's flags that take a value.
_muster_value_letters() {
  case $1 in
    'run') echo 'cnCe' ;;
  esac
}

# What the value of a flag is, given the command and the flag; fails where it takes none.
_muster_value() {
  case "$1 $2" in
    *" --command" | 'run -c') echo 'anything' ;;
    *" --name" | 'run -n') echo 'anything' ;;
    *" --workdir" | 'run -C') echo 'directories' ;;
    *" --env" | 'run -e') echo 'anything' ;;
    *" --env-file") echo 'files' ;;
    *" --umask") echo 'anything' ;;
    *" --nice") echo 'anything' ;;
    *" --attempts") echo 'anything' ;;
    *" --backoff") echo 'anything' ;;
    *" --retry-on") echo 'anything' ;;
    *" --record") echo 'files' ;;
    *" --isolation") echo 'words sandbox best-effort none' ;;
    *" --sandbox") echo 'anything' ;;
    *" --workspace") echo 'anything' ;;
    *" --net") echo 'words none host' ;;
    *" --bind") echo 'files' ;;
    *" --tmpfs") echo 'anything' ;;
    *" --rootfs") echo 'directories' ;;
    *" --dev") echo 'anything' ;;
    *" --env-pass") echo 'anything' ;;
    *" --hostname") echo 'anything' ;;
    *" --allow") echo 'anything' ;;
    *" --seccomp") echo 'files' ;;
    *" --landlock") echo 'words yes no' ;;
    *" --timeout") echo 'anything' ;;
    *" --grace") echo 'anything' ;;
    *" --open-files") echo 'anything' ;;
    *" --core") echo 'anything' ;;
    *" --file-size") echo 'anything' ;;
    *" --stack") echo 'anything' ;;
    *" --output-limit") echo 'anything' ;;
    *" --memory") echo 'anything' ;;
    *" --cpus") echo 'anything' ;;
    *" --pids") echo 'anything' ;;
    *" --disk") echo 'anything' ;;
    *" --inodes") echo 'anything' ;;
    *" --cpu-time") echo 'anything' ;;
    *" --check-host") echo 'anything' ;;
    *" --ca") echo 'files' ;;
    *" --profile") echo 'profiles' ;;
    *" --color") echo 'words auto always never' ;;
    *) return 1 ;;
  esac
}

# What the arguments of a command are.
_muster_argument() {
  case $1 in
    'run') echo 'commands' ;;
    'config check') echo 'files' ;;
    'config use') echo 'profiles' ;;
    'completions') echo 'words bash zsh fish' ;;
    'man') echo 'words muster.1 muster-run.1 muster-config.1 muster-doctor.1 muster-completions.1 muster-man.1 muster-help.1 muster-version.1 muster-config.5' ;;
    'help') echo 'words run config doctor completions man help version' ;;
  esac
}

# The flag behind a word of flags (--color=auto, -qt) whose value is the next word; fails where
# there is none.
_muster_open_flag() {
  local command=$1 word=$2 letters
  case $word in
    --*=*) return 1 ;;
    --*) ;;
    *)
      letters=$(_muster_value_letters "$command")
      [[ -n $letters && $word =~ ^-[^"$letters"]*["$letters"]$ ]] || return 1
      word=-${word: -1}
      ;;
  esac
  _muster_value "$command" "$word" >/dev/null && printf '%s\n' "$word"
}

# Offers what starts as the word does, with a prefix that is part of the word already.
_muster_offer() {
  local kind=$1 typed=$2 prefix=$3
  case $kind in
    files)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -P "$prefix" -- "$typed")
      ;;
    directories)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -d -P "$prefix" -- "$typed")
      ;;
    commands) mapfile -t COMPREPLY < <(compgen -c -P "$prefix" -- "$typed") ;;
    profiles)
      mapfile -t COMPREPLY < <(
        compgen -P "$prefix" -W "$(muster config profiles 2>/dev/null | cut -c 3-)" -- "$typed"
      )
      ;;
    words\ *) mapfile -t COMPREPLY < <(compgen -P "$prefix" -W "${kind#words }" -- "$typed") ;;
  esac
}

# The command to run and its arguments, from the word at this index on.
_muster_other_command() {
  if declare -F _comp_command_offset >/dev/null; then
    _comp_command_offset "$1"
  elif declare -F _command_offset >/dev/null; then
    _command_offset "$1"
  elif (($1 == COMP_CWORD)); then
    _muster_offer commands "${COMP_WORDS[COMP_CWORD]}" ''
  else
    _muster_offer files "${COMP_WORDS[COMP_CWORD]}" ''
  fi
}

# bash splits words at = and : too. Puts together again what was typed as one word, up to the one
# under the cursor, into `words`; `starts` are their places in COMP_WORDS.
_muster_join_words() {
  local line=$COMP_LINE piece i
  for ((i = 0; i <= COMP_CWORD; i++)); do
    piece=${COMP_WORDS[i]}
    if ((i > 0)) && [[ $line != [[:space:]]* && ($piece == [=:]* || ${words[-1]} == *[=:]) ]]; then
      words[-1]+=$piece
    else
      words+=("$piece")
      starts+=("$i")
    fi
    line=${line#"${line%%[![:space:]]*}"}
    line=${line#"$piece"}
  done
}

# bash replaces only what stands behind the last = or : of the word.
_muster_cut_replies() {
  local current=$1 cut i
  cut=${current%"${current##*[=:]}"}
  [[ -n $cut && $COMP_WORDBREAKS == *"${cut: -1}"* ]] || return 0
  for i in "${!COMPREPLY[@]}"; do
    COMPREPLY[i]=${COMPREPLY[i]#"$cut"}
  done
}

# Completes the word under the cursor from what the words before it say.
_muster_last_word() {
  local command=$1 only_arguments=$2 open_flag=$3 current=$4
  local members
  members=$(_muster_members "$command")
  if [[ -n $open_flag ]]; then
    _muster_offer "$(_muster_value "$command" "$open_flag")" "$current" ''
  elif [[ -z $only_arguments && $current == --*=* ]]; then
    _muster_offer "$(_muster_value "$command" "${current%%=*}")" "${current#*=}" "${current%%=*}="
  elif [[ -z $only_arguments && $current == -* ]]; then
    _muster_offer "words $(_muster_flags "$command")" "$current" ''
  elif [[ -n $members ]]; then
    _muster_offer "words $members" "$current" ''
  else
    _muster_offer "$(_muster_argument "$command")" "$current" ''
  fi
}

_muster() {
  local command='' only_arguments='' open_flag='' word i
  local -a words=() starts=()
  COMPREPLY=()
  _muster_join_words
  for ((i = 1; i < ${#words[@]} - 1; i++)); do
    word=${words[i]}
    if [[ -n $open_flag ]]; then
      open_flag=''
    elif [[ -z $only_arguments && $word == -- ]]; then
      only_arguments=1
    elif [[ -z $only_arguments && $word == -* ]]; then
      open_flag=$(_muster_open_flag "$command" "$word")
    elif [[ " $(_muster_members "$command") " == *" $word "* ]]; then
      command+=${command:+ }$word
    elif [[ $(_muster_argument "$command") == commands ]]; then
      break
    else
      return
    fi
  done
  word=${words[i]}
  if [[ -z $open_flag && $(_muster_argument "$command") == commands ]] &&
    [[ -n $only_arguments || $word != -* ]]; then
    _muster_other_command "${starts[i]}"
    return
  fi
  _muster_last_word "$command" "$only_arguments" "$open_flag" "$word"
  _muster_cut_replies "$word"
}

complete -F _muster muster
