import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { once } from 'node:events'

/** A process that ends, with all that it has started, when this process ends in any way. */
export interface TiedProcess {
  /** A shell around the program. Its file descriptors from 3 on belong to the program. */
  readonly child: ChildProcess
  /** Ends the process and all that it has started. */
  end(): Promise<void>
}

// The shell kills its process group when its input ends.
const killAtEnd = '"$@" </dev/null & read -r _; kill -KILL 0'

/** Starts a program in a new process group, without input and output. */
export function startTied(
  file: string,
  args: readonly string[],
  { env = process.env, more = [] }: { env?: NodeJS.ProcessEnv; more?: 'pipe'[] } = {},
): TiedProcess {
  const stdio: StdioOptions = ['pipe', 'ignore', 'ignore', ...more]
  const child = spawn('sh', ['-c', killAtEnd, 'sh', file, ...args], { stdio, env, detached: true })
  const ended = once(child, 'exit')
  return {
    child,
    async end() {
      child.stdin?.end()
      await ended
    },
  }
}
