import type { SessionState, SessionToken } from '../record/session-state.ts'
import { keepAliveAt } from '../token/token-lifetime.ts'
import { later } from './pause.ts'

// Timers hold no more than 24 days and stand still while a machine sleeps: the clock is asked again. In milliseconds.
const maxTimerDelay = 3_600_000
const minTimerDelay = 60_000

/** The token of a state, where it has one that a refresh can keep alive. */
export function tokenToKeepAlive({ status, token }: SessionState): SessionToken | undefined {
  return status === 'ok' && token?.info.refresh_token !== undefined ? token : undefined
}

/** The timer of a session that is kept alive. It keeps no process alive. */
export class KeepAlive {
  readonly #now: () => number
  readonly #check: () => void
  #isOver = false
  #endTimer: () => void

  /** The clock is the server's, in milliseconds. `check` is called at once, and when it is time to look again. */
  constructor(now: () => number, check: () => void) {
    this.#now = now
    this.#check = check
    this.#endTimer = later(0, check)
  }

  /** Sets the timer for the token of a state, or for a later look where there is none. */
  plan(state: SessionState | undefined): void {
    if (this.#isOver) return
    this.#endTimer()
    const token = state && tokenToKeepAlive(state)
    const remaining = token ? keepAliveAt(token) - this.#now() : maxTimerDelay
    this.#endTimer = later(Math.min(Math.max(remaining, minTimerDelay), maxTimerDelay), this.#check)
  }

  end(): void {
    this.#isOver = true
    this.#endTimer()
  }
}
