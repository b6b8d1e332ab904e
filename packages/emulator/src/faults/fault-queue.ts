import type { Fault } from './fault.ts'
import { parseFault } from './parse-fault.ts'

/** The faults that wait for their requests, in the order in which they were asked for. */
export class FaultQueue {
  #waiting: Fault[] = []

  /** Throws `TypeError` for a fault that is none. */
  inject(fault: unknown): void {
    this.#waiting.push(parseFault(fault))
  }

  /** What waits, with how many requests each of them has yet to hit. */
  get waiting(): readonly Fault[] {
    return this.#waiting.map((fault) => ({ ...fault, times: fault.times ?? 1 }))
  }

  /** The first fault for a path, which has one request less to hit then. */
  take(path: string): Fault | undefined {
    const fault = this.#waiting.find((waiting) => waiting.path === undefined || waiting.path === path)
    if (!fault) return undefined
    const { times = 1 } = fault
    const rest = times > 1 ? [{ ...fault, times: times - 1 }] : []
    this.#waiting = this.#waiting.flatMap((waiting) => (waiting === fault ? rest : [waiting]))
    return fault
  }

  clear(): void {
    this.#waiting = []
  }
}
