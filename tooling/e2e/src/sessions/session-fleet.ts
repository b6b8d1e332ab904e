import { type ChildProcess, type ChildProcessByStdio, fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { startProcesses } from 'shared/start-processes'
import type { Message, OpenOptions, Order, Report } from './orders.ts'

const script = path.join(import.meta.dirname, 'session-process.ts')
const flags = ['--unhandled-rejections=strict', '--disable-warning=ExperimentalWarning']
if (process.features.typescript === false) flags.push('--experimental-strip-types')

/** A process that shares a session with others. */
export class SessionProcess {
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown[]>
  #said = ''

  private constructor() {
    this.#child = fork(script, { execArgv: flags, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
    const { stdout, stderr } = this.#child as ChildProcessByStdio<null, Readable, Readable>
    for (const stream of [stdout, stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#said += text
      })
    }
    // There is no event `close` for a process whose channel was closed from here.
    const exit = once(this.#child, 'exit')
    const said = Promise.all([once(stdout, 'end'), once(stderr, 'end')])
    this.#ended = said.then(() => exit)
  }

  /** Starts a process, and waits until it takes orders. */
  static async start(): Promise<SessionProcess> {
    const started = new SessionProcess()
    await started.#message()
    return started
  }

  /** Gives an order. Rejects where the process ends before it has carried that out. */
  async run(order: Order): Promise<Report> {
    this.#child.send(order)
    for (;;) {
      const message = await this.#message()
      if (message.type === 'done') return message.report
    }
  }

  /**
   * Gives an order in which the process is killed or stopped, and waits until it is. Gives the report of one that is
   * woken by SIGCONT.
   */
  async runToStop(order: Order): Promise<{ report: Promise<Report> }> {
    this.#child.send(order)
    const message = await this.#message()
    if (message.type !== 'stopping') throw new Error('the process was neither killed nor stopped')
    const report = this.#message().then((next) => (next as { report: Report }).report)
    report.catch(() => undefined)
    return { report }
  }

  wake(): void {
    this.#child.kill('SIGCONT')
  }

  /** Lets the process go, and waits until it ends by itself. Throws where it has printed something. */
  async end(): Promise<void> {
    // After a test that failed, it may still be stopped.
    this.wake()
    if (this.#child.connected) this.#child.disconnect()
    const [code, signal] = await this.#ended
    if ((code !== 0 && signal !== 'SIGKILL') || this.#said !== '') {
      throw new Error(`the process ended with ${code ?? signal}, and said: ${this.#said}`)
    }
  }

  async #message(): Promise<Message> {
    const controller = new AbortController()
    const died = this.#ended.then(([code, signal]) => {
      throw new Error(`the process ended with ${code ?? signal}, and said: ${this.#said}`)
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

/** Some processes that are given the same orders. */
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

  /** The results and events of all processes. */
  async run(order: Order): Promise<Report> {
    return mergeReports(await Promise.all(this.processes.map((each) => each.run(order))))
  }

  /** Closes the session in each process, and waits until all of them have ended by themselves. */
  async end(): Promise<void> {
    await this.run({ type: 'close' })
    await Promise.all(this.processes.map((each) => each.end()))
  }
}

export function mergeReports(reports: readonly Report[]): Report {
  return {
    results: reports.flatMap(({ results }) => results),
    events: reports.flatMap(({ events }) => events),
  }
}
