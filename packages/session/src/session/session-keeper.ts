import type { PDSError } from '@pds/core'
import { invalidParameter } from '@pds/core/internal'
import type { TokenInfo } from '@pds/types'
import type { Lease } from '../record/lease.ts'
import { memoryStore } from '../record/memory-store.ts'
import { SessionRecord } from '../record/session-record.ts'
import {
  fingerprint,
  isSameToken,
  type SessionState,
  type SessionToken,
  type Snapshot,
} from '../record/session-state.ts'
import { GrantCalls } from '../renewal/grant-calls.ts'
import { KeepAlive, tokenToKeepAlive } from '../renewal/keep-alive.ts'
import { type Pause, pause } from '../renewal/pause.ts'
import { type CoordinatorContext, RenewalCoordinator } from '../renewal/renewal-coordinator.ts'
import { UnsavedToken } from '../renewal/unsaved-token.ts'
import { importSessionToken } from '../token/session-token.ts'
import { drawJitter, isDue, isFresh, isUsable, isValid, keepAliveAt } from '../token/token-lifetime.ts'
import { emitChanges, type SessionEvents, type SessionListener, SessionListeners } from './session-events.ts'
import type { SessionLimits, SessionOptions } from './session-options.ts'

// How long a token is returned without reading the store, in milliseconds.
const maxCacheAge = 5000
// The timeout for one call of the store, in milliseconds: longer than `sqliteStore` waits for a lock.
const maxStoreTimeout = 12_000

/** Holds the last known snapshot of one session, returns its token, and starts its renewals. */
export class SessionKeeper implements CoordinatorContext {
  readonly calls: GrantCalls
  readonly record: SessionRecord
  readonly limits: SessionLimits
  readonly jitter: number = drawJitter()
  readonly unsent: Set<string> = new Set()
  readonly now: () => number
  readonly isOnline: () => boolean
  isClosed = false
  known: Snapshot | undefined
  readonly #listeners = new SessionListeners()
  /** The access token that the service rejected last. No caller gets it again. */
  #rejected: string | undefined
  #unsaved: UnsavedToken | undefined
  #reading: Promise<void> | undefined
  readonly #coordinator = new RenewalCoordinator(this)
  #pauses: readonly Pause[] = []
  #stopWatch: (() => void) | undefined
  readonly #keepAlive: KeepAlive | undefined
  /** When the store last reported a change, by `performance.now`. */
  #changedAt = Number.NEGATIVE_INFINITY
  #readTimer: ReturnType<typeof setTimeout> | undefined
  /** Whether `login_required` was already emitted. */
  #isLoginAnnounced = false

  constructor(options: SessionOptions & SessionLimits) {
    const { key, grant, store = memoryStore(), clock = Date.now } = options
    this.limits = options
    this.now = () => grant.now?.() ?? clock()
    this.isOnline = options.isOnline ?? (() => globalThis.navigator?.onLine !== false)
    this.calls = new GrantCalls(grant, this.now, options.requestTimeout)
    let storeKey: Promise<string> | undefined
    const getStoreKey = () => {
      // One promise for all calls, so that `watch` starts before the first `read` and no change is missed.
      storeKey ??= fingerprint(grant.id ?? '').then((id) => `${key}#${id}`)
      return storeKey
    }
    const storeTimeout = Math.min(maxStoreTimeout, options.waitTimeout)
    this.record = new SessionRecord(store, getStoreKey, clock, storeTimeout)
    if (options.keepAlive) this.#keepAlive = new KeepAlive(this.now, () => void this.#checkKeepAlive())
  }

  /** Returns the token if the store need not be read for it. Most calls end here. */
  freshToken(rejected: string | undefined): SessionToken | undefined {
    this.#assertOpen()
    if (!this.known) return undefined
    const { state, asOf } = this.known
    const isCurrent = asOf > this.#changedAt && performance.now() - asOf <= maxCacheAge
    const { token } = state
    if (!isCurrent || !token || !isFresh(token, this.now())) return undefined
    return this.rejectedTokenOf(state, rejected) === undefined ? token : undefined
  }

  /** Reads the store, renews the token if necessary, and returns it. Throws a `PDSError`. */
  async currentToken(rejected: string | undefined): Promise<SessionToken> {
    this.#watch()
    if (rejected !== undefined && rejected === (this.known?.state.token?.info.access_token ?? rejected)) {
      this.#rejected = rejected
    }
    const unsaved = this.#unsaved
    if (unsaved) {
      const state = { status: 'ok', token: unsaved.token } as const
      if (isUsable(state, this.now(), this.rejectedTokenOf(state, rejected))) return unsaved.token
      const failure = await unsaved.save()
      // Without the store, the next refresh token would be lost too.
      if (failure && !this.calls.canObtain) {
        if (isValid(state, this.now(), this.rejectedTokenOf(state, rejected))) return unsaved.token
        throw failure
      }
    }
    // The renewal calls the store again and handles its errors.
    await this.read().catch(() => undefined)
    const { state } = this.known ?? {}
    if (!state?.token || !isUsable(state, this.now(), this.rejectedTokenOf(state, rejected))) {
      return this.#coordinator.renew(rejected ?? this.#rejected)
    }
    const { token } = state
    if (this.calls.canRenew(token) && isDue(token, this.now(), this.jitter))
      this.#coordinator.renewInBackground(undefined)
    return token
  }

  async setToken(given: TokenInfo): Promise<void> {
    this.#assertOpen()
    this.#watch()
    const token = importSessionToken(given, this.now())
    const { access_token, refresh_token } = token.info
    const seed = await fingerprint(JSON.stringify([access_token, refresh_token]))
    const { isWritten, snapshot } = await this.record.startEpoch(({ state }) =>
      state.seed === seed ? undefined : { status: 'ok', token, seed },
    )
    this.learn(snapshot, isWritten ? 'this' : 'another')
    if (isWritten) this.#dropUnsaved()
  }

  async signOut(): Promise<{ revoked: boolean }> {
    this.#assertOpen()
    this.#watch()
    const tokens = new Set([this.known?.state.token])
    let failure: unknown
    try {
      const { isWritten, snapshot } = await this.record.startEpoch(({ state: { status, token, seed } }) => {
        tokens.add(token)
        if (status === 'signed_out') return undefined
        return { status: 'signed_out', ...(seed !== undefined && { seed }) }
      })
      this.learn(snapshot, isWritten ? 'this' : 'another')
    } catch (error) {
      failure = error
      this.#rejected = this.known?.state.token?.info.access_token
    }
    tokens.add(this.#unsaved?.token)
    this.#dropUnsaved()
    // The tokens are revoked even if the store failed. A set, because the same token may have been read twice.
    const refreshTokens = new Set([...tokens].map((token) => token?.info.refresh_token))
    const revoked = await Promise.all([...refreshTokens].map((refresh_token) => this.#revoke(refresh_token)))
    if (failure) throw failure
    return { revoked: revoked.includes(true) }
  }

  subscribe<Type extends keyof SessionEvents>(type: Type, listener: SessionListener<Type>): () => void {
    this.#assertOpen()
    const removeListener = this.#listeners.add(type, listener)
    this.#watch()
    return removeListener
  }

  close(): void {
    this.isClosed = true
    this.#stopWatch?.()
    clearTimeout(this.#readTimer)
    this.#keepAlive?.stop()
    this.#unsaved?.finish()
    for (const each of this.#pauses) each.end()
    this.#listeners.clear()
  }

  // The members of `RenewalContext` and `CoordinatorContext`.

  readonly learn = (snapshot: Snapshot, by: 'this' | 'another'): void => {
    const { known } = this
    // The store still holds the token pair that was spent for the unsaved token.
    if (this.#unsaved && isSameToken(snapshot, this.#unsaved.parent)) return
    if (known && snapshot.rev < known.rev && snapshot.asOf <= known.until) return
    this.known = snapshot
    if (known?.rev !== snapshot.rev) this.#isLoginAnnounced = false
    this.#keepAlive?.schedule(snapshot.state)
    // The first state that is read from the store causes no events, unless the store has reported a change. An intent
    // alone is no change.
    const isChanged = this.#changedAt > Number.NEGATIVE_INFINITY && !snapshot.state.intent
    const isNews = known !== undefined || by === 'this' || isChanged
    if (isNews) emitChanges(this.#listeners, known?.state, snapshot.state, by)
  }

  readonly keepUnsaved = (
    parent: Snapshot,
    token: SessionToken,
    lease: Lease | undefined,
    error: PDSError,
  ): boolean => {
    this.report(error)
    if (this.known && this.known.epoch > parent.epoch) return false
    const { seed } = parent.state
    const state: SessionState = { status: 'ok', token, ...(seed !== undefined && { seed }) }
    const now = performance.now()
    this.learn({ ...parent, state, asOf: now, until: now }, 'this')
    this.#dropUnsaved()
    const { leaseTime } = this.limits
    const held = lease?.transfer()
    this.#unsaved = new UnsavedToken(this.record, parent, token, held, leaseTime, (snapshot, isWritten) => {
      this.#unsaved = undefined
      this.learn(snapshot, isWritten ? 'this' : 'another')
      if (!isWritten && snapshot.state.status === 'signed_out') this.revokeUnused(token)
    })
    if (this.isClosed) this.#unsaved.finish()
    return true
  }

  readonly revokeUnused = ({ info }: SessionToken): void => {
    void this.#revoke(info.refresh_token)
  }

  readonly announce = (error: PDSError): void => {
    if (this.#isLoginAnnounced) return
    this.#isLoginAnnounced = true
    this.#listeners.emit('login_required', { by: 'this', error })
  }

  readonly wait = async (milliseconds: number): Promise<void> => {
    const waiting = pause(milliseconds)
    this.#pauses = [...this.#pauses, waiting]
    await waiting.ended
    this.#pauses = this.#pauses.filter((each) => each !== waiting)
  }

  readonly rejectedTokenOf = ({ token }: SessionState, rejected: string | undefined): string | undefined =>
    [rejected, this.#rejected].find((access_token) => access_token === token?.info.access_token)

  readonly report = (error: PDSError): void => this.#listeners.emit('error', { error })

  read(): Promise<void> {
    if (this.#reading) return this.#reading
    const reading = this.record
      .read()
      .then((snapshot) => this.learn(snapshot, 'another'))
      .finally(() => {
        if (this.#reading === reading) this.#reading = undefined
      })
    this.#reading = reading
    return reading
  }

  async #revoke(refresh_token: string | undefined): Promise<boolean> {
    if (refresh_token === undefined) return false
    try {
      return await this.calls.revoke(refresh_token)
    } catch (error) {
      this.report(error as PDSError)
      return false
    }
  }

  #dropUnsaved(): void {
    this.#unsaved?.drop()
    this.#unsaved = undefined
  }

  #watch(): void {
    if (this.isClosed) return
    this.#stopWatch ??= this.record.watch(() => {
      this.#changedAt = performance.now()
      // A read that started before the change may miss it.
      this.#reading = undefined
      for (const each of this.#pauses) each.end()
      this.#readForListeners()
    })
  }

  /**
   * Reads the record after a change, so that listeners get its events although no caller asks for a token. The timer
   * lets this session learn of its write first.
   */
  #readForListeners(): void {
    if (this.#listeners.isEmpty()) return
    this.#readTimer ??= setTimeout(() => {
      this.#readTimer = undefined
      // The next caller gets the error of the store.
      this.read().catch(() => undefined)
    }, 0)
  }

  async #checkKeepAlive(): Promise<void> {
    this.#watch()
    await this.read().catch(() => undefined)
    if (this.isClosed) return
    const token = this.known && tokenToKeepAlive(this.known.state)
    // Passed as rejected, so that the token is renewed although it may still be valid.
    if (token && this.now() >= keepAliveAt(token) && this.isOnline()) {
      this.#coordinator.renewInBackground(token.info.access_token)
    }
    this.#keepAlive?.schedule(this.known?.state)
  }

  #assertOpen(): void {
    if (this.isClosed) throw invalidParameter('the session is closed')
  }
}
