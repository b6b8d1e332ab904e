import { readFileSync } from 'node:fs'
import { type Command, CommanderError } from 'commander'
import { exitCode } from '../output/exit-code.ts'
import { createProgram } from './create-program.ts'
import { explainUsage } from './explain-usage.ts'
import { createOutput, reportError, runCommand } from './run-command.ts'

/** Parses the command line and runs its command. Returns the exit code. `manifest` is the package.json of `pds`. */
export async function main(argv: readonly string[], manifest: URL): Promise<number> {
  // The options after `--` belong to the command of `pds run`.
  const separator = argv.indexOf('--')
  const output = createOutput(argv.slice(0, separator < 0 ? undefined : separator).includes('--json'))
  let code: number = exitCode.ok
  const program: Command = createProgram(output, readVersion(manifest), async (spec, values) => {
    code = await runCommand(await spec.load(), values)
  })
  try {
    await program.parseAsync(argv as string[])
    return code
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    // The help or the version was written.
    if (error.exitCode === 0) return exitCode.ok
    return reportError(explainUsage(error, argv.slice(2)), output)
  }
}

function readVersion(manifest: URL): string {
  return JSON.parse(readFileSync(manifest, 'utf8')).version
}
