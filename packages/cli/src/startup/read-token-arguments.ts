import type { CommandValues } from '../commands/command.ts'
import { tokenOptions } from '../commands/token-options.ts'

/**
 * Reads the arguments of `pds token` with the parser of Node.js. Returns undefined for any other command, for `--help`
 * and for wrong arguments: the complete parser then explains them.
 */
export function readTokenArguments([command, ...args]: readonly string[]): CommandValues | undefined {
  if (command !== 'token') return undefined
  const options = Object.fromEntries(
    tokenOptions.map(({ name, short, value }) => [
      name,
      { type: value === undefined ? 'boolean' : 'string', ...(short !== undefined && { short }) } as const,
    ]),
  )
  const { parseArgs } = process.getBuiltinModule('node:util')
  try {
    return { ...parseArgs({ args, options }).values } as CommandValues
  } catch {
    return undefined
  }
}
