import { PDSError } from '@pds/core/internal'

/** Ends the wait of a run: it may start, or has waited for too long. */
type Admit = (isAdmitted: boolean) => void

/** Limits how many runs are under way at a time. Runs for waiting callers precede those in the background. */
export class Turns {
  readonly #max: number
  readonly #queues: readonly Set<Admit>[] = [new Set(), new Set()]
  /** The number of runs that are under way. */
  active = 0
  /** The number of runs that failed. */
  failed = 0

  /** 0 means no limit. */
  constructor(max: number) {
    this.#max = max || Number.POSITIVE_INFINITY
  }

  /** The number of runs that wait for their turn. */
  get waiting(): number {
    return this.#queues.reduce((sum, { size }) => sum + size, 0)
  }

  /**
   * Runs a function when it is its turn. Rejects with a `PDSError` with code `Timeout` if that takes longer than a time in
   * milliseconds.
   */
  async run<T>(run: () => Promise<T>, timeout: number, isBackground: boolean): Promise<T> {
    if (this.active >= this.#max) await this.#wait(timeout, isBackground)
    else this.active++
    try {
      return await run()
    } catch (error) {
      this.failed++
      throw error
    } finally {
      // The next run takes over this one's place.
      if (!this.#admitNext()) this.active--
    }
  }

  async #wait(timeout: number, isBackground: boolean): Promise<void> {
    const queue = this.#queues[isBackground ? 1 : 0] as Set<Admit>
    const isAdmitted = await new Promise<boolean>((resolve) => {
      const admit: Admit = (isAdmitted) => {
        queue.delete(admit)
        clearTimeout(timer)
        resolve(isAdmitted)
      }
      // Keeps the process alive, because a caller waits.
      const timer = setTimeout(admit, timeout, false)
      queue.add(admit)
    })
    if (isAdmitted) return
    this.failed++
    throw new PDSError(
      `the session got no token in time (option waitTimeout): ${this.#max} renewals of its pool were under way (option concurrency)`,
      { code: 'Timeout', outcome: 'not-sent' },
    )
  }

  #admitNext(): boolean {
    for (const queue of this.#queues) {
      for (const admit of queue) {
        admit(true)
        return true
      }
    }
    return false
  }
}
