import type { Fault } from './fault.ts'
import { parseFault } from './parse-fault.ts'

/** The pending faults, in the order of their injection. */
export class FaultQueue {
  #pending: Fault[] = []

  /** Adds a fault. Throws a `TypeError` for an invalid fault. */
  inject(fault: unknown): void {
    this.#pending.push(parseFault(fault))
  }

  /** The pending faults. `times` is the number of requests left. */
  get pending(): readonly Fault[] {
    return this.#pending.map((fault) => ({ ...fault, times: fault.times ?? 1 }))
  }

  /** Returns the first pending fault for a path and reduces its `times` by one. */
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
