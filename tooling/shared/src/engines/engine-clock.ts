import type { Clock } from '../browser/browser.ts'
import type { ClockState } from './page-tools.ts'
import type { ToolRunner } from './tool-runner.ts'

/** The clock of all pages of a context, with the behaviour of Playwright's. */
export class EngineClock implements Clock {
  readonly #pages: () => readonly ToolRunner[]
  /** The time at a time of this machine. */
  #state: (ClockState & { at: number }) | undefined

  constructor(pages: () => readonly ToolRunner[]) {
    this.#pages = pages
  }

  async install({ time = Date.now() }: { time?: number } = {}): Promise<void> {
    this.#set(time, false)
    await this.#call(`installClock(${JSON.stringify({ now: time, isPaused: false })})`)
  }

  async pauseAt(time: number): Promise<void> {
    await this.#call(`pauseClock(${time})`)
    this.#set(time, true)
  }

  async resume(): Promise<void> {
    this.#set(this.#now(), false)
    await this.#call('resumeClock()')
  }

  async runFor(milliseconds: number): Promise<void> {
    await this.#call(`runClock(${milliseconds})`)
    this.#set(this.#now() + milliseconds)
  }

  async fastForward(milliseconds: number): Promise<void> {
    await this.#call(`jumpClock(${milliseconds})`)
    this.#set(this.#now() + milliseconds)
  }

  /** The script that sets the clock of the next document. */
  initScript(): string {
    if (!this.#state) return ''
    return `pageTools.installClock(${JSON.stringify({ now: this.#now(), isPaused: this.#state.isPaused })})`
  }

  #now(): number {
    const { now, at, isPaused } = this.#state ?? { now: Date.now(), at: Date.now(), isPaused: false }
    return isPaused ? now : now + Date.now() - at
  }

  #set(now: number, isPaused: boolean = this.#state?.isPaused ?? false): void {
    this.#state = { now, isPaused, at: Date.now() }
  }

  async #call(expression: string): Promise<void> {
    await Promise.all(this.#pages().map((page) => page.runTool(expression)))
  }
}
