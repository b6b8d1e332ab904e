import type { CompletedCommand, CompletedOption } from './completion-words.ts'

/** Returns the completion script for zsh: to be sourced, or a file _pds in a folder of \`fpath\`. */
export function zshCompletion(commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ name, description }) => `        ${quote(`${name}:${description}`)}`)
  return `#compdef pds
# Completion of pds for zsh. In ~/.zshrc: source <(pds completion zsh)

_pds_profiles() {
  local -a names=(\${(f)"$(_call_program profiles pds completion profile-names 2>/dev/null)"})
  _describe profile names
}

_pds() {
  local curcontext="$curcontext" context state line
  local -A opt_args
  _arguments -C '(- *)'{-h,--help} '(- *)'{-v,--version} '1: :->command' '*:: :->arguments' && return
  case $state in
    command)
      local -a commands=(
${names.join('\n')}
      )
      _describe command commands
      ;;
    arguments)
      case $words[1] in
${commands.map(completeCommand).join('\n')}
      esac
      ;;
  esac
}

if [[ $funcstack[1] == _pds ]]; then
  _pds "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
  compdef _pds pds
fi
`
}

function completeCommand({ name, options, arguments: args }: CompletedCommand): string {
  const specs = [
    ...options.map(completeOption),
    ...args.flatMap(({ name: argument, completes, isRest }) =>
      isRest
        ? [quote(`(-)1:${argument}: _command_names -e`), quote('*::arguments: _normal')]
        : [quote(`:${argument}:${action(completes)}`)],
    ),
  ]
  return `        ${name}) _arguments -s -S ${specs.join(' ')} ;;`
}

function completeOption({ flags, description, value, completes }: CompletedOption): string {
  const text = `[${description.replaceAll(/[\\[\]]/g, '\\$&')}]`
  const rest = value === undefined ? '' : `:${value}:${action(completes)}`
  const exclusive = quote(`(${flags.join(' ')})`)
  // \`--option=value\` is possible too.
  const names = flags.map((flag) => (value !== undefined && flag.startsWith('--') ? `${flag}=` : flag))
  return `${exclusive}${names.length > 1 ? `{${names.join(',')}}` : names[0]}${quote(`${text}${rest}`)}`
}

function action(completes: CompletedOption['completes']): string {
  if (completes === undefined) return ' '
  if (completes === 'file') return '_files'
  if (completes === 'profile') return '_pds_profiles'
  return `(${completes.join(' ')})`
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
