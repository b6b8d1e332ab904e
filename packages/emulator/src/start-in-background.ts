import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'

/**
 * Starts the command with `--json` in a process that outlives this one. Returns the JSON that it prints. Throws an error
 * with its message if it does not start.
 */
export async function startInBackground(script: string, args: readonly string[]): Promise<unknown> {
  const child = spawn(process.execPath, [script, ...args, '--json'], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  // Rejects when the stream is destroyed.
  const errors = text(child.stderr).catch(() => '')
  const lines = createInterface({ input: child.stdout })
  const [line] = await Promise.race([once(lines, 'line'), once(child, 'exit').then(() => [])])
  if (line === undefined) throw new Error((await errors).trim().replace(/^pds-emulator: /, ''))
  lines.close()
  child.stdout.destroy()
  child.stderr.destroy()
  child.unref()
  return JSON.parse(line)
}
