import type { CompletedCommand, CompletedOption } from './completion-words.ts'

/** Returns the completion script for fish. */
export function fishCompletion(commands: readonly CompletedCommand[]): string {
  const names = commands.map(
    ({ name, description }) => `complete -c pds -n __pds_no_command -a ${name} -d ${quote(description)}`,
  )
  return `# Completion of pds for fish. In config.fish: pds completion fish | source

function __pds_no_command
    test (count (commandline -opc)) -eq 1
end

function __pds_command
    set -l words (commandline -opc)
    test (count $words) -gt 1; and test $words[2] = $argv[1]
end

# Writes the words of the command of pds run, without the word at the cursor. Fails if it has not started.
function __pds_run_words
    set -l words (commandline -opc)[3..]
    while set -q words[1]
        switch $words[1]
            case --
                set -e words[1]
                string join \\n -- $words
                return 0
            case -p --profile -u --user --watch-file
                set -e words[1]
                set -q words[1]; or return 1
            case '-*'
            case '*'
                string join \\n -- $words
                return 0
        end
        set -e words[1]
    end
    not string match -q -- '-*' (commandline -ct)
end

function __pds_run_complete
    set -l words (__pds_run_words)
    complete -C (string join ' ' -- (string escape -- $words) (commandline -ct))
end

complete -c pds -f
complete -c pds -n __pds_no_command -s h -l help
complete -c pds -n __pds_no_command -s v -l version
${names.join('\n')}
${commands.flatMap(completeCommand).join('\n')}
`
}

function completeCommand({ name, options, arguments: args }: CompletedCommand): string[] {
  const isCommand = args.some(({ isRest }) => isRest)
  const condition = `-n ${quote(`__pds_command ${name}${isCommand ? '; and not __pds_run_words >/dev/null' : ''}`)}`
  return [
    ...options.map((option) => `complete -c pds ${condition} ${completeOption(option)}`),
    ...args.flatMap(({ completes, isRest }) => {
      if (isRest) {
        return `complete -c pds -n '__pds_command ${name}; and __pds_run_words >/dev/null' -a '(__pds_run_complete)'`
      }
      return completes === undefined ? [] : `complete -c pds ${condition} -a ${values(completes)}`
    }),
  ]
}

function completeOption({ flags, description, value, completes }: CompletedOption): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`))
  const text = `${names.join(' ')} -d ${quote(description)}`
  if (value === undefined) return text
  if (completes === 'file') return `${text} -r -F`
  return completes === undefined ? `${text} -x` : `${text} -x -a ${values(completes)}`
}

function values(completes: 'profile' | readonly string[]): string {
  return quote(completes === 'profile' ? '(pds completion profile-names 2>/dev/null)' : completes.join(' '))
}

function quote(text: string): string {
  return `'${text.replaceAll(/[\\']/g, '\\$&')}'`
}
