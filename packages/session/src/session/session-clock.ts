import type { Grant } from '@pds/types'

/** The clock of a session, in milliseconds since the Unix epoch. */
export interface SessionClock {
  /** Returns the server's time, as far as it is known. */
  now(): number
  /** Returns the local time. */
  local(): number
  /** Returns whether `now` follows the server's clock, so that absolute times of the service can be compared with it. */
  isServerTime(): boolean
}

/** A clock that is the session's own, or else the grant's. */
export class GrantClock implements SessionClock {
  readonly #clock: (() => number) | undefined
  readonly #grant: Grant

  constructor(clock: (() => number) | undefined, grant: Grant) {
    this.#clock = clock
    this.#grant = grant
  }

  now(): number {
    return this.#clock?.() ?? this.#grant.now?.() ?? Date.now()
  }

  local(): number {
    return this.#clock?.() ?? Date.now()
  }

  isServerTime(): boolean {
    if (this.#clock || !this.#grant.now) return false
    return this.#grant.hasServerTime?.() ?? true
  }
}
