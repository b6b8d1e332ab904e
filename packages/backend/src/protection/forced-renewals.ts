import { sha256 } from '@pds/core/internal'
import type { Session } from '@pds/session'
import type { ITokenInfo } from '@pds/types'
import { RequestProblem } from '../problem.ts'

// In milliseconds.
const interval = 30_000

/** The last renewal of a session that a page forced. */
interface Renewal {
  readonly at: number
  /** A hash of the rejected token. */
  readonly rejected: string
  /** Undefined after it has ended. */
  running: Promise<ITokenInfo> | undefined
}

/**
 * Renews tokens that pages report as rejected, at most once per session in 30 seconds and process: a page can force no
 * more requests to the service.
 */
export class ForcedRenewals {
  readonly #clock: () => number
  /** By the key of the session, the oldest renewal first. */
  readonly #renewals = new Map<string, Renewal>()

  constructor(clock: () => number) {
    this.#clock = clock
  }

  /** Returns another token than the rejected one. Throws a problem with status 429 if the session must wait. */
  async renew(key: string, session: Session, rejected: string): Promise<ITokenInfo> {
    const hash = await sha256(rejected)
    const last = this.#renewals.get(key)
    // Several tabs report the same token.
    if (last?.rejected === hash) {
      if (last.running) return last.running
      // The renewal may have ended after the route had read the token.
      const current = await session.getToken()
      if (current.access_token !== rejected) return current
    }
    const now = this.#clock()
    const waitTime = last === undefined ? 0 : last.at + interval - now
    // A clock that was set back would block the session.
    if (waitTime > 0 && waitTime <= interval) {
      throw new RequestProblem(429, 'Throttled', { 'retry-after': String(Math.ceil(waitTime / 1000)) })
    }
    const running = session.getToken({ rejected })
    const renewal: Renewal = { at: now, rejected: hash, running }
    this.#renewals.delete(key)
    this.#renewals.set(key, renewal)
    this.#forget(now)
    try {
      return await running
    } finally {
      renewal.running = undefined
    }
  }

  /** Removes renewals that limit nothing any more. */
  #forget(now: number): void {
    for (const [key, { at, running }] of this.#renewals) {
      if (running || at + interval > now) return
      this.#renewals.delete(key)
    }
  }
}
