import { invalidParameter, isPDSError, type PDSError } from '@pds/core'
import type { TokenInfo } from '@pds/types'
import { fingerprint } from './fingerprint.ts'
import { GrantCalls } from './grant-calls.ts'
import { KeepAlive, keptAlive } from './keep-alive.ts'
import { keepGivenToken } from './keep-token.ts'
import { memoryStore } from './memory-store.ts'
import { type Pause, pause } from './pause.ts'
import { Renewal, type RenewalSession } from './renewal.ts'
import { SessionListeners } from './session-events.ts'
import type { SessionLimits, SessionOptions } from './session-options.ts'
import { type Lease, SessionRecord } from './session-record.ts'
import { isSameToken, type KeptToken, type Snapshot } from './session-state.ts'
import { tellChanges } from './tell-changes.ts'
import { drawJitter, isAlive, isDue, isFresh, isUsable, keepAliveAt } from './token-times.ts'
import { UnsavedToken } from './unsaved-token.ts'

// How long a token is given out without a look at what others have done to it. In milliseconds.
const longestUnseen = 5000
// Between two renewals in the background: after a success, and at the most after failures. In milliseconds.
const shortestBackoff = 1000
const longestBackoff = 60_000

interface Renewing {
  readonly isBackground: boolean
  readonly token: Promise<KeptToken | undefined>
}

/** What one session knows, and its renewals: one at a time. */
export class SessionKeeper implements RenewalSession {
  readonly listeners: SessionListeners = new SessionListeners()
  readonly calls: GrantCalls
  readonly record: SessionRecord
  readonly limits: SessionLimits
  readonly jitter: number = drawJitter()
  readonly now: () => number
  readonly isOnline: () => boolean
  known: Snapshot | undefined
  #unsaved: UnsavedToken | undefined
  #reading: Promise<void> | undefined
  #renewing: Renewing | undefined
  #backgroundAfter = 0
  #backoff = shortestBackoff
  readonly #pauses = new Set<Pause>()
  #endWatch: (() => void) | undefined
  readonly #keepAlive: KeepAlive | undefined
  /** When the store last told of a change, by `performance.now`. */
  #changedAt = 0
  #isClosed = false

  constructor(options: SessionOptions & SessionLimits) {
    const { key, grant, store = memoryStore(), clock = Date.now } = options
    this.limits = options
    this.now = () => grant.now?.() ?? clock()
    this.isOnline = options.isOnline ?? (() => globalThis.navigator?.onLine !== false)
    this.calls = new GrantCalls(grant, this.now, options.requestTimeout)
    this.record = new SessionRecord(store, async () => `${key}#${await fingerprint(grant.id ?? '')}`, clock)
    if (options.keepAlive) this.#keepAlive = new KeepAlive(this.now, () => void this.#checkKeepAlive())
  }

  /** The token where it needs no look into the store, for the many callers of a session that has one. */
  freshToken(rejected: string | undefined): KeptToken | undefined {
    this.#assertOpen()
    if (!this.known || this.known.asOf < this.#changedAt) return undefined
    const { state, asOf } = this.known
    const { token } = state
    if (!token || token.info.access_token === rejected || !isFresh(token, this.now())) return undefined
    // What others have done is looked up beside the callers.
    if (performance.now() - asOf > longestUnseen) this.#read().catch(() => undefined)
    return token
  }

  /** The token after a look into the store, renewed where it is time. Throws `PDSError`. */
  async currentToken(rejected: string | undefined): Promise<KeptToken> {
    this.#watch()
    const unsaved = this.#unsaved
    if (unsaved) {
      const state = { status: 'ok', token: unsaved.token } as const
      if (isUsable(state, this.now(), rejected)) return unsaved.token
      const failure = await unsaved.save()
      // What comes after it would be lost as well.
      if (failure && !this.calls.canObtain) {
        if (isAlive(state, this.now(), rejected)) return unsaved.token
        throw failure
      }
    }
    // A store that fails is met again by the renewal, which knows what to do then.
    await this.#read().catch(() => undefined)
    const { token } = this.known?.state ?? {}
    if (!token || !isUsable({ status: 'ok', token }, this.now(), rejected)) return this.#renew(rejected)
    if (isDue(token, this.now(), this.jitter)) this.#renewInBackground(undefined)
    return token
  }

  async setToken(given: TokenInfo): Promise<void> {
    this.#assertOpen()
    const token = keepGivenToken(given, this.now())
    const seed = await fingerprint(token.info.refresh_token ?? token.info.access_token)
    const isBegun = await this.#begin((current) =>
      current.state.seed === seed ? undefined : { status: 'ok', token, seed },
    )
    if (isBegun) this.#dropUnsaved()
  }

  async signOut(): Promise<{ revoked: boolean }> {
    this.#assertOpen()
    const unsaved = this.#unsaved?.token
    this.#dropUnsaved()
    let ended = unsaved ?? this.known?.state.token
    const stored = this.#begin(({ state: { status, token, seed } }) => {
      ended = unsaved ?? token ?? ended
      return status === 'signed_out'
        ? undefined
        : { status: 'signed_out', ...(seed !== undefined && { seed }) }
    })
    // Revoked in any case: where the store fails the token must not live on.
    const failure = await stored.then(
      () => undefined,
      (error: unknown) => ({ error }),
    )
    const revoked = await this.#revoke(ended)
    if (failure) throw failure.error
    return { revoked }
  }

  close(): void {
    this.#isClosed = true
    this.#endWatch?.()
    this.#keepAlive?.end()
    this.listeners.clear()
  }

  // What a renewal asks of its session.

  readonly learn = (snapshot: Snapshot, by: 'this' | 'another'): void => {
    const { known } = this
    // The store does not know yet.
    if (this.#unsaved && isSameToken(snapshot, this.#unsaved.parent)) return
    if (known && snapshot.rev < known.rev && snapshot.asOf < known.asOf) return
    this.known = snapshot
    this.#keepAlive?.plan(snapshot.state)
    // What was there before is no news.
    if (known || by === 'this') tellChanges(this.listeners, known?.state, snapshot.state, by)
  }

  readonly keepUnsaved = (
    parent: Snapshot,
    token: KeptToken,
    lease: Lease | undefined,
    error: PDSError,
  ): void => {
    const { seed } = parent.state
    this.learn(
      {
        ...parent,
        state: { status: 'ok', token, ...(seed !== undefined && { seed }) },
        asOf: performance.now(),
      },
      'this',
    )
    this.#dropUnsaved()
    this.#unsaved = new UnsavedToken(this.record, parent, token, lease, (snapshot, isWritten) => {
      this.#unsaved = undefined
      this.learn(snapshot, isWritten ? 'this' : 'another')
      if (!isWritten && snapshot.state.status === 'signed_out') this.discard(token)
    })
    this.listeners.emit('error', { error })
  }

  readonly discard = (token: KeptToken): void => {
    void this.#revoke(token)
  }

  readonly announce = (error: PDSError): void => {
    this.listeners.emit('login_required', { by: 'this', error })
  }

  readonly wait = async (milliseconds: number): Promise<void> => {
    const waiting = pause(milliseconds)
    this.#pauses.add(waiting)
    await waiting.over
    this.#pauses.delete(waiting)
  }

  async #renew(rejected: string | undefined): Promise<KeptToken> {
    for (;;) {
      const { isBackground, token } = this.#renewing ?? this.#start(rejected, false)
      const renewed = await token.catch((error: unknown) =>
        isBackground ? undefined : this.#afterFailure(error, rejected),
      )
      // What another caller waits for may be the one that this one was refused with.
      if (renewed && renewed.info.access_token !== rejected) return renewed
    }
  }

  /** Gives the token that there is after all: what others have got meanwhile, or the old one to the last. */
  async #afterFailure(error: unknown, rejected: string | undefined): Promise<KeptToken | undefined> {
    const isLost = isPDSError(error) && ['LoginRequired', 'DecryptionFailed'].includes(error.code)
    if (isLost) throw error
    await this.#read().catch(() => undefined)
    const { state } = this.known ?? {}
    if (!state || !isAlive(state, this.now(), rejected)) throw error
    return state.token
  }

  #renewInBackground(rejected: string | undefined): void {
    if (this.#renewing || performance.now() < this.#backgroundAfter) return
    this.#start(rejected, true).token.then(
      () => {
        this.#backoff = shortestBackoff
        this.#backgroundAfter = performance.now() + this.#backoff
      },
      () => {
        this.#backgroundAfter = performance.now() + this.#backoff * (0.5 + Math.random() / 2)
        this.#backoff = Math.min(this.#backoff * 2, longestBackoff)
      },
    )
  }

  #start(rejected: string | undefined, isBackground: boolean): Renewing {
    const token = new Renewal(this, rejected, isBackground)
      .run()
      .catch((error: unknown) => {
        // A login that is required has an event of its own.
        if (isPDSError(error) && error.code !== 'LoginRequired') this.listeners.emit('error', { error })
        throw error
      })
      .finally(() => {
        this.#renewing = undefined
      })
    this.#renewing = { token, isBackground }
    return this.#renewing
  }

  /** Reads the record, once for all who ask meanwhile. */
  #read(): Promise<void> {
    this.#reading ??= this.record
      .read()
      .then((snapshot) => this.learn(snapshot, 'another'))
      .finally(() => {
        this.#reading = undefined
      })
    return this.#reading
  }

  /** Begins another epoch, with which nothing that is under way can interfere. Gives false where there is no need to. */
  async #begin(next: (current: Snapshot) => Snapshot['state'] | undefined): Promise<boolean> {
    this.#watch()
    for (;;) {
      const current = await this.record.read()
      const state = next(current)
      if (!state) {
        this.learn(current, 'another')
        return false
      }
      const written = await this.record.write(current, state, current.epoch + 1)
      if (!written) continue
      this.learn(written, 'this')
      return true
    }
  }

  async #revoke(token: KeptToken | undefined): Promise<boolean> {
    const { refresh_token } = token?.info ?? {}
    if (refresh_token === undefined) return false
    try {
      return await this.calls.revoke(refresh_token)
    } catch (error) {
      this.listeners.emit('error', { error: error as PDSError })
      return false
    }
  }

  #dropUnsaved(): void {
    this.#unsaved?.drop()
    this.#unsaved = undefined
  }

  #watch(): void {
    this.#endWatch ??= this.record.watch(() => {
      this.#changedAt = performance.now()
      for (const waiting of this.#pauses) waiting.end()
    })
  }

  async #checkKeepAlive(): Promise<void> {
    this.#watch()
    await this.#read().catch(() => undefined)
    const token = this.known && keptAlive(this.known.state)
    // As one that is not good any more, however long it may live.
    if (token && this.now() >= keepAliveAt(token) && this.isOnline()) {
      this.#renewInBackground(token.info.access_token)
    }
    this.#keepAlive?.plan(this.known?.state)
  }

  #assertOpen(): void {
    if (this.#isClosed) throw invalidParameter('the session is closed')
  }
}
