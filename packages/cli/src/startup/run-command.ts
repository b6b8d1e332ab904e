import type { CommandValues, RunCommand } from '../commands/command.ts'
import { exitCode } from '../output/exit-code.ts'
import { Output } from '../output/output.ts'
import { readLanguage } from '../output/text.ts'

/** Runs a command with the streams and signals of this process. Returns its exit code. */
export async function runCommand({ run }: { run: RunCommand }, values: CommandValues): Promise<number> {
  const output = createOutput(values.json === true)
  const abort = new AbortController()
  // The command closes what it has opened, then the process ends. A second Ctrl-C ends it at once. A terminal that is closed
  // sends SIGHUP.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => abort.abort())
  try {
    return (await run(values as never, { output, signal: abort.signal })) ?? exitCode.ok
  } catch (error) {
    return reportError(error, output, values)
  }
}

/** Creates the output of this process. */
export function createOutput(isJson: boolean): Output {
  return new Output(readLanguage(process.env), isJson, process.stdout, process.stderr)
}

/** Writes an error to stderr. Returns the exit code. */
export async function reportError(
  error: unknown,
  output: Output,
  values: CommandValues = {},
): Promise<number> {
  const { explainError } = await import('../output/explain-error.ts')
  const { text, detail, exitCode: code, json } = explainError(error, values)
  if (output.isJson) output.raw(JSON.stringify({ error: json }))
  else {
    output.raw(`${output.style('red', 'pds:')} ${output.localize(text)}`)
    if (detail !== undefined) output.raw(output.style('dim', `  ${detail}`))
  }
  return code
}
