import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { RunningEmulator } from '@pds/emulator'

/** The folder of the examples. */
export const examples: string = fileURLToPath(new URL('../../examples', import.meta.url))

/** How a process ended, and what it had written. */
export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

/** An example that runs as a process of its own, as its reader would start it. */
export class ExampleProcess {
  readonly #child: ChildProcess
  readonly #written = { stdout: '', stderr: '' }
  readonly #closed: Promise<unknown>

  /** Starts a file of the examples, with what it takes from its environment. */
  constructor(file: string, environment: Record<string, string | undefined>, ...args: string[]) {
    // Node.js 22 warns of its SQLite, and before 22.18 of the types.
    this.#child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', `${examples}/${file}`, ...args],
      { stdio: 'pipe', env: { ...process.env, ...environment } },
    )
    for (const name of ['stdout', 'stderr'] as const)
      this.#child[name]?.setEncoding('utf8').on('data', (text: string) => {
        this.#written[name] += text
        this.#child.emit('written')
      })
    this.#closed = once(this.#child, 'close').then(() => this.#child.emit('written'))
  }

  /**
   * Waits until it has written what fits a pattern, for as many times as are wanted, and gives the first group of the
   * last one. Throws where it ends before.
   */
  async writes(pattern: RegExp, count = 1): Promise<string> {
    for (;;) {
      const { stdout, stderr } = this.#written
      const matches = `${stdout}\n${stderr}`.matchAll(new RegExp(pattern, 'g'))
      const match = [...matches][count - 1]
      if (match) return match[1] ?? match[0]
      const { exitCode, signalCode } = this.#child
      if (exitCode !== null || signalCode !== null)
        throw new Error(`the example ended with ${exitCode ?? signalCode}:\n${stdout}${stderr}`)
      await once(this.#child, 'written')
    }
  }

  /** Writes a line to its input; without one, ends that. */
  say(line?: string): void {
    if (line === undefined) this.#child.stdin?.end()
    else this.#child.stdin?.write(`${line}\n`)
  }

  send(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Waits until it has ended by itself. */
  async ended(): Promise<Ended> {
    await this.#closed
    return { code: this.#child.exitCode, signal: this.#child.signalCode, ...this.#written }
  }

  /** Ends it, if it has not ended yet. */
  async end(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGKILL')
    await this.#closed
  }
}

/** What an example takes from its environment to obtain tokens of the emulator's JWT application. */
export function jwtAppEnvironment(emulator: RunningEmulator): Record<string, string> {
  const { client_id, private_key_pem = '' } = emulator.app('jwt')
  return {
    PDS_API_ENDPOINT: emulator.api_endpoint,
    PDS_DOMAIN_ID: emulator.domain_id,
    PDS_CLIENT_ID: client_id,
    PDS_PRIVATE_KEY: private_key_pem,
  }
}
