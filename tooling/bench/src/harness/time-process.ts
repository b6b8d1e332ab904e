import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/**
 * Runs a file in a new Node.js process, and returns the time from its start to its end, in nanoseconds. Throws if the
 * process fails, with its stderr in the message.
 */
export async function timeProcess(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const start = process.hrtime.bigint()
  // A compile cache would make the start faster, and the flags of this process are not meant for the new process.
  await execute(process.execPath, [file, ...args], {
    env: { ...env, NODE_COMPILE_CACHE: undefined, NODE_OPTIONS: undefined },
  })
  return Number(process.hrtime.bigint() - start)
}
