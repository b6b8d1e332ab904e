import type { RunCommand } from './command.ts'
import { bin, Home, runHere } from './command-process.test-helper.ts'
import { commandTable } from './command-table.ts'
import { createCompletion } from './completion.ts'

/** The command `pds completion`. */
export const completion = createCompletion(commandTable) as RunCommand

/** The names of all commands. */
export const commandNames: readonly string[] = [...commandTable.map(({ name }) => name), 'help']

/** A folder with the script of a shell, the command `pds`, a key file and two profiles. */
export async function prepareShell(
  shell: string,
): Promise<{ home: Home; script: string; env: NodeJS.ProcessEnv }> {
  const home = new Home()
  const { stdout } = await runHere(completion, { shell })
  const script = home.write(`script.${shell}`, stdout)
  home.write('bin/pds', `#!/bin/sh\nexec '${process.execPath}' '${bin}' "$@"\n`, 0o700)
  for (const name of ['jobs', 'me']) home.write(`profiles/${name}.json`, '{}')
  home.write('my key.pem', '')
  const env = {
    ...home.env,
    PATH: `${home.file('bin')}:${process.env.PATH}`,
    HOME: home.folder,
    LANG: 'C.UTF-8',
  }
  return { home, script, env }
}

/** Lines, and what each shell offers, as a list or by its choice of the only one. */
export const shellCases: readonly (readonly [line: string, offered: readonly string[]])[] = [
  ['pds to', ['token']],
  ['pds token --sh', ['--show']],
  ['pds switch j', ['jobs']],
  ['pds token --profile m', ['me']],
  ['pds keygen --bits 4', ['4096']],
  ['pds completion z', ['zsh']],
  ['pds help who', ['whoami']],
  ['pds run -p jobs -- pds-no', []],
]
