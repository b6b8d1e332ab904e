import { type ChildProcess, type ChildProcessByStdio, fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { startProcesses } from 'vitest-config/start-processes'
import type { Message, OpenOptions, Order, Report } from './orders.ts'

const script = path.join(import.meta.dirname, 'session-process.ts')
const flags = ['--unhandled-rejections=strict', '--disable-warning=ExperimentalWarning']
if (process.features.typescript === false) flags.push('--experimental-strip-types')

/** A process that shares a session with other processes. */
export class SessionProcess {
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown[]>
  #output = ''

  private constructor() {
    this.#child = fork(script, { execArgv: flags, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
    const { stdout, stderr } = this.#child as ChildProcessByStdio<null, Readable, Readable>
    for (const stream of [stdout, stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text
      })
    }
    // After `disconnect`, a child process emits no `close` event.
    const exit = once(this.#child, 'exit')
    const outputEnded = Promise.all([once(stdout, 'end'), once(stderr, 'end')])
    this.#ended = outputEnded.then(() => exit)
  }

  /** Starts a process and waits until it accepts orders. */
  static async start(): Promise<SessionProcess> {
    const started = new SessionProcess()
    await started.#message()
    return started
  }

  /** Sends an order and returns its report. Rejects if the process exits before it has completed the order. */
  async run(order: Order): Promise<Report> {
    this.#child.send(order)
    for (;;) {
      const message = await this.#message()
      if (message.type === 'done') return message.report
    }
  }

  /**
   * Sends an order during which the process is killed or stopped, and waits for that. Returns a promise of the report,
   * for a process that is resumed.
   */
  async runToStop(order: Order): Promise<{ report: Promise<Report> }> {
    this.#child.send(order)
    const message = await this.#message()
    if (message.type !== 'stopping') throw new Error('the process was neither killed nor stopped')
    const report = this.#message().then((next) => (next as { report: Report }).report)
    report.catch(() => undefined)
    return { report }
  }

  /** Resumes a stopped process. */
  wake(): void {
    this.#child.kill('SIGCONT')
  }

  /** Disconnects the process and waits until it exits. Throws if it has printed something. */
  async end(): Promise<void> {
    // After a failed test, the process may still be stopped.
    this.wake()
    if (this.#child.connected) this.#child.disconnect()
    const [code, signal] = await this.#ended
    if ((code !== 0 && signal !== 'SIGKILL') || this.#output !== '') {
      throw new Error(`the process ended with ${code ?? signal}, and printed: ${this.#output}`)
    }
  }

  async #message(): Promise<Message> {
    const controller = new AbortController()
    const died = this.#ended.then(([code, signal]) => {
      throw new Error(`the process ended with ${code ?? signal}, and printed: ${this.#output}`)
    })
    try {
      const [message] = await Promise.race([
        once(this.#child, 'message', { signal: controller.signal }),
        died,
      ])
      return message
    } finally {
      controller.abort()
    }
  }
}

/** Processes that receive the same orders. */
export class SessionFleet {
  readonly processes: readonly SessionProcess[]

  private constructor(processes: readonly SessionProcess[]) {
    this.processes = processes
  }

  static async start(count: number): Promise<SessionFleet> {
    return new SessionFleet(await startProcesses(count, () => SessionProcess.start()))
  }

  /** Opens a session in each process. */
  async open(options: OpenOptions | ((index: number) => OpenOptions)): Promise<void> {
    const optionsOf = typeof options === 'function' ? options : () => options
    await Promise.all(
      this.processes.map((each, index) => each.run({ type: 'open', options: optionsOf(index) })),
    )
  }

  /** Sends an order to all processes and merges their reports. */
  async run(order: Order): Promise<Report> {
    return mergeReports(await Promise.all(this.processes.map((each) => each.run(order))))
  }

  /** Closes the session in each process and waits until all processes have exited. */
  async end(): Promise<void> {
    await this.run({ type: 'close' })
    await Promise.all(this.processes.map((each) => each.end()))
  }
}

/** Concatenates the results and events of reports. */
export function mergeReports(reports: readonly Report[]): Report {
  return {
    results: reports.flatMap(({ results }) => results),
    events: reports.flatMap(({ events }) => events),
  }
}
