import { invalidParameter, isPDSError, PDSError } from '@pds/core/internal'
import type { Lease } from '../record/session-record.ts'
import type { SessionToken, Snapshot } from '../record/session-state.ts'
import { causeOf, loginRequired } from '../session/login-required.ts'
import { isDue, isUsable, isValid } from '../token/token-lifetime.ts'
import { commitLate, commitToken } from './commit-token.ts'
import { refresh, requireLogin } from './refresh.ts'
import type { RenewalContext, Step } from './renewal-context.ts'

const nothingKnown: Snapshot = { rev: 0, epoch: 0, state: { status: 'new' }, asOf: 0, until: 0 }
// Between two looks, and how long a caller waits for a better token than one that still lives. In milliseconds.
const minPause = 20
const maxPause = 250
const maxWaitWithToken = 1000

/**
 * One renewal of a session's token: a lease decides who may send, a comparison with the token that was spent decides
 * who may write.
 */
export class RenewalRun {
  readonly #session: RenewalContext
  readonly #rejected: string | undefined
  readonly #isBackground: boolean
  readonly #owner = crypto.randomUUID()
  readonly #startedAt = performance.now()
  /** In how many times `requestTimeout` it goes on without a lease that it can do without. */
  readonly #patience = 1 + Math.random()

  /** In the background it waits for nobody: the callers have a token meanwhile. */
  constructor(session: RenewalContext, rejected: string | undefined, isBackground: boolean) {
    this.#session = session
    this.#rejected = rejected
    this.#isBackground = isBackground
  }

  /** Gives the token, or in the background undefined where there is nothing to do. Throws `PDSError`. */
  async run(): Promise<SessionToken | undefined> {
    const session = this.#session
    let pause = minPause
    for (;;) {
      const step = await this.#step()
      if (typeof step === 'object') return step.token
      if (session.isClosed) throw invalidParameter('the session is closed')
      const remaining = session.limits.waitTimeout - this.#elapsed()
      if (remaining <= 0) throw this.#timeoutError()
      if (step === 'again') continue
      if (this.#isBackground) return undefined
      const living = this.#validToken()
      if (living) return living
      await session.wait(Math.min(remaining, pause * (1 + 1.5 * Math.random())))
      pause = Math.min(pause * 1.5, maxPause)
    }
  }

  async #step(): Promise<Step> {
    const { record, calls, limits, isOnline } = this.#session
    try {
      const before = this.#look(await record.read()) ?? (isOnline() ? undefined : 'wait')
      if (before) return before
      const lease = await record.lease(this.#owner, limits.leaseTime)
      if (!lease) return await this.#withoutLease()
      try {
        return await this.#underLease(lease)
      } finally {
        await lease.release()
      }
    } catch (error) {
      // A token that can be obtained at any time does not depend on a store.
      const isStore = isPDSError(error) && error.code === 'StoreFailed'
      if (!isStore || !calls.canObtain || this.#isBackground) throw error
      const { known = nothingKnown } = this.#session
      return this.#look(known) ?? this.#obtain(known)
    }
  }

  /** What a snapshot says: the token, or that there is nothing to do but wait or give up. */
  #look(snapshot: Snapshot): Step | undefined {
    const { calls, limits, jitter, now, learn } = this.#session
    learn(snapshot, 'another')
    const { state } = snapshot
    if (isUsable(state, now(), this.#rejected)) {
      const isAwaited = !this.#isBackground || !isDue(state.token as SessionToken, now(), jitter)
      if (isAwaited) return { token: state.token }
    }
    if (state.status === 'signed_out') throw loginRequired('signed_out')
    if (calls.canObtain) return undefined
    const isStuck = state.status === 'ok' && state.token !== undefined && !calls.canRenew(state.token)
    const cause = isStuck ? 'expired' : causeOf(state)
    if (cause === undefined && state.status !== 'suspect') return undefined
    // As long as the service takes the old one, its refresh has not happened or is not known to have.
    if (isValid(state, now(), this.#rejected)) return { token: state.token }
    if (isStuck) throw this.#announced(loginRequired('expired'))
    if (cause !== undefined) throw loginRequired(cause, state.rejection)
    const remaining = (state.suspectUntil ?? 0) - now()
    // Longer than it can be: by the clock of who wrote it, which was wrong.
    return remaining > 0 && remaining <= limits.suspectTime ? 'wait' : undefined
  }

  async #withoutLease(): Promise<Step> {
    const { record, calls, limits } = this.#session
    // The lease saves requests here, and no more: whoever has it may have been killed. Not all who wait do so at once.
    const isLongEnough = calls.canObtain && this.#elapsed() > limits.requestTimeout * this.#patience
    if (!isLongEnough || this.#isBackground) return 'wait'
    const parent = await record.read()
    return this.#look(parent) ?? this.#obtain(parent)
  }

  async #underLease(lease: Lease): Promise<Step> {
    const session = this.#session
    const { record, calls } = session
    const parent = await record.read()
    const looked = this.#look(parent)
    if (looked) return looked
    const { token, status, rejection } = parent.state
    const refresh_token = calls.canRefresh && status === 'ok' ? token?.info.refresh_token : undefined
    if (refresh_token !== undefined) {
      return refresh({
        session,
        lease,
        parent,
        refresh_token,
        owner: this.#owner,
        rejected: this.#rejected,
      })
    }
    if (calls.canObtain) return this.#obtain(parent)
    return requireLogin(session, parent, 'lost_response', this.#rejected, rejection)
  }

  /** The lease is not held until the token is stored: nothing was spent for it. */
  async #obtain(parent: Snapshot): Promise<Step> {
    const session = this.#session
    try {
      const token = await session.calls.obtain(this.#rejected, commitLate(session, parent))
      return await commitToken(session, parent, token)
    } catch (error) {
      // That of a page, say, whose back end does not know the user any more.
      throw isPDSError(error) && error.code === 'LoginRequired' ? this.#announced(error) : error
    }
  }

  /** What a caller who would have to wait is given in the last seconds of the old token. */
  #validToken(): SessionToken | undefined {
    const { known, now, isOnline } = this.#session
    const isPatient = isOnline() && this.#elapsed() < maxWaitWithToken
    return !isPatient && known && isValid(known.state, now(), this.#rejected) ? known.state.token : undefined
  }

  #announced(error: PDSError): PDSError {
    this.#session.announce(error)
    return error
  }

  #elapsed(): number {
    return performance.now() - this.#startedAt
  }

  #timeoutError(): PDSError {
    const { limits, isOnline } = this.#session
    const why = isOnline()
      ? 'another process holds its lease, or may still write a token'
      : 'this machine is offline'
    return new PDSError(
      `the session got no token within ${limits.waitTimeout} ms (option waitTimeout): ${why}`,
      { code: 'Timeout', outcome: 'not-sent' },
    )
  }
}
