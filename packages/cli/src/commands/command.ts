import type { Output } from '../output/output.ts'
import type { Text } from '../output/text.ts'

/** What a command gets besides its options. */
export interface CommandContext {
  output: Output
  /** Aborted by Ctrl-C, SIGTERM or SIGHUP. */
  signal: AbortSignal
}

/** The values of a command's arguments and options, by their names in camelCase. */
export type CommandValues = Readonly<Record<string, string | boolean | readonly string[] | undefined>>

/** Runs a command. Its exit code is 0, or what it returns. Throws an error for `explainError`. */
export type RunCommand = (values: never, context: CommandContext) => Promise<number> | Promise<void>

/** An option of a command. */
export interface OptionSpec {
  /** Its name without `--`, in kebab-case. */
  name: string
  /** The letter of its short form. */
  short?: string
  /** What its value is, in capitals. Absent if it takes none. */
  value?: string
  /** What the shell completes its value with. Default: nothing. */
  completes?: 'file' | 'profile' | readonly string[]
  text: Text
}

/** An argument of a command. */
export interface ArgumentSpec {
  /** Its name in the help, in camelCase. */
  name: string
  isOptional?: boolean
  /** Whether it takes the rest of the command line. */
  isRest?: boolean
  completes?: 'profile' | readonly string[]
  text: Text
}

/** An example of a command's help. */
interface ExampleSpec {
  command: string
  text: Text
}

/** A command: what the help, the completion and the parser know. */
export interface CommandSpec {
  name: string
  text: Text
  arguments?: readonly ArgumentSpec[]
  options?: readonly OptionSpec[]
  examples: readonly ExampleSpec[]
  load(): Promise<{ run: RunCommand }>
}
