import { type RunningScript, startScript } from '../sessions/child-process.ts'
import type { StormMessage, StormOptions, StormOrder } from './storm-messages.ts'

/** A process whose callers use a session until the process is killed or ended. */
export class CallerProcess {
  isStopped = false
  readonly #script: RunningScript = startScript('../storms/storm-process.ts')
  #next: (message: StormMessage) => void = () => undefined

  /** Starts a process with its callers. `observe` gets all its messages. */
  static async start(
    options: StormOptions,
    observe: (message: StormMessage) => void,
  ): Promise<CallerProcess> {
    const started = new CallerProcess()
    started.#script.child.on('message', (message: StormMessage) => {
      observe(message)
      if (message.type === 'started' || message.type === 'done') started.#next(message)
    })
    await started.#run({ type: 'start', options })
    return started
  }

  /** Stops the process, as when its machine is suspended. */
  stop(): void {
    this.isStopped = true
    this.#script.child.kill('SIGSTOP')
  }

  resume(): void {
    this.isStopped = false
    this.#script.child.kill('SIGCONT')
  }

  /** Kills the process. Returns what it has printed. */
  async kill(): Promise<string> {
    this.#script.child.kill('SIGKILL')
    await this.#script.ended
    return this.#script.output()
  }

  /** Ends the callers and the process. Returns what it has printed. Throws if it exits with an error. */
  async end(): Promise<string> {
    this.resume()
    await this.#run({ type: 'end' })
    this.#script.child.disconnect()
    const [code, signal] = await this.#script.ended
    if (code !== 0) throw this.#unexpectedEnd(code, signal)
    return this.#script.output()
  }

  async #run(order: StormOrder): Promise<void> {
    const completed = new Promise<StormMessage>((resolve) => {
      this.#next = resolve
    })
    this.#script.child.send(order)
    const died = this.#script.ended.then(([code, signal]) => {
      throw this.#unexpectedEnd(code, signal)
    })
    await Promise.race([completed, died])
  }

  #unexpectedEnd(code: unknown, signal: unknown): Error {
    return new Error(`the process ended with ${code ?? signal}, and printed: ${this.#script.output()}`)
  }
}
