import { isPDSError, PDSError, sanitizeError, suspendAwareTimeout } from '@pds/core/internal'
import type { SessionClock } from '../session/session-clock.ts'
import { type Lease, takeLease } from './lease.ts'
import { carryAge, reconcile } from './reconcile.ts'
import { readRecord, writeState } from './record-format.ts'
import {
  isOlder,
  isSamePair,
  isSameToken,
  type Moment,
  type SessionState,
  type SessionToken,
  type Snapshot,
} from './session-state.ts'
import type { Store, StoredRecord, StoreScope } from './store.ts'

// So many compare-and-set conflicts in a row mean that the store does not work.
const maxAttempts = 100
// How long this process leaves an unreadable record alone after it has replaced one, in milliseconds. Another process
// with another encryption key may replace it as well.
const replacementInterval = 30_000

/** The result of a write that another process may have prevented. */
export interface CommitResult {
  /** Whether the store, or the memory if the store must not be written, has the new state. */
  readonly isWritten: boolean
  /** The state that counts now. */
  readonly snapshot: Snapshot
}

/**
 * Reads and writes the record of one session.
 *
 * Each method throws a `PDSError` with code `StoreFailed` if the store fails or does not respond in time. A record that
 * cannot be read is no failure: see `Snapshot.unreadable`.
 */
export class SessionRecord {
  readonly #store: Store
  readonly #key: () => Promise<string>
  readonly #clock: SessionClock
  readonly #timeout: number
  /** The tokens that were last read or written. An error of the store may contain them. */
  #secrets: string[] = []
  #watchedKey: string | undefined
  /** The last record that this object wrote, or is writing. */
  #written: { readonly rev: number; readonly data: string } | undefined

  /** `timeout` limits each call of the store, in milliseconds. */
  constructor(store: Store, key: () => Promise<string>, clock: SessionClock, timeout: number) {
    this.#store = store
    this.#key = key
    this.#clock = clock
    this.#timeout = timeout
  }

  get scope(): StoreScope {
    return this.#store.scope
  }

  /** Reads the record, and returns it or the known state; see `reconcile`. */
  async read(known?: Snapshot): Promise<Snapshot> {
    const startedAt = this.#moment()
    const stored = await this.#callStore((key) => this.#store.read(key))
    return this.#receive(stored, startedAt, known)
  }

  /** Writes a state if the stored record still is `over`. Returns undefined if the record has changed since. */
  async write(
    over: Snapshot,
    state: SessionState,
    epoch: number = over.epoch,
    lease?: Lease,
  ): Promise<Snapshot | undefined> {
    this.#addSecrets(state)
    const startedAt = this.#moment()
    const rev = Math.max(over.rev, 0) + 1
    const record = writeState(epoch, state)
    this.#written = { rev, data: record.data }
    const written = await this.#callStore((key) =>
      this.#store.compareAndSet(key, record, over.rev, lease?.holder),
    )
    if (!written) return undefined
    lease?.released()
    const snapshot = this.#snapshot(rev, epoch, state, startedAt)
    return { ...carryAge(snapshot, over), isOwn: true }
  }

  /** Writes a state as `write` does, unless the state of `over` stays in memory. */
  async put(over: Snapshot, state: SessionState): Promise<Snapshot | undefined> {
    return over.missing === 'keep' ? { ...over, state } : this.write(over, state)
  }

  /**
   * Writes the token that replaces the token pair of `parent`, and releases the lease. Writes nothing if a newer state is
   * stored by then.
   *
   * This comparison decides who may write. The lease does not matter here: a process whose lease has expired may hold
   * the only valid token.
   */
  async commit(parent: Snapshot, token: SessionToken, lease?: Lease): Promise<CommitResult> {
    const state = nextState(parent, token)
    if (await this.#staysInMemory(parent)) return { isWritten: true, snapshot: inMemory(parent, state) }
    let current = parent
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const snapshot = await this.write(current, state, parent.epoch, lease)
      if (snapshot) return { isWritten: true, snapshot }
      current = await this.read()
      // An earlier write may have succeeded although the store reported an error.
      if (isSamePair(current.state.token, token)) return { isWritten: true, snapshot: current }
      if (current.unreadable) return { isWritten: true, snapshot: inMemory({ ...parent, ...current }, state) }
      // A revision of 0 means that the store was emptied, so the write replaces nothing.
      const isAllowed = current.rev === 0 || isSameToken(current, parent) || isOlder(current, parent)
      if (!isAllowed || current.state.status === 'signed_out') return { isWritten: false, snapshot: current }
    }
    throw tooManyConflicts()
  }

  /** Writes a known state back that the store has lost. Returns the state that counts. */
  async restore(lost: Snapshot): Promise<Snapshot> {
    let current = lost
    for (let attempt = 0; current.missing === 'write' && attempt < maxAttempts; attempt++) {
      const written = await this.write(current, current.state)
      current = written ?? (await this.read(current))
    }
    return current
  }

  /**
   * Writes the state that `next` derives from the stored record, in a new epoch, so that no refresh that is under way
   * can overwrite it. Writes nothing if `next` returns undefined. Replaces a record that cannot be read.
   *
   * Epochs are times, so that they increase even if the store has lost the last one.
   */
  async startEpoch(
    known: Snapshot | undefined,
    next: (current: Snapshot) => SessionState | undefined,
  ): Promise<CommitResult> {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const current = await this.read(known)
      const state = next(current)
      if (!state) return { isWritten: false, snapshot: current }
      const now = Math.floor(this.#clock.local())
      const epoch = Math.max(current.epoch + 1, Number.isSafeInteger(now) ? now : 0)
      const snapshot = await this.write(current, state, epoch)
      if (snapshot) return { isWritten: true, snapshot }
    }
    throw tooManyConflicts()
  }

  /** Takes the lease of the key for `duration` milliseconds, with the record. Undefined if another owner holds it. */
  async lease(
    owner: string,
    duration: number,
    known: Snapshot | undefined,
  ): Promise<{ lease: Lease; snapshot: Snapshot } | undefined> {
    const startedAt = this.#moment()
    const taken = await takeLease(owner, duration, () => this.#clock.local(), {
      take: () => this.#callStore((key) => this.#store.lease(key, owner, duration)),
      release: (fence) => this.#callStore((key) => this.#store.release(key, owner, fence)),
    })
    return taken && { lease: taken.lease, snapshot: this.#receive(taken.record, startedAt, known) }
  }

  /** Returns whether the process of another session object has ended for certain. */
  async isOwnerGone(owner: string): Promise<boolean> {
    try {
      return (await this.#store.isOwnerGone?.(owner)) ?? false
    } catch {
      return false
    }
  }

  /** Returns whether the store has reported every change until now; see `Store.isWatching`. */
  isWatching(): boolean {
    const key = this.#watchedKey
    return key !== undefined && (this.#store.isWatching?.(key) ?? false)
  }

  /** Calls a function when the record may have changed. Returns a function that stops the calls. */
  watch(changed: () => void): () => void {
    const { watch } = this.#store
    if (!watch) return () => undefined
    let isStopped = false
    let stop = () => {
      isStopped = true
    }
    const start = async () => {
      const key = await this.#key()
      if (isStopped) return
      stop = watch.call(this.#store, key, changed)
      this.#watchedKey = key
    }
    // If the store cannot watch, the session still reads the record every few seconds.
    start().catch(() => undefined)
    return () => {
      this.#watchedKey = undefined
      stop()
    }
  }

  #receive(stored: StoredRecord | undefined, startedAt: Moment, known: Snapshot | undefined): Snapshot {
    const { rev, epoch, state, unreadable } = readRecord(stored, this.#secrets)
    this.#addSecrets(state)
    const written = this.#written
    const isOwn = stored !== undefined && stored.rev === written?.rev && stored.data === written.data
    const snapshot = { ...this.#snapshot(rev, epoch, state, startedAt), isOwn }
    return reconcile(
      unreadable ? { ...snapshot, unreadable } : snapshot,
      known,
      this.#store.scope,
      this.#moment(),
    )
  }

  /** The process may have been suspended during the call of the store, so the token may be newer than its start. */
  #snapshot(rev: number, epoch: number, state: SessionState, startedAt: Moment): Snapshot {
    const until = performance.now()
    return { rev, epoch, state, asOf: startedAt.steady, until, confirmed: startedAt, seenAt: until }
  }

  #moment(): Moment {
    return { wall: this.#clock.local(), steady: performance.now() }
  }

  /** Decides whether a token must not be written: an unreadable record is replaced only now and then. */
  async #staysInMemory({ missing, unreadable }: Snapshot): Promise<boolean> {
    if (!unreadable) return missing === 'keep'
    return unreadable.isNewer || !mayReplace(this.#store, await this.#key())
  }

  #addSecrets({ token }: SessionState): void {
    const { access_token = '', refresh_token = '' } = token?.info ?? {}
    // Errors may still contain earlier tokens. A set, because the same record is read many times.
    this.#secrets = [...new Set([access_token, refresh_token, ...this.#secrets])].slice(0, 6)
  }

  async #callStore<T>(call: (key: string) => Promise<T>): Promise<T> {
    const timeout = this.#timeout
    let clearTimer = () => {}
    const timedOut = new Promise<never>((_resolve, reject) => {
      clearTimer = suspendAwareTimeout(timeout, () => reject(new Error(`no response within ${timeout} ms`)))
    })
    try {
      return await Promise.race([this.#key().then(call), timedOut])
    } catch (error) {
      if (isPDSError(error) && error.code === 'StoreFailed') throw error
      throw storeFailed(isPDSError(error) ? error : sanitizeError(error, this.#secrets))
    } finally {
      clearTimer()
    }
  }
}

/** Returns the state with a token that replaces the one of `parent`. */
export function nextState({ state }: Snapshot, token: SessionToken): SessionState {
  const { status, seed, generation = 0, since = token.mintedAt } = state
  return {
    status: 'ok',
    token,
    generation: generation + 1,
    ...(seed !== undefined && { seed }),
    since: status === 'ok' || status === 'suspect' ? since : token.mintedAt,
  }
}

/** Returns the snapshot of a state that the store does not get. */
function inMemory(over: Snapshot, state: SessionState): Snapshot {
  return { ...over, state, missing: 'keep', seenAt: performance.now() }
}

/** The times at which this process replaced unreadable records, by `performance.now`, for each store and key. */
const replacements = new WeakMap<Store, Map<string, number>>()

function mayReplace(store: Store, key: string): boolean {
  const now = performance.now()
  const times = replacements.get(store) ?? new Map<string, number>()
  replacements.set(store, times)
  for (const [each, time] of times) if (now - time >= replacementInterval) times.delete(each)
  if (times.has(key)) return false
  times.set(key, now)
  return true
}

function storeFailed(cause: Error): PDSError {
  return new PDSError('the session store failed, see cause', {
    code: 'StoreFailed',
    outcome: 'not-sent',
    cause,
  })
}

function tooManyConflicts(): PDSError {
  return storeFailed(new Error(`compareAndSet of the session record failed ${maxAttempts} times in a row`))
}
