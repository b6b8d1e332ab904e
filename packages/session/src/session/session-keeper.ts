import type { PDSError } from '@pds/core'
import { invalidParameter } from '@pds/core/internal'
import type { TokenInfo } from '@pds/types'
import { memoryStore } from '../record/memory-store.ts'
import { type Lease, SessionRecord } from '../record/session-record.ts'
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

// How long a token is given out without a look at what others have done to it. In milliseconds.
const maxCacheAge = 5000
// For one call of a store: longer than SQLite waits for a lock. In milliseconds.
const maxStoreTimeout = 12_000

/** What one session knows, and its renewals: one at a time. */
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
  /** The access token that the service has refused last: it is given to nobody any more. */
  #rejected: string | undefined
  #unsaved: UnsavedToken | undefined
  #reading: Promise<void> | undefined
  readonly #coordinator = new RenewalCoordinator(this)
  #pauses: readonly Pause[] = []
  #endWatch: (() => void) | undefined
  readonly #keepAlive: KeepAlive | undefined
  /** When the store last told of a change, by `performance.now`. */
  #changedAt = Number.NEGATIVE_INFINITY
  #look: ReturnType<typeof setTimeout> | undefined
  /** Whether listeners know already that a login is required. */
  #isLoginAnnounced = false

  constructor(options: SessionOptions & SessionLimits) {
    const { key, grant, store = memoryStore(), clock = Date.now } = options
    this.limits = options
    this.now = () => grant.now?.() ?? clock()
    this.isOnline = options.isOnline ?? (() => globalThis.navigator?.onLine !== false)
    this.calls = new GrantCalls(grant, this.now, options.requestTimeout)
    let storeKey: Promise<string> | undefined
    const keyOf = () => {
      // The same for all, so that a record is watched before it is read: no change comes between.
      storeKey ??= fingerprint(grant.id ?? '').then((id) => `${key}#${id}`)
      return storeKey
    }
    this.record = new SessionRecord(store, keyOf, clock, Math.min(maxStoreTimeout, options.waitTimeout))
    if (options.keepAlive) this.#keepAlive = new KeepAlive(this.now, () => void this.#checkKeepAlive())
  }

  /** The token where it needs no look into the store, for the many callers of a session that has one. */
  freshToken(rejected: string | undefined): SessionToken | undefined {
    this.#assertOpen()
    if (!this.known) return undefined
    const { state, asOf } = this.known
    const isSeen = asOf > this.#changedAt && performance.now() - asOf <= maxCacheAge
    const { token } = state
    if (!isSeen || !token || !isFresh(token, this.now())) return undefined
    return this.rejectedTokenOf(state, rejected) === undefined ? token : undefined
  }

  /** The token after a look into the store, renewed where it is time. Throws `PDSError`. */
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
      // What comes after it would be lost as well.
      if (failure && !this.calls.canObtain) {
        if (isValid(state, this.now(), this.rejectedTokenOf(state, rejected))) return unsaved.token
        throw failure
      }
    }
    // A store that fails is met again by the renewal, which knows what to do then.
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
    const { isWritten, snapshot } = await this.record.begin(({ state }) =>
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
      const { isWritten, snapshot } = await this.record.begin(({ state: { status, token, seed } }) => {
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
    // Also where the store fails: the token must not live on. The same one may have been read twice.
    const refreshTokens = new Set([...tokens].map((token) => token?.info.refresh_token))
    const revoked = await Promise.all([...refreshTokens].map((refresh_token) => this.#revoke(refresh_token)))
    if (failure) throw failure
    return { revoked: revoked.includes(true) }
  }

  subscribe<Type extends keyof SessionEvents>(type: Type, listener: SessionListener<Type>): () => void {
    this.#assertOpen()
    const end = this.#listeners.add(type, listener)
    this.#watch()
    return end
  }

  close(): void {
    this.isClosed = true
    this.#endWatch?.()
    clearTimeout(this.#look)
    this.#keepAlive?.end()
    this.#unsaved?.finish()
    for (const waiting of this.#pauses) waiting.end()
    this.#listeners.clear()
  }

  // What a renewal asks of its session.

  readonly learn = (snapshot: Snapshot, by: 'this' | 'another'): void => {
    const { known } = this
    // The store does not know yet.
    if (this.#unsaved && isSameToken(snapshot, this.#unsaved.parent)) return
    if (known && snapshot.rev < known.rev && snapshot.asOf <= known.until) return
    this.known = snapshot
    if (known?.rev !== snapshot.rev) this.#isLoginAnnounced = false
    this.#keepAlive?.plan(snapshot.state)
    // What was there before is no news, and neither is that it is about to change.
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
    const held = lease?.handOver()
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
    await waiting.over
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
    this.#endWatch ??= this.record.watch(() => {
      this.#changedAt = performance.now()
      // One that began before may not know.
      this.#reading = undefined
      for (const waiting of this.#pauses) waiting.end()
      this.#lookForListeners()
    })
  }

  /** They are told also where nobody asks for a token; once what this session itself has written is known to it. */
  #lookForListeners(): void {
    if (this.#listeners.isEmpty()) return
    this.#look ??= setTimeout(() => {
      this.#look = undefined
      // A store that fails is met again by who needs it.
      this.read().catch(() => undefined)
    }, 0)
  }

  async #checkKeepAlive(): Promise<void> {
    this.#watch()
    await this.read().catch(() => undefined)
    if (this.isClosed) return
    const token = this.known && tokenToKeepAlive(this.known.state)
    // As one that is not good any more, however long it may live.
    if (token && this.now() >= keepAliveAt(token) && this.isOnline()) {
      this.#coordinator.renewInBackground(token.info.access_token)
    }
    this.#keepAlive?.plan(this.known?.state)
  }

  #assertOpen(): void {
    if (this.isClosed) throw invalidParameter('the session is closed')
  }
}
