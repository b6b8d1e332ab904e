import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { RunningEmulator } from '@pds/emulator'

/** The path of the folder with the examples. */
export const examples: string = fileURLToPath(new URL('../../examples', import.meta.url))

/** The exit code or signal of a process, and its output. */
export interface Exit {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

/** Runs an example as a separate process, started like a reader of the guide starts it. */
export class ExampleProcess {
  readonly #child: ChildProcess
  readonly #output = { stdout: '', stderr: '' }
  readonly #closed: Promise<unknown>

  /** Starts a file of the examples with these environment variables, added to the current ones. */
  constructor(file: string, environment: Record<string, string | undefined>, ...args: string[]) {
    // Node.js 22 prints a warning for SQLite, and before 22.18 also for TypeScript files.
    this.#child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', `${examples}/${file}`, ...args],
      { stdio: 'pipe', env: { ...process.env, ...environment } },
    )
    for (const name of ['stdout', 'stderr'] as const)
      this.#child[name]?.setEncoding('utf8').on('data', (text: string) => {
        this.#output[name] += text
        this.#child.emit('output')
      })
    this.#closed = once(this.#child, 'close').then(() => this.#child.emit('output'))
  }

  /**
   * Waits until the output contains `count` matches of a pattern. Returns the first group of the last match, or the
   * match itself if the pattern has no group. Throws if the process exits before.
   */
  async waitForOutput(pattern: RegExp, count = 1): Promise<string> {
    for (;;) {
      const { stdout, stderr } = this.#output
      const matches = `${stdout}\n${stderr}`.matchAll(new RegExp(pattern, 'g'))
      const match = [...matches][count - 1]
      if (match) return match[1] ?? match[0]
      const { exitCode, signalCode } = this.#child
      if (exitCode !== null || signalCode !== null)
        throw new Error(`the example exited with ${exitCode ?? signalCode}:\n${stdout}${stderr}`)
      await once(this.#child, 'output')
    }
  }

  /** Writes a line to the standard input, or closes the input if `line` is omitted. */
  writeLine(line?: string): void {
    if (line === undefined) this.#child.stdin?.end()
    else this.#child.stdin?.write(`${line}\n`)
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Waits until the process exits without being stopped. */
  async waitForExit(): Promise<Exit> {
    await this.#closed
    return { code: this.#child.exitCode, signal: this.#child.signalCode, ...this.#output }
  }

  /** Kills the process if it is still running. */
  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGKILL')
    await this.#closed
  }
}

/** Returns the environment variables with which an example obtains tokens of the JWT application of an emulator. */
export function jwtAppEnvironment(emulator: RunningEmulator): Record<string, string> {
  const { client_id, private_key_pem } = emulator.app('jwt')
  return {
    PDS_API_ENDPOINT: emulator.api_endpoint,
    PDS_DOMAIN_ID: emulator.domain_id,
    PDS_CLIENT_ID: client_id,
    PDS_PRIVATE_KEY: private_key_pem,
  }
}
