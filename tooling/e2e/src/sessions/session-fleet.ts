import { once } from 'node:events'
import { startProcesses } from 'shared/start-processes'
import { type RunningScript, startScript } from './child-process.ts'
import type { Message, OpenOptions, Order, Report } from './orders.ts'

/** A process that shares a session with other processes. */
export class SessionProcess {
  readonly #script: RunningScript = startScript('session-process.ts')

  /** Starts a process and waits until it accepts orders. */
  static async start(): Promise<SessionProcess> {
    const started = new SessionProcess()
    await started.#message()
    return started
  }

  /** Sends an order and returns its report. Rejects if the process exits before it has completed the order. */
  async run(order: Order): Promise<Report> {
    this.#script.child.send(order)
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
    this.#script.child.send(order)
    const message = await this.#message()
    if (message.type !== 'stopping') throw new Error('the process was neither killed nor stopped')
    const report = this.#message().then((next) => (next as { report: Report }).report)
    report.catch(() => undefined)
    return { report }
  }

  /** Resumes a stopped process. */
  wake(): void {
    this.#script.child.kill('SIGCONT')
  }

  /** Disconnects the process and waits until it exits. Throws if it has printed something. */
  async end(): Promise<void> {
    // After a failed test, the process may still be stopped.
    this.wake()
    if (this.#script.child.connected) this.#script.child.disconnect()
    const [code, signal] = await this.#script.ended
    if ((code !== 0 && signal !== 'SIGKILL') || this.#script.output() !== '') {
      throw new Error(`the process ended with ${code ?? signal}, and printed: ${this.#script.output()}`)
    }
  }

  async #message(): Promise<Message> {
    const controller = new AbortController()
    const died = this.#script.ended.then(([code, signal]) => {
      throw new Error(`the process ended with ${code ?? signal}, and printed: ${this.#script.output()}`)
    })
    try {
      const [message] = await Promise.race([
        once(this.#script.child, 'message', { signal: controller.signal }),
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
