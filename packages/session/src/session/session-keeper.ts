import { invalidParameter, isPDSError, PDSError } from '@pds/core/internal'
import type { TokenInfo } from '@pds/types'
import { privateStore } from '../record/private-store.ts'
import { createSessionRecord } from '../record/session-record.ts'
import { fingerprint, isSameToken, type SessionToken } from '../record/session-state.ts'
import { type Decision, decide } from '../renewal/decide.ts'
import { GrantCalls } from '../renewal/grant-calls.ts'
import { KeepAlive, tokenToKeepAlive } from '../renewal/keep-alive.ts'
import { causeOfError, loginRequired } from '../renewal/login-required.ts'
import { PageLife } from '../renewal/page-life.ts'
import { Pauses } from '../renewal/pause.ts'
import type { RenewalContext, RenewalResult, RenewalTools } from '../renewal/renewal-context.ts'
import { isRetryable, RenewalCoordinator } from '../renewal/renewal-coordinator.ts'
import { runRenewal } from '../renewal/run-renewal.ts'
import type { UnsavedToken } from '../renewal/unsaved-token.ts'
import { importSessionToken } from '../token/session-token.ts'
import { drawJitter, hardWindow, keepAliveAt, maxSoftWindow, outlasts } from '../token/token-lifetime.ts'
import { RecordCache } from './record-cache.ts'
import { GrantClock, type SessionClock } from './session-clock.ts'
import type { SessionEvents, SessionListener } from './session-events.ts'
import type { SessionLimits, SessionOptions } from './session-options.ts'
import type { SessionStatus } from './session-status.ts'
import { storeKey } from './store-key.ts'

// The timeout for one call of the store, in milliseconds: longer than `sqliteStore` waits for a lock.
const maxStoreTimeout = 12_000

/** Returns the token of one session, and starts its renewals. */
export class SessionKeeper {
  readonly clock: SessionClock
  readonly #tools: RenewalTools
  readonly #cache: RecordCache
  readonly #coordinator: RenewalCoordinator<RenewalResult>
  readonly #keepAlive: KeepAlive | undefined
  /** The access token that the service rejected last. No caller gets it again. */
  #rejected: string | undefined

  constructor(options: SessionOptions & SessionLimits) {
    const { key, grant, store = privateStore(), isOnline, requestTimeout, waitTimeout } = options
    const clock = new GrantClock(options.clock, grant)
    const storeTimeout = Math.min(maxStoreTimeout, waitTimeout)
    const record = createSessionRecord(store, storeKey(key, grant), clock, storeTimeout)
    const calls = new GrantCalls(grant, clock, requestTimeout)
    const pauses = new Pauses()
    this.clock = clock
    this.#tools = {
      record,
      calls,
      limits: options,
      clock,
      page: new PageLife(() => this.#cache.expire()),
      pauses,
      attempts: { owner: crypto.randomUUID(), last: 0, lastSent: 0 },
      jitter: drawJitter(),
      isOnline: isOnline ?? isBrowserOnline,
      takeLate: (result) => void result.then((late) => this.#take(late)).catch(() => undefined),
    }
    this.#cache = new RecordCache({
      record,
      clock,
      canObtain: calls.canObtain,
      leaseTime: options.leaseTime,
      onChange: () => pauses.endAll(),
      onNote: (snapshot, previous) => {
        if (!previous || !isSameToken(previous, snapshot)) this.#coordinator.reset()
        this.#keepAlive?.schedule(snapshot.state)
      },
      onUnused: ({ token }) => void this.#revoke(token),
    })
    this.#coordinator = new RenewalCoordinator(
      (rejected, isBackground) => this.#run(rejected, isBackground),
      clock,
    )
    if (options.keepAlive) {
      this.#keepAlive = new KeepAlive(clock, () => void this.#checkKeepAlive())
    }
  }

  get status(): SessionStatus {
    return this.#cache.known.status
  }

  /** Returns the token if the store need not be read for it. Most calls end here. */
  freshToken(rejected: string | undefined): SessionToken | undefined {
    this.#assertOpen()
    const steadyNow = performance.now()
    const snapshot = this.#cache.currentAt(steadyNow)
    const token = snapshot?.state.token
    if (!token || snapshot.missing === 'ask') return undefined
    if (!outlasts(maxSoftWindow, token, snapshot.seenAt, this.clock.now(), steadyNow)) return undefined
    const { access_token } = token.info
    return access_token === rejected || access_token === this.#rejected ? undefined : token
  }

  /** Reads the store, renews the token if necessary, and returns it. Throws a `PDSError`. */
  async currentToken(rejected: string | undefined): Promise<SessionToken> {
    const { unsaved, snapshot: known } = this.#cache
    this.#cache.watch()
    if (rejected !== undefined && rejected === (known?.state.token?.info.access_token ?? rejected)) {
      this.#rejected = rejected
    }
    const unsavedToken = unsaved && (await this.#saveUnsaved(unsaved, rejected))
    if (unsavedToken) return unsavedToken
    const readError = await this.#cache.read().catch((error: unknown) => error)
    // Without the store, only a grant that can obtain tokens goes on.
    const failure = isPDSError(readError) && !this.#tools.calls.canObtain ? readError : undefined
    if (failure && !this.#cache.snapshot) throw failure
    for (;;) {
      const decision = this.#decide(rejected, failure)
      if (decision.action === 'use') {
        if (decision.renew) this.#coordinator.renewInBackground(undefined)
        return decision.token
      }
      if (decision.action === 'fail') throw this.#announced(decision)
      const renewed = await this.#renew(rejected)
      if (renewed) return renewed
    }
  }

  async setToken(given: TokenInfo): Promise<void> {
    this.#assertOpen()
    this.#cache.watch()
    const since = this.clock.now()
    const token = importSessionToken(given, since)
    const { access_token, refresh_token } = token.info
    const seed = await fingerprint(JSON.stringify([access_token, refresh_token]))
    const result = await this.#tools.record.startEpoch(this.#cache.comparable, ({ state }) =>
      state.seed === seed ? undefined : { status: 'ok', token, generation: 1, seed, since },
    )
    this.#cache.noteResult(result)
    if (result.isWritten) return this.#cache.dropUnsaved()
    const { status, cause = 'rejected', rejection } = result.snapshot.state
    if (status === 'signed_out') throw loginRequired('signed_out')
    if (status === 'login_required') throw loginRequired(cause, rejection)
  }

  async signOut(): Promise<{ revoked: boolean }> {
    this.#assertOpen()
    this.#cache.watch()
    const tokens = [this.#cache.snapshot?.state.token]
    let failure: unknown
    try {
      const since = this.clock.now()
      const result = await this.#tools.record.startEpoch(this.#cache.comparable, ({ state, unreadable }) => {
        const { status, token, seed } = state
        tokens.push(token)
        if (status === 'signed_out' && !unreadable) return undefined
        return { status: 'signed_out', since, ...(seed !== undefined && { seed }) }
      })
      this.#cache.noteResult(result)
    } catch (error) {
      failure = error
      this.#rejected = this.#cache.snapshot?.state.token?.info.access_token
    }
    tokens.push(this.#cache.unsaved?.token)
    this.#cache.dropUnsaved()
    // The tokens are revoked even if the store failed. The same token may have been read twice.
    const isFirst = (token: SessionToken | undefined, index: number) =>
      tokens.findIndex((each) => each?.info.refresh_token === token?.info.refresh_token) === index
    const revoked = await Promise.all(tokens.filter(isFirst).map((token) => this.#revoke(token)))
    if (failure) throw failure
    return { revoked: revoked.includes(true) }
  }

  /** Reads the record and returns the status. Throws `StoreFailed` if the store fails. */
  async readStatus(): Promise<SessionStatus> {
    this.#assertOpen()
    this.#cache.watch()
    await this.#cache.read()
    return this.status
  }

  subscribe<Type extends keyof SessionEvents>(type: Type, listener: SessionListener<Type>): () => void {
    this.#assertOpen()
    const removeListener = this.#cache.known.listeners.add(type, listener)
    this.#cache.watch()
    return removeListener
  }

  close(): void {
    this.#tools.pauses.close()
    this.#tools.page.stop()
    this.#keepAlive?.stop()
    this.#cache.close()
  }

  get #isClosed(): boolean {
    return this.#tools.pauses.isClosed
  }

  #decide(rejected: string | undefined, failure: PDSError | undefined): Decision {
    const { snapshot } = this.#cache
    if (!snapshot) return { action: 'renew' }
    const { calls, limits, jitter, isOnline } = this.#tools
    return decide(snapshot, this.clock.now(), {
      rejected: this.#rejectedTokenOf(snapshot.state.token, rejected),
      canObtain: calls.canObtain,
      canRefresh: calls.canRefresh,
      jitter,
      isOnline: isOnline(),
      suspectTime: limits.suspectTime,
      failure: failure ?? this.#coordinator.failure,
    })
  }

  /** Returns the access token of a token if the service has rejected it. */
  #rejectedTokenOf(token: SessionToken | undefined, rejected: string | undefined): string | undefined {
    return [rejected, this.#rejected].find((access_token) => access_token === token?.info.access_token)
  }

  /** Renews the token for a caller. Returns undefined if the caller has to decide again. */
  async #renew(rejected: string | undefined): Promise<SessionToken | undefined> {
    const known = this.#rejectedTokenOf(this.#cache.snapshot?.state.token, rejected)
    try {
      const ended = await this.#coordinator.renew(known ?? rejected ?? this.#rejected)
      const { status, token } = ended.result?.snapshot.state ?? {}
      if (ended.result?.by !== 'this' || status !== 'ok' || !token) return undefined
      const again = this.#rejectedTokenOf(token, rejected)
      if (again === undefined) return token
      // A renewal that started with another rejected token may return this one. A renewal for this token must not.
      if (again === ended.rejected) throw this.#coordinator.noteFailure(sameTokenAgain(), true)
      return undefined
    } catch (error) {
      if (!isPDSError(error) || !(isRetryable(error) || error.code === 'StoreFailed')) throw error
      await this.#cache.read().catch(() => undefined)
      const decision = this.#decide(rejected, error)
      if (decision.action === 'use') return decision.token
      throw error
    }
  }

  async #run(rejected: string | undefined, isBackground: boolean): Promise<RenewalResult> {
    const { known, comparable } = this.#cache
    const context: RenewalContext = { ...this.#tools, rejected, isBackground, known: comparable }
    try {
      return this.#take(await runRenewal(context))
    } catch (error) {
      if (!isPDSError(error)) throw error
      if (error.code === 'LoginRequired') {
        known.announce(error, causeOfError(error))
        throw error
      }
      known.report(error)
      if (!isRetryable(error)) throw error
      const failure = this.#coordinator.noteFailure(error)
      known.setFailure(failure)
      throw failure
    }
  }

  /** Takes note of the result of a renewal. Returns the result that counts. */
  #take(result: RenewalResult): RenewalResult {
    const { snapshot, by, unused, unsaved } = result
    if (unused) void this.#revoke(unused)
    if (!unsaved) {
      this.#cache.note(snapshot, by)
      return result
    }
    this.#cache.known.report(unsaved.error)
    const current = this.#cache.snapshot
    // The user has signed out or in since.
    if (current && current.epoch > unsaved.parent.epoch) {
      void unsaved.lease?.release()
      void this.#revoke(unsaved.token)
      return { snapshot: current, by: 'another' }
    }
    this.#cache.noteUnsaved(snapshot, unsaved)
    return result
  }

  /** Writes the token that the store failed to write. Returns it for a caller that need not wait, or cannot go on. */
  async #saveUnsaved(unsaved: UnsavedToken, rejected: string | undefined): Promise<SessionToken | undefined> {
    const { token } = unsaved
    const { seenAt = performance.now() } = this.#cache.snapshot ?? {}
    const isAccepted = this.#rejectedTokenOf(token, rejected) === undefined
    if (isAccepted && outlasts(hardWindow, token, seenAt, this.clock.now())) return token
    const failure = await unsaved.save()
    // Without the store, the next refresh token would be lost too.
    if (!failure || this.#tools.calls.canObtain) return undefined
    if (isAccepted && outlasts(0, token, seenAt, this.clock.now())) return token
    throw failure
  }

  #announced({ error, cause }: Decision & { action: 'fail' }): PDSError {
    if (cause !== undefined) this.#cache.known.announce(error, cause)
    return error
  }

  async #revoke(token: SessionToken | undefined): Promise<boolean> {
    const { refresh_token } = token?.info ?? {}
    if (refresh_token === undefined) return false
    try {
      return await this.#tools.calls.revoke(refresh_token)
    } catch (error) {
      this.#cache.known.report(error as PDSError)
      return false
    }
  }

  async #checkKeepAlive(): Promise<void> {
    this.#cache.watch()
    await this.#cache.read().catch(() => undefined)
    if (this.#isClosed) return
    const state = this.#cache.snapshot?.state
    const token = state && tokenToKeepAlive(state)
    // Passed as rejected, so that the token is renewed although it may still be valid.
    if (token && this.clock.now() >= keepAliveAt(token) && this.#tools.isOnline()) {
      this.#coordinator.renewInBackground(token.info.access_token)
    }
    this.#keepAlive?.schedule(state)
  }

  #assertOpen(): void {
    if (this.#isClosed) throw invalidParameter('the session is closed')
  }
}

function isBrowserOnline(): boolean {
  return globalThis.navigator?.onLine !== false
}

function sameTokenAgain(): PDSError {
  return new PDSError(
    'the grant returned the rejected access token again: obtain must return a different token than context.rejected',
    { code: 'RefreshFailed', outcome: 'responded' },
  )
}
