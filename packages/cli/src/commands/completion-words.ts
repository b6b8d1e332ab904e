import type { Output } from '../output/output.ts'
import type { ArgumentSpec, CommandSpec, OptionSpec } from './command.ts'

/** An option as completion scripts need it. */
export interface CompletedOption {
  /** `--name`, and `-n` if it has a short form. */
  flags: readonly string[]
  description: string
  /** What its value is. Absent if it takes none. */
  value?: string
  completes?: OptionSpec['completes']
}

/** A command as completion scripts need it. */
export interface CompletedCommand {
  name: string
  description: string
  options: readonly CompletedOption[]
  arguments: readonly Pick<ArgumentSpec, 'name' | 'completes' | 'isRest'>[]
}

/** Returns all commands with their options, in the user's language. */
export function listCommands(table: readonly CommandSpec[], output: Output): CompletedCommand[] {
  const help: CompletedOption = {
    flags: ['--help', '-h'],
    description: output.localize({ en: 'show the help', zh: '显示帮助' }),
  }
  const commands = table.map(({ name, text, options = [], arguments: args = [] }) => ({
    name,
    description: output.localize(text),
    options: [...options.map((option) => completedOption(option, output)), help],
    arguments: args,
  }))
  return [
    ...commands,
    {
      name: 'help',
      description: help.description,
      options: [],
      arguments: [{ name: 'command', completes: commands.map(({ name }) => name) }],
    },
  ]
}

function completedOption(
  { name, short, value, completes, text }: OptionSpec,
  output: Output,
): CompletedOption {
  return {
    flags: [`--${name}`, ...(short === undefined ? [] : [`-${short}`])],
    description: output.localize(text),
    ...(value !== undefined && { value }),
    ...(completes !== undefined && { completes }),
  }
}
