import { PassThrough } from 'node:stream'
import { CommanderError } from 'commander'
import { expect, it } from 'vitest'
import type { CommandValues } from '../commands/command.ts'
import { Output } from '../output/output.ts'
import { createProgram } from './create-program.ts'
import { readTokenArguments } from './read-token-arguments.ts'

/** Returns the values that the complete parser reads, or undefined if it rejects the arguments or shows the help. */
async function parse(args: readonly string[]): Promise<CommandValues | undefined> {
  let found: CommandValues | undefined
  const output = new Output('en', false, new PassThrough(), new PassThrough())
  const program = createProgram(output, '1.0.0', async (_spec, values) => {
    found = values
  })
  program.commands.forEach((command) => void command.configureOutput({ writeOut: () => undefined }))
  try {
    await program.parseAsync(args as string[], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
  }
  return found
}

it.each<[string[]]>([
  [[]],
  [['--json']],
  [['--show']],
  [['--show', '--show', '--json']],
  [['--profile', 'a']],
  [['--profile=a']],
  [['-p', 'a']],
  [['-pa']],
  [['-p=a']],
  [['-p', 'a', '-p', 'b']],
  [['--profile', '']],
  [['--profile=']],
  [['--user', 'ann lee', '-p', 'a', '--json']],
  [['-u', 'ann', '--show']],
  [['--user=--json']],
  [['-pa', '-uann', '--json']],
  [['--']],
])('reads pds token %j as the parser does', async (args) => {
  const values = readTokenArguments(['token', ...args])
  expect(values).toBeDefined()
  expect(values).toEqual(await parse(['token', ...args]))
})

it.each<[string[]]>([
  [['--help']],
  [['-h']],
  [['--prof', 'a']],
  [['--json=true']],
  [['--no-json']],
  [['--unknown']],
  [['-x']],
  [['--profile']],
  [['-p', '-x']],
  [['--user', '--json']],
  [['extra']],
  [['--', 'extra']],
])('leaves pds token %j to the parser', (args) => {
  expect(readTokenArguments(['token', ...args])).toBeUndefined()
})

it.each([[[]], [['--json', 'token']], [['status']], [['help', 'token']], [['--help']]])(
  'leaves pds %j to the parser',
  (args) => {
    expect(readTokenArguments(args)).toBeUndefined()
  },
)
