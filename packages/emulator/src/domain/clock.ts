/** The clock of an emulated domain. */
export interface EmulatorClock {
  /** In milliseconds since the epoch. */
  now(): number
  /** Moves the clock, in milliseconds; a negative number moves it back. */
  advance(milliseconds: number): void
}

export function createClock(base: () => number): EmulatorClock {
  let offset = 0
  return {
    now: () => base() + offset,
    advance(milliseconds) {
      offset += milliseconds
    },
  }
}
