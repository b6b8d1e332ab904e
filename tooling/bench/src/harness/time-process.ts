import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/**
 * Runs a file in a new process of this Node.js, and gives how long that takes from its start to its end, in nanoseconds.
 * Throws where it fails, with what it has written to stderr.
 */
export async function timeProcess(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const start = process.hrtime.bigint()
  // What an earlier process has compiled must not help, and no flag of this one's is meant for it.
  await execute(process.execPath, [file, ...args], {
    env: { ...env, NODE_COMPILE_CACHE: undefined, NODE_OPTIONS: undefined },
  })
  return Number(process.hrtime.bigint() - start)
}
