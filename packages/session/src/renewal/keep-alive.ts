import type { SessionState, SessionToken } from '../record/session-state.ts'
import type { SessionClock } from '../session/session-clock.ts'
import { keepAliveAt } from '../token/token-lifetime.ts'
import { startTimer } from './pause.ts'

// In milliseconds. Timers overflow after 24 days and stop while a machine sleeps, so the clock is read every hour.
const maxTimerDelay = 3_600_000
const minTimerDelay = 60_000

/** Returns the token of a state if a refresh can extend its sign-in. */
export function tokenToKeepAlive({ status, token }: SessionState): SessionToken | undefined {
  return status === 'ok' && token?.info.refresh_token !== undefined ? token : undefined
}

/** The timer behind the option `keepAlive`. It does not keep the process running. */
export class KeepAlive {
  readonly #clock: SessionClock
  readonly #check: () => void
  #isStopped = false
  #clearTimer: () => void

  /** `check` is called at once, and each time the timer fires. */
  constructor(clock: SessionClock, check: () => void) {
    this.#clock = clock
    this.#check = check
    this.#clearTimer = startTimer(0, check)
  }

  /** Sets the timer for the token of a state, or for the next check if there is no such token. */
  schedule(state: SessionState | undefined): void {
    if (this.#isStopped) return
    this.#clearTimer()
    const token = state && tokenToKeepAlive(state)
    const remaining = token ? keepAliveAt(token) - this.#clock.now() : maxTimerDelay
    this.#clearTimer = startTimer(Math.min(Math.max(remaining, minTimerDelay), maxTimerDelay), this.#check)
  }

  stop(): void {
    this.#isStopped = true
    this.#clearTimer()
  }
}
