import type { Fault } from './fault.ts'
import { parseFault } from './parse-fault.ts'

/** The faults that wait for their requests, in the order in which they were asked for. */
export class FaultQueue {
  #pending: Fault[] = []

  /** Throws `TypeError` for a fault that is none. */
  inject(fault: unknown): void {
    this.#pending.push(parseFault(fault))
  }

  /** What waits, with how many requests each of them has yet to hit. */
  get pending(): readonly Fault[] {
    return this.#pending.map((fault) => ({ ...fault, times: fault.times ?? 1 }))
  }

  /** The first fault for a path, which has one request less to hit then. */
  take(path: string): Fault | undefined {
    const fault = this.#pending.find((pending) => pending.path === undefined || pending.path === path)
    if (!fault) return undefined
    const { times = 1 } = fault
    const rest = times > 1 ? [{ ...fault, times: times - 1 }] : []
    this.#pending = this.#pending.flatMap((pending) => (pending === fault ? rest : [pending]))
    return fault
  }

  clear(): void {
    this.#pending = []
  }
}
