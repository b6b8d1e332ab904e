import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { hangTime } from 'shared/time'
import { tools } from '../packages/repository.ts'
import type { Runtime } from './runtime.ts'

const execute = promisify(execFile)

/**
 * Creates a runtime from a command that runs a file. Each scenario runs in a new process. The flags precede the name of
 * the file.
 */
export async function processRuntime(
  folder: string,
  command: string,
  flags: readonly string[] = [],
): Promise<Runtime> {
  const file = path.join(tools, command)
  // Without NO_PROXY, Bun and Deno would send requests for 127.0.0.1 to the proxy of the machine.
  const direct = { NO_PROXY: '127.0.0.1', no_proxy: '127.0.0.1' }
  const env = { ...process.env, ...direct, DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' }

  async function run(args: readonly string[]): Promise<string> {
    const { stdout, stderr } = await execute(file, args, { cwd: folder, env, timeout: hangTime })
    if (stderr !== '') throw new Error(`${command} wrote to stderr:\n${stderr}`)
    return stdout
  }
  const version = /\d+\.\d+\.\d+/.exec(await run(['--version']))?.[0] ?? ''
  return {
    version,
    async run(scenario, environment) {
      // A CommonJS scenario is a program itself.
      const args = scenario.endsWith('.cjs') ? [scenario] : ['run.mjs', scenario]
      return JSON.parse(await run([...flags, ...args, JSON.stringify(environment)]))
    },
    async close() {},
  }
}
