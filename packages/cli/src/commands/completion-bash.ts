import type { CompletedCommand, CompletedOption } from './completion-words.ts'

/** Returns the completion script for bash, from version 3.2, which macOS has. */
export function bashCompletion(commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ name }) => name).join(' ')
  return `# Completion of pds for bash. In ~/.bashrc: eval "$(pds completion bash)"

_pds_words() {
  COMPREPLY=($(compgen -W "$1" -- "$current"))
}

_pds_lines() {
  local IFS=$'\\n'
  COMPREPLY=($("$@" -- "$current"))
}

_pds_files() {
  compopt -o filenames 2>/dev/null
  _pds_lines compgen -f
}

_pds_profiles() {
  _pds_words "$("\${COMP_WORDS[0]}" completion profile-names 2>/dev/null)"
}

# Completes the command that starts at this word.
_pds_command() {
  if declare -F _comp_command_offset >/dev/null; then _comp_command_offset "$1"
  elif declare -F _command_offset >/dev/null; then _command_offset "$1"
  elif ((COMP_CWORD == $1)); then _pds_lines compgen -c
  else _pds_files
  fi
}

_pds() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} start
  COMPREPLY=()
  # Bash makes three words of --option=value.
  [[ $current == '=' ]] && current=
  [[ $previous == '=' ]] && previous=\${COMP_WORDS[COMP_CWORD - 2]}
  if ((COMP_CWORD == 1)); then
    _pds_words '${names} --help --version'
    return
  fi
  case \${COMP_WORDS[1]} in
${commands.map(completeCommand).join('\n')}
  esac
}

complete -F _pds pds
`
}

function completeCommand({ name, options, arguments: args }: CompletedCommand): string {
  const valued = options.filter(({ value }) => value !== undefined)
  const values = valued.map((option) => `        ${option.flags.join(' | ')}) ${completeValue(option)} ;;`)
  const flags = options.map(({ flags: [flag] }) => flag).join(' ')
  const [first] = args
  const isCommand = args.some(({ isRest }) => isRest)
  const other = first?.completes === undefined ? 'return' : complete(first.completes)
  return [
    `    ${name})`,
    ...(isCommand ? [findStart(valued)] : []),
    ...(values.length > 0 ? ['      case $previous in', ...values, '      esac'] : []),
    // Without an argument, only options can follow.
    first === undefined
      ? `      _pds_words '${flags}'`
      : `      if [[ $current == -* ]]; then _pds_words '${flags}'; else ${other}; fi`,
    '      ;;',
  ].join('\n')
}

/** The word after the options of \`pds run\` starts another command. */
function findStart(valued: readonly CompletedOption[]): string {
  return `      start=2
      while ((start < COMP_CWORD)); do
        case \${COMP_WORDS[start]} in
          --) ((start++)); break ;;
          ${valued.flatMap(({ flags }) => flags).join(' | ')})
            ((start += 2))
            [[ \${COMP_WORDS[start - 1]} == '=' ]] && ((start++))
            ;;
          -*) ((start++)) ;;
          *) break ;;
        esac
      done
      if ((start < COMP_CWORD)) || { ((start == COMP_CWORD)) && [[ $current != -* || $previous == -- ]]; }; then
        _pds_command "$start"
        return
      fi`
}

function completeValue({ completes }: CompletedOption): string {
  return completes === undefined ? 'return' : `${complete(completes)}; return`
}

function complete(completes: NonNullable<CompletedOption['completes']>): string {
  if (completes === 'file') return '_pds_files'
  if (completes === 'profile') return '_pds_profiles'
  return `_pds_words '${completes.join(' ')}'`
}
