import { replaceFile } from '../profile/replace-file.ts'

// Not imported, as in profiles.ts.
const { readFileSync, rmSync } = process.getBuiltinModule('node:fs')

// In milliseconds.
const minOffset = 30_000
const tolerance = 5000

/**
 * The difference between the clock of this machine and the service. A process that talked to the service writes it to a
 * file, and all processes read it. Without it, each new process of a machine with a wrong clock would take the shared
 * token for expired, and its refresh would revoke the token of the others.
 *
 * The difference applies until the clock is set or the machine restarts: the start of the machine, by its own clock, then
 * has another time.
 */
export class MeasuredClock {
  readonly #file: string

  /** Each profile has a file: two services may have different clocks, for example an emulator. */
  constructor(file: string) {
    this.#file = file
  }

  /**
   * The service's time minus the time of this machine, in milliseconds. Undefined if the clock is right or unknown.
   *
   * Each call reads the file: a process that waited for the refresh of another one needs its difference, too.
   */
  get offset(): number | undefined {
    try {
      const { offset, startedAt: then } = JSON.parse(readFileSync(this.#file, 'utf8'))
      if (Number.isFinite(offset) && Math.abs(then - startedAt()) < tolerance) return offset
    } catch {
      // There is no file, or it is damaged.
    }
    return undefined
  }

  /** Takes note of the service's time, in milliseconds since the epoch. */
  measure(serverTime: number): void {
    const before = this.offset
    const difference = serverTime - Date.now()
    const offset = Math.abs(difference) < minOffset ? undefined : difference
    if (offset === before) return
    if (offset !== undefined && before !== undefined && Math.abs(offset - before) < tolerance) return
    try {
      if (offset === undefined) rmSync(this.#file, { force: true })
      else replaceFile(this.#file, JSON.stringify({ offset, startedAt: startedAt() }))
    } catch {
      // The next process measures again.
    }
  }
}

/** Returns when the machine started, by its clock, in milliseconds since the epoch. */
function startedAt(): number {
  return Date.now() - process.getBuiltinModule('node:os').uptime() * 1000
}
