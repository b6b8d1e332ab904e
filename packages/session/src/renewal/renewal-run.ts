import { invalidParameter, isPDSError, PDSError } from '@pds/core/internal'
import type { Lease } from '../record/lease.ts'
import type { SessionToken, Snapshot } from '../record/session-state.ts'
import { causeOf, loginRequired } from '../session/login-required.ts'
import { isDue, isUsable, isValid } from '../token/token-lifetime.ts'
import { commitLate, commitToken } from './commit-token.ts'
import { refresh, requireLogin } from './refresh.ts'
import type { RenewalContext, Step } from './renewal-context.ts'

const emptySnapshot: Snapshot = { rev: 0, epoch: 0, state: { status: 'new' }, asOf: 0, until: 0 }
// The pause between two reads of the record, in milliseconds.
const minPause = 20
const maxPause = 250
// How long a caller waits for a new token while the old one is valid, in milliseconds.
const maxWaitWithToken = 1000

/**
 * One renewal of a session's token.
 *
 * The lease decides who may send: only the process that holds it spends the refresh token. The comparison with the
 * spent token pair decides who may write: a new token is stored if the pair that was spent for it still is the stored
 * one, even if the lease has expired by then.
 */
export class RenewalRun {
  readonly #session: RenewalContext
  readonly #rejected: string | undefined
  readonly #isBackground: boolean
  readonly #owner = crypto.randomUUID()
  readonly #startedAt = performance.now()
  /** After how many times `requestTimeout` a grant that can obtain tokens proceeds without the lease. */
  readonly #patience = 1 + Math.random()

  /** A background run never waits, because the callers still have a valid token. */
  constructor(session: RenewalContext, rejected: string | undefined, isBackground: boolean) {
    this.#session = session
    this.#rejected = rejected
    this.#isBackground = isBackground
  }

  /** Returns the token, or undefined if a background run has nothing to do. Throws a `PDSError`. */
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
      const validToken = this.#validToken()
      if (validToken) return validToken
      await session.wait(Math.min(remaining, pause * (1 + 1.5 * Math.random())))
      pause = Math.min(pause * 1.5, maxPause)
    }
  }

  async #step(): Promise<Step> {
    const { record, calls, limits, isOnline } = this.#session
    try {
      const decision = this.#decide(await record.read()) ?? (isOnline() ? undefined : 'wait')
      if (decision) return decision
      const lease = await record.lease(this.#owner, limits.leaseTime)
      if (!lease) return await this.#withoutLease()
      try {
        return await this.#underLease(lease)
      } finally {
        await lease.release()
      }
    } catch (error) {
      // A grant that can obtain a token at any time does not need the store.
      const isStoreFailure = isPDSError(error) && error.code === 'StoreFailed'
      if (!isStoreFailure || !calls.canObtain || this.#isBackground) throw error
      const { known = emptySnapshot } = this.#session
      return this.#decide(known) ?? this.#obtain(known)
    }
  }

  /** Decides by a snapshot: returns the token, waits, throws, or returns undefined if a renewal is needed. */
  #decide(snapshot: Snapshot): Step | undefined {
    const { calls, limits, jitter, now, learn } = this.#session
    learn(snapshot, 'another')
    const { state } = snapshot
    if (isUsable(state, now(), this.#rejected)) {
      const isDone = !this.#isBackground || !isDue(state.token as SessionToken, now(), jitter)
      if (isDone) return { token: state.token }
    }
    if (state.status === 'signed_out') throw loginRequired('signed_out')
    if (calls.canObtain) return undefined
    const isStuck = state.status === 'ok' && state.token !== undefined && !calls.canRenew(state.token)
    const cause = isStuck ? 'expired' : causeOf(state)
    if (cause === undefined && state.status !== 'suspect') return undefined
    // While the service accepts the old access token, the refresh token may not be spent yet.
    if (isValid(state, now(), this.#rejected)) return { token: state.token }
    if (isStuck) throw this.#announced(loginRequired('expired'))
    if (cause !== undefined) throw loginRequired(cause, state.rejection)
    const remaining = (state.suspectUntil ?? 0) - now()
    // A time beyond `suspectTime` was written by a wrong clock.
    return remaining > 0 && remaining <= limits.suspectTime ? 'wait' : undefined
  }

  async #withoutLease(): Promise<Step> {
    const { record, calls, limits } = this.#session
    // For a grant that can obtain tokens, the lease only saves requests, and its owner may have been killed. The random
    // patience keeps waiting processes from proceeding together.
    const isLongEnough = calls.canObtain && this.#elapsed() > limits.requestTimeout * this.#patience
    if (!isLongEnough || this.#isBackground) return 'wait'
    const parent = await record.read()
    return this.#decide(parent) ?? this.#obtain(parent)
  }

  async #underLease(lease: Lease): Promise<Step> {
    const session = this.#session
    const { record, calls } = session
    const parent = await record.read()
    const decision = this.#decide(parent)
    if (decision) return decision
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

  /** Obtains a token. The lease need not be held until it is stored, because no refresh token was spent. */
  async #obtain(parent: Snapshot): Promise<Step> {
    const session = this.#session
    try {
      const token = await session.calls.obtain(this.#rejected, commitLate(session, parent))
      return await commitToken(session, parent, token)
    } catch (error) {
      // For example from a page's grant, if the back end no longer has a session for the user.
      throw isPDSError(error) && error.code === 'LoginRequired' ? this.#announced(error) : error
    }
  }

  /** Returns the old token in its last seconds, instead of a longer wait. */
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
      ? 'another process holds the lease, or may still write a token'
      : 'this machine is offline'
    return new PDSError(
      `the session got no token within ${limits.waitTimeout} ms (option waitTimeout): ${why}`,
      { code: 'Timeout', outcome: 'not-sent' },
    )
  }
}
