import { isPDSError, PDSError } from '@pds/core'
import type { GrantCalls } from './grant-calls.ts'
import { isRefused } from './grant-calls.ts'
import { causeOf, loginRequired } from './login-required.ts'
import type { SessionLimits } from './session-options.ts'
import type { Lease, SessionRecord } from './session-record.ts'
import { isSameToken, type KeptToken, type SessionState, type Snapshot } from './session-state.ts'
import { isAlive, isDue, isUsable } from './token-times.ts'

/** What a renewal needs of its session. */
export interface RenewalSession {
  readonly record: SessionRecord
  readonly calls: GrantCalls
  readonly limits: SessionLimits
  /** See `drawJitter`. */
  readonly jitter: number
  /** The server's clock, in milliseconds since the epoch. */
  now(): number
  isOnline(): boolean
  /** What was last known of the record, also where the store cannot be read now. */
  readonly known: Snapshot | undefined
  /** Takes note of what stands in the store, and of who has written it. */
  learn(snapshot: Snapshot, by: 'this' | 'another'): void
  /**
   * Keeps a token that the store did not take, and the lease with it, until it does: nobody else must spend the
   * refresh token that this one was got for.
   */
  keepUnsaved(parent: Snapshot, token: KeptToken, lease: Lease | undefined, error: PDSError): void
  /** Revokes a token that nobody will use. */
  discard(token: KeptToken): void
  /** Tells of a login that is required although no record says so. */
  announce(error: PDSError): void
  /** Waits for a while, or for a hint that the record has changed. In milliseconds. */
  wait(milliseconds: number): Promise<void>
}

/** What came of a step: an end with what it gives, another look at once, or another look after a pause. */
type Step = { readonly token: KeptToken | undefined } | 'again' | 'wait'

const nothingKnown: Snapshot = { rev: 0, epoch: 0, state: { status: 'new' }, asOf: 0 }
const shortestPause = 20
const longestPause = 250

/**
 * One renewal of a session's token: a lease decides who may send, a comparison with the token that was spent decides
 * who may write.
 */
export class Renewal {
  readonly #session: RenewalSession
  readonly #rejected: string | undefined
  readonly #isBackground: boolean
  readonly #owner = crypto.randomUUID()
  readonly #startedAt = performance.now()
  /** How many times the time of a request it waits for a lease that it can do without. */
  readonly #patience = 1 + Math.random()

  /** In the background it waits for nobody: the callers have a token meanwhile. */
  constructor(session: RenewalSession, rejected: string | undefined, isBackground: boolean) {
    this.#session = session
    this.#rejected = rejected
    this.#isBackground = isBackground
  }

  /** Gives the token, or in the background undefined where there is nothing to do. Throws `PDSError`. */
  async run(): Promise<KeptToken | undefined> {
    const { waitTimeout } = this.#session.limits
    let pause = shortestPause
    for (;;) {
      const step = await this.#step()
      if (typeof step === 'object') return step.token
      const left = waitTimeout - this.#elapsed()
      if (left <= 0) throw this.#tooLate()
      if (step === 'again') continue
      if (this.#isBackground) return undefined
      await this.#session.wait(Math.min(left, pause * (1 + 1.5 * Math.random())))
      pause = Math.min(pause * 1.5, longestPause)
    }
  }

  async #step(): Promise<Step> {
    const { record, calls, limits, isOnline } = this.#session
    try {
      const before = this.#look(await record.read()) ?? (isOnline() ? undefined : 'wait')
      if (before) return before
      const lease = await record.lease(this.#owner, limits.leaseTime)
      if (!lease) return this.#withoutLease()
      let isKept = false
      try {
        return await this.#underLease(lease, () => {
          isKept = true
        })
      } finally {
        if (!isKept) await lease.release()
      }
    } catch (error) {
      // A token that can be obtained at any time does not depend on a store.
      if (!isStoreFailure(error) || !calls.canObtain || this.#isBackground) throw error
      const { known = nothingKnown } = this.#session
      return this.#look(known) ?? this.#obtain(known)
    }
  }

  /** What a snapshot says: the token, or that there is nothing to do but wait or give up. */
  #look(snapshot: Snapshot): Step | undefined {
    const { calls, jitter, now, learn } = this.#session
    learn(snapshot, 'another')
    const { state } = snapshot
    if (isUsable(state, now(), this.#rejected)) {
      const isAwaited = !this.#isBackground || !isDue(state.token as KeptToken, now(), jitter)
      if (isAwaited) return { token: state.token }
    }
    if (state.status === 'signed_out') throw loginRequired('signed_out')
    if (calls.canObtain) return undefined
    const cause = causeOf(state)
    if (cause === undefined && state.status !== 'suspect') return undefined
    // As long as the service takes the old one, its refresh has not happened or is not known to have.
    if (isAlive(state, now(), this.#rejected)) return { token: state.token }
    if (cause !== undefined) throw loginRequired(cause, state.refusal)
    return now() < (state.suspectUntil ?? 0) ? 'wait' : undefined
  }

  #withoutLease(): Step | Promise<Step> {
    const { calls, limits } = this.#session
    // The lease saves requests here, and no more: whoever has it may have been killed. Not all who wait do so at once.
    const isLongEnough = calls.canObtain && this.#elapsed() > limits.requestTimeout * this.#patience
    if (!isLongEnough || this.#isBackground) return 'wait'
    return this.#session.record.read().then((parent) => this.#look(parent) ?? this.#obtain(parent))
  }

  async #underLease(lease: Lease, keepLease: () => void): Promise<Step> {
    const { record, calls, now } = this.#session
    const parent = await record.read()
    const looked = this.#look(parent)
    if (looked) return looked
    const { token, status } = parent.state
    const refresh_token = calls.canRefresh ? token?.info.refresh_token : undefined
    if (refresh_token !== undefined && status !== 'login_required' && status !== 'suspect') {
      return this.#refresh(lease, keepLease, parent, refresh_token)
    }
    if (calls.canObtain) return this.#obtain(parent)
    if (isAlive(parent.state, now(), this.#rejected)) return { token }
    return this.#requireLogin(
      parent,
      status === 'suspect' ? 'lost_response' : 'expired',
      parent.state.refusal,
    )
  }

  /** The lease is not kept until the token is stored: nothing was spent for it. */
  async #obtain(parent: Snapshot): Promise<Step> {
    const { calls, announce } = this.#session
    try {
      return await this.#commit(parent, await calls.obtain(this.#commitLate(parent)))
    } catch (error) {
      // That of a page, say, whose back end does not know the user any more.
      if (isPDSError(error) && error.code === 'LoginRequired') announce(error)
      throw error
    }
  }

  #commitLate(parent: Snapshot): (token: KeptToken) => void {
    return (token) => {
      this.#commit(parent, token).catch(() => undefined)
    }
  }

  async #refresh(
    lease: Lease,
    keepLease: () => void,
    parent: Snapshot,
    refresh_token: string,
  ): Promise<Step> {
    const { record, calls, limits } = this.#session
    const isInherited = parent.state.intent !== undefined
    if (isInherited && !limits.replayLostRefresh) return this.#suspect(parent)
    // Written ahead: whoever comes after a crash knows that the refresh token may be spent.
    const intended = await record.write(parent, { ...parent.state, intent: { owner: this.#owner } })
    if (!intended) return 'again'
    const takeBack = () => record.write(intended, parent.state).catch(() => undefined)
    // This machine may have slept, and another one have the lease by now.
    if (lease.left() <= calls.longest) {
      await takeBack()
      return 'again'
    }
    const late = this.#commitLate(intended)
    for (let sends = 1; ; sends++) {
      try {
        return await this.#commit(intended, await calls.refresh(refresh_token, late), lease, keepLease)
      } catch (error) {
        if (!isPDSError(error)) throw error
        const isUncertain = isInherited || sends > 1
        if (isRefused(error)) return this.#refused(intended, error, isUncertain)
        if (error.outcome !== 'unknown') {
          if (sends === 1) await takeBack()
          throw error
        }
        // Once more, since the request may not have come through, or the service may know it again.
        if (sends > 1 || !limits.replayLostRefresh) throw error
        if (lease.left() <= calls.longest && !(await lease.extend())) return 'again'
      }
    }
  }

  /** The service did not take the refresh token: it was spent by another one, or by a request whose answer is lost. */
  async #refused(intended: Snapshot, error: PDSError, isUncertain: boolean): Promise<Step> {
    const { record, calls } = this.#session
    const current = await record.read()
    if (!isSameToken(current, intended)) return 'again'
    if (calls.canObtain) return this.#obtain(current)
    const { status, reqId } = error
    const refusal = { ...(status !== undefined && { status }), ...(reqId !== undefined && { reqId }) }
    return isUncertain ? this.#suspect(current, refusal) : this.#requireLogin(current, 'rejected', refusal)
  }

  /** Lets who is late write a token that was got for the same refresh token. */
  async #suspect({ state, ...rest }: Snapshot, refusal?: SessionState['refusal']): Promise<Step> {
    const { record, limits, now, learn } = this.#session
    const suspectUntil = now() + limits.suspectTime
    const next: SessionState = { ...state, status: 'suspect', suspectUntil, ...(refusal && { refusal }) }
    const written = await record.write({ state, ...rest }, next)
    if (written) learn(written, 'this')
    return 'again'
  }

  async #requireLogin(
    over: Snapshot,
    cause: 'rejected' | 'lost_response' | 'expired',
    refusal: SessionState['refusal'],
  ): Promise<Step> {
    const { record, learn } = this.#session
    const { token, seed } = over.state
    const written = await record.write(over, {
      status: 'login_required',
      cause,
      ...(refusal && { refusal }),
      ...(token && { token }),
      ...(seed !== undefined && { seed }),
    })
    if (written) learn(written, 'this')
    return 'again'
  }

  async #commit(parent: Snapshot, token: KeptToken, lease?: Lease, keepLease?: () => void): Promise<Step> {
    const { record, learn, keepUnsaved, discard } = this.#session
    try {
      const { isWritten, snapshot } = await record.commit(parent, token)
      learn(snapshot, isWritten ? 'this' : 'another')
      if (isWritten) return { token }
      // Signed out or signed in anew meanwhile: nobody will use this one.
      const isOver = parent.rev > 0 && snapshot.epoch !== parent.epoch
      if (isOver || snapshot.state.status === 'signed_out') discard(token)
      return 'again'
    } catch (error) {
      if (!isStoreFailure(error)) throw error
      keepLease?.()
      keepUnsaved(parent, token, lease, error)
      return { token }
    }
  }

  #elapsed(): number {
    return performance.now() - this.#startedAt
  }

  #tooLate(): PDSError {
    const { limits, isOnline } = this.#session
    const why = isOnline()
      ? 'another process holds its lease, or may still write a token'
      : 'this machine is offline'
    return new PDSError(
      `the session got no token within ${limits.waitTimeout} ms (option waitTimeout): ${why}`,
      {
        code: 'Timeout',
        outcome: 'not-sent',
      },
    )
  }
}

function isStoreFailure(error: unknown): error is PDSError {
  return isPDSError(error) && error.code === 'StoreFailed'
}
