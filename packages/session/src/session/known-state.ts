import type { PDSError } from '@pds/core'
import { invalidParameter } from '@pds/core/internal'
import type { Lease } from '../record/lease.ts'
import {
  isOlder,
  isSamePair,
  isSameToken,
  type LoginRequiredCause,
  type SessionState,
  type SessionToken,
  type Snapshot,
} from '../record/session-state.ts'
import { type Decision, decideNow } from '../renewal/decide.ts'
import { revokeToken } from '../renewal/grant-calls.ts'
import { isLoginRequiredCause, loginRequired } from '../renewal/login-required.ts'
import { startTimer } from '../renewal/pause.ts'
import type { RenewalResult, RenewalTools } from '../renewal/renewal-context.ts'
import type { SessionEvents, SessionListener, Subscription } from './session-events.ts'
import { createStatus, type SessionStatus, unknownSnapshot, unknownStatus } from './session-status.ts'

// How long a record is used without reading a store that does not report its changes, in milliseconds.
const maxAge = 5000
// The pause between two attempts to write a token that the store failed to write, in milliseconds.
const minPause = 50
const maxPause = 5000
// Shorter pauses keep the process alive although it has nothing else to do. In milliseconds.
const maxProcessHold = 1000
// The number of attempts after the session was closed.
const attemptsAfterClose = 10

/** The types of events. */
export const eventTypes: readonly (keyof SessionEvents)[] = [
  'refreshed',
  'login_required',
  'signed_out',
  'error',
  'changed',
]

/**
 * What a session object knows: the last snapshot of its record, a token that is not stored yet, and the status that
 * follows. Reads the record again when it may have changed, and emits the events.
 */
export class KnownState {
  snapshot: Snapshot = unknownSnapshot
  /** The access token that the service rejected last. No caller gets it again. */
  rejected: string | undefined
  readonly #tools: RenewalTools
  /** Replaced by each change: one list costs an idle session less memory than a set for each type. */
  #subscriptions: readonly Subscription[] = []
  /** A login that no stored record requires. */
  #loginCause: LoginRequiredCause | undefined
  /** The last computed status. */
  #status: SessionStatus = unknownStatus
  #reading: Promise<void> | undefined
  /** When the store last reported a change, by `performance.now`. -1 before the first one. */
  #changedAt = -1
  /** The read that the listeners wait for. */
  #nextRead: Promise<void> | undefined
  /**
   * The attempts to store a token that the store failed to write. They read the store again and again, so that callers
   * need not read it.
   */
  saving: Promise<void> | undefined

  constructor(tools: RenewalTools) {
    this.#tools = tools
  }

  /** The status, computed on demand. It is the same object until it changes. */
  get status(): SessionStatus {
    const { canObtain, backoff } = this.#tools
    const status = createStatus(this.snapshot, canObtain, backoff.lastFailure, this.#loginCause)
    if (JSON.stringify(status) !== JSON.stringify(this.#status)) this.#status = status
    return this.#status
  }

  /** Watches the record from now on, if the store can. Throws if the session is closed. */
  open(): void {
    this.#tools.pauses.assertOpen()
    this.#tools.record.watch(() => this.expire())
  }

  /** The number of listeners. */
  get listeners(): number {
    return this.#subscriptions.length
  }

  /** Remembers the access token that the service rejected, unless the session has another one by now. */
  noteRejected(rejected: string | undefined): void {
    const current = this.snapshot.state.token?.info.access_token ?? rejected
    if (rejected !== undefined && rejected === current) this.rejected = rejected
  }

  decide(failure: PDSError | undefined = this.#tools.backoff.failure): Decision {
    const { snapshot, rejected } = this
    return failure && snapshot === unknownSnapshot
      ? { action: 'fail', error: failure }
      : decideNow(this.#tools, snapshot, { rejected, failure })
  }

  /** Returns the snapshot if the store need not be read for it. `now` is the time of `performance.now`. */
  currentAt(now: number): Snapshot | undefined {
    const { snapshot } = this
    if (snapshot.asOf <= this.#changedAt) return undefined
    if (this.saving || now - snapshot.asOf <= maxAge) return snapshot
    const { record, clock } = this.#tools
    // May report a change before it returns.
    if (!record.isWatching() || snapshot.asOf <= this.#changedAt) return undefined
    // The store was found to have the snapshot at this moment.
    const confirmed = { wall: clock.local(), steady: now }
    this.snapshot = { ...snapshot, asOf: now, until: now, confirmed }
    return this.snapshot
  }

  /** Reads the record. Concurrent callers share one read. Throws `StoreFailed`. */
  read(): Promise<void> {
    if (this.#reading) return this.#reading
    const reading = this.#tools.record
      .read(this.snapshot)
      .then((snapshot) => this.note(snapshot))
      .finally(() => {
        // A change may have started another read since.
        if (this.#reading === reading) this.#reading = undefined
      })
    this.#reading = reading
    return reading
  }

  /** Takes note of a snapshot, and emits the events that follow. */
  note(snapshot: Snapshot): void {
    const previous = this.snapshot
    const { rev, unreadable, state, isOwn } = snapshot
    // A newer state was noted after this one was read.
    if ((rev < previous.rev || isOlder(snapshot, previous)) && snapshot.asOf <= previous.until) return
    this.snapshot = snapshot
    if (previous.rev !== rev) this.#loginCause = undefined
    if (!isSameToken(previous, snapshot)) this.#tools.backoff.reset()
    // The user has signed out before the token of this session reached the store.
    if (previous.missing === 'write' && state.status === 'signed_out' && !isOwn)
      void this.revoke(refreshTokenOf(previous.state.token))
    if (unreadable && !(previous.unreadable && previous.rev === rev)) this.#report(unreadable.error)
    // The first state that is read from the store causes no events, unless the store has reported a change. An intent
    // alone is no change.
    const isNews = previous !== unknownSnapshot || isOwn || (this.#changedAt >= 0 && !state.intent)
    if (isNews) this.#emitChanges(previous.state, state, isOwn ? 'this' : 'another')
    this.#emitStatus()
  }

  /**
   * Writes the token that the store failed to write. Attempts continue until one succeeds. Each attempt extends the lease,
   * so that other processes do not spend the old refresh token.
   */
  async #save(lease: Lease | undefined): Promise<void> {
    const { pauses, leaseTime } = this.#tools
    let pause = minPause
    let attemptsLeft = attemptsAfterClose
    while (this.snapshot.missing === 'write' && attemptsLeft > 0) {
      await new Promise<void>((resolve) => startTimer(pause, resolve, pause < maxProcessHold))
      // The lease is optional here: the comparison with the stored state keeps a newer one.
      await lease?.extend()
      await this.read().catch(() => undefined)
      // The lease is extended before it expires.
      pause = Math.min(pause * 2, maxPause, leaseTime / 3)
      if (pauses.isClosed) attemptsLeft--
    }
    this.saving = undefined
    await lease?.release()
  }

  /** Takes note of the result of a renewal. Returns the result that counts. */
  take(result: RenewalResult): RenewalResult {
    const { snapshot, unused, unsaved } = result
    void this.revoke(refreshTokenOf(unused))
    if (unsaved) {
      const { lease, error } = unsaved
      this.#report(error)
      const current = this.snapshot
      // The user has signed out or in since.
      if (current.epoch > snapshot.epoch) {
        void lease?.release()
        void this.revoke(refreshTokenOf(snapshot.state.token))
        return { snapshot: current }
      }
    }
    this.note(snapshot)
    if (unsaved) this.saving ??= this.#save(unsaved.lease)
    return result
  }

  /** Takes note of the failure of a renewal, and emits the events that follow. Returns the error that callers get. */
  fail(error: PDSError): PDSError {
    const { code, cause } = error
    if (code !== 'LoginRequired') {
      // A store has no backoff.
      const failure = isFinal(error) || code === 'StoreFailed' ? error : this.#tools.backoff.note(error)
      this.#report(error)
      return failure
    }
    // No stored record requires this login. Callers may find out one after another.
    if (this.#loginCause === undefined) {
      // The grant of an application may have thrown the error with any cause, or with none.
      this.#loginCause = isLoginRequiredCause(cause) ? cause : 'no_token'
      this.#emit('login_required', { by: 'this', error })
      this.#emitStatus()
    }
    return error
  }

  /** Revokes a refresh token. Returns whether that succeeded. */
  async revoke(refresh_token: string | undefined): Promise<boolean> {
    return this.reportFailure(revokeToken(this.#tools, refresh_token))
  }

  /** Returns the result of an attempt to end a sign-in: false, with an event, if it failed. */
  async reportFailure(ending: Promise<boolean>): Promise<boolean> {
    return ending.catch((error: PDSError) => {
      this.#report(error)
      return false
    })
  }

  /** Adds a listener. Returns a function that removes it. Throws `InvalidParameter`. */
  subscribe<Type extends keyof SessionEvents>(type: Type, listener: SessionListener<Type>): () => void {
    checkSubscription(type, listener)
    // An object per call, because the same function may be added twice.
    const added: Subscription = { type, listener }
    this.open()
    // The listener gets the changes from now on.
    void this.status
    this.#subscriptions = [...this.#subscriptions, added]
    return () => {
      this.#subscriptions = this.#subscriptions.filter((each) => each !== added)
    }
  }

  /** Makes the next caller read the record. Reads it now if there are listeners, because no caller may come. */
  expire(): void {
    const { pauses } = this.#tools
    this.#changedAt = performance.now()
    // A read that started before the change may miss it.
    const earlier = this.#reading
    this.#reading = undefined
    pauses.end()
    if (pauses.isClosed || !this.listeners) return
    // One read for all changes until the earlier read ends. No timer, because browsers delay those of a hidden page.
    this.#nextRead ??= Promise.allSettled([earlier]).then(() => {
      this.#nextRead = undefined
      // The next caller gets the error of the store.
      if (!pauses.isClosed) this.read().catch(() => undefined)
    })
  }

  close(): void {
    this.#tools.record.unwatch()
    this.#subscriptions = []
  }

  /** Emits the events for the differences between two states of the session. */
  #emitChanges(previous: SessionState, state: SessionState, by: 'this' | 'another'): void {
    const { status, token } = state
    if (token && !isSamePair(token, previous.token)) {
      this.#emit('refreshed', { by, expire_time: new Date(token.expiresAt).toISOString() })
    }
    if (status === previous.status) return
    if (status === 'login_required') {
      this.#emit(status, { by, error: loginRequired(state) })
    }
    if (status === 'signed_out') this.#emit(status, { by })
  }

  /** Emits an `error` event for a failure. */
  #report(error: PDSError): void {
    this.#emit('error', { error })
    this.#emitStatus()
  }

  #emit<Type extends keyof SessionEvents>(type: Type, event: SessionEvents[Type]): void {
    for (const subscription of this.#subscriptions) {
      if (subscription.type !== type) continue
      // A listener that throws or rejects must not fail the refresh.
      const call = async () => (subscription.listener as SessionListener<Type>)(event)
      call().catch(() => undefined)
    }
  }

  #emitStatus(): void {
    // An idle session keeps no status that no one asked for.
    if (!this.listeners) return
    const before = this.#status
    const { status } = this
    if (status !== before) this.#emit('changed', status)
  }
}

/** Throws `InvalidParameter` unless the type and the listener of a subscription are valid. */
export function checkSubscription(type: keyof SessionEvents, listener: unknown): void {
  if (!eventTypes.includes(type)) {
    throw invalidParameter(`subscribe: the event type must be one of ${eventTypes.join(', ')}`)
  }
  if (typeof listener !== 'function') throw invalidParameter('subscribe: the listener must be a function')
}

/** Checks whether a renewal that failed with this error must not be retried later. */
export function isFinal({ code }: PDSError): boolean {
  return ['LoginRequired', 'InvalidParameter', 'Aborted'].includes(code)
}

export function refreshTokenOf(token: SessionToken | undefined): string | undefined {
  return token?.info.refresh_token
}
