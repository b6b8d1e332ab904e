import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const execute = promisify(execFile)
const main = fileURLToPath(new URL('main.ts', import.meta.url))

/** Runs the bench with these arguments until it ends. Rejects if it fails. */
export function runBench(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  return execute(process.execPath, ['--expose-gc', main, ...args])
}
