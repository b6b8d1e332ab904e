import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const main = fileURLToPath(new URL('main.ts', import.meta.url))

/** Runs the bench to its end, with arguments. Rejects where it fails. */
export function bench(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  return run(process.execPath, ['--expose-gc', main, ...args])
}
