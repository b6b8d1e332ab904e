import { isPDSError, type PDSError, sanitizeError, withTimeout } from '@pds/core/internal'
import type { Grant } from '@pds/types'
import { fingerprintOf, mayReplace, observeStoreCall, publishStoreFailure } from '#platform'
import type { StoreMethod } from '../diagnostics/session-message.ts'
import type { SessionClock } from '../session/session-clock.ts'
import type { Lease } from './lease.ts'
import { reconcile } from './reconcile.ts'
import { type RecordContent, readRecord, storeFailed, writeState } from './record-format.ts'
import {
  isOlder,
  isSamePair,
  isSameToken,
  type Moment,
  momentOf,
  type SessionState,
  type SessionToken,
  type Snapshot,
  timeBetween,
} from './session-state.ts'
import type { Store } from './store.ts'

// So many compare-and-set conflicts in a row mean that the store does not work.
const maxAttempts = 100

/** The arguments of a method of the store after the key. */
type ArgumentsAfterKey<Name extends StoreMethod> =
  Parameters<Store[Name]> extends [unknown, ...infer Rest] ? Rest : never

type AnyMethod = (...args: unknown[]) => unknown

/** What a session record is made of. */
export interface RecordOptions {
  readonly store: Store
  /** The key of the session. */
  readonly key: string
  /** Sessions with the same key have different records if their ids differ. Usually the grant. */
  readonly identity: Pick<Grant, 'id'>
}

/**
 * Reads and writes the record of one session.
 *
 * Each method throws a `PDSError` with code `StoreFailed` if the store fails or does not respond in time. A record that
 * cannot be read is no failure: see `Snapshot.unreadable`.
 */
export class SessionRecord {
  readonly #options: RecordOptions
  readonly #clock: SessionClock
  readonly #timeout: number
  /** The key of the record. One promise, so that the order of the calls that wait for it is kept. */
  #recordKey: Promise<string> | undefined
  /** The tokens that were last read or written. An error of the store may contain them. */
  #secrets: string[] = []
  #watchedKey: string | undefined
  #watching: Promise<(() => void) | undefined> | undefined
  /** The state that this object wrote last, or is writing. */
  #written: SessionState | undefined

  /** `timeout` limits each call of the store, in milliseconds. */
  constructor(options: RecordOptions, clock: SessionClock, timeout: number) {
    this.#options = options
    this.#clock = clock
    this.#timeout = timeout
  }

  /**
   * Reads the record, and returns it or the known state; see `reconcile`. Writes the known state back if the store has
   * lost it.
   */
  async read(known?: Snapshot): Promise<Snapshot> {
    return this.restore(await this.#readStored(known))
  }

  /** Writes the state of a snapshot back if the store has lost it. Returns the state that counts. */
  restore(lost: Snapshot): Promise<Snapshot> {
    let current = lost
    return retryConflicts(async () => {
      if (current.missing !== 'write') return current
      const restored = await this.#writeStored(current, current.state)
      if (!restored) current = await this.#readStored(current)
      return restored
    })
  }

  /**
   * Writes a state if the stored record still is `over`. Returns undefined if the record has changed since. If the state
   * of `over` stays in memory, so does this one.
   */
  async write(over: Snapshot, state: SessionState): Promise<Snapshot | undefined> {
    return over.missing === 'keep' ? { ...over, state } : this.#writeStored(over, state)
  }

  /**
   * Writes the token that replaces the token pair of `parent`, and releases the lease. Writes nothing if a newer state is
   * stored by then. Returns the state that counts: it has another token pair if nothing was written.
   *
   * This comparison decides whether the token may be written. The lease does not matter here: a process whose lease has
   * expired may hold the only valid token.
   */
  async commit(parent: Snapshot, token: SessionToken, lease?: Lease): Promise<Snapshot> {
    const state = nextState(parent, token)
    const { missing, unreadable } = parent
    // An unreadable record is replaced only now and then.
    const staysInMemory = unreadable
      ? unreadable.isNewer || !mayReplace(this.#options.store, await this.#key())
      : missing === 'keep'
    if (staysInMemory) return inMemory(parent, state)
    let current = parent
    return retryConflicts(async () => {
      const snapshot = await this.#writeStored(current, state, parent.epoch, lease)
      if (snapshot) return snapshot
      current = await this.#readStored()
      // An earlier write may have succeeded although the store reported an error.
      if (isSamePair(current.state.token, token)) return current
      if (current.unreadable) return inMemory(current, state)
      // A revision of 0 means that the store was emptied, so the write replaces nothing.
      const isAllowed = current.rev === 0 || isSameToken(current, parent) || isOlder(current, parent)
      const isOver = !isAllowed || current.state.status === 'signed_out'
      return isOver ? current : undefined
    })
  }

  /**
   * Writes the state that `next` derives from the stored record, in a new epoch, so that no refresh that is under way
   * can overwrite it. Writes nothing if `next` returns undefined. Replaces a record that cannot be read. Returns the state
   * that counts.
   *
   * Epochs are times, so that they increase even if the store has lost the last one.
   */
  startEpoch(
    known: Snapshot | undefined,
    next: (current: Snapshot) => SessionState | undefined,
  ): Promise<Snapshot> {
    return retryConflicts(async () => {
      const current = await this.#readStored(known)
      const state = next(current)
      if (!state) return current
      // The clock may be the application's.
      const now = Math.floor(this.#clock.local()) || 0
      return this.#writeStored(current, state, Math.max(current.epoch + 1, now))
    })
  }

  /** Takes the lease of the key for `duration` milliseconds, with the record. Undefined if another owner holds it. */
  async lease(
    owner: string,
    duration: number,
    known: Snapshot | undefined,
  ): Promise<{ lease: Lease; snapshot: Snapshot } | undefined> {
    let since = momentOf(this.#clock)
    const take = async () => {
      since = momentOf(this.#clock)
      const taken = await this.#call('lease', owner, duration)
      lease.holder = taken && { owner, fence: taken.fence }
      return taken
    }
    const lease: Lease = {
      holder: undefined,
      // Either clock may stop while a machine sleeps.
      remaining: () => duration - timeBetween(since, momentOf(this.#clock)),
      extend: () => take().then(Boolean, () => false),
      release: async () => {
        const { holder } = lease
        lease.holder = undefined
        if (!holder) return
        await this.#call('release', owner, holder.fence).catch(() => undefined)
      },
    }
    const taken = await take()
    return taken && { lease, snapshot: this.#receive(readRecord(taken.record, this.#secrets), since, known) }
  }

  /** Returns whether the process of another session object has ended for certain. */
  isOwnerGone(owner: string): Promise<boolean> {
    return withTimeout(this.#timeout, async () => this.#options.store.isOwnerGone?.(owner)).then(
      Boolean,
      () => false,
    )
  }

  /** Returns whether the store has reported every change until now; see `Store.isWatching`. */
  isWatching(): boolean {
    const key = this.#watchedKey
    return key !== undefined && (this.#options.store.isWatching?.(key) ?? false)
  }

  /** Calls a function when the record may have changed, until `unwatch` is called. A further call does nothing. */
  watch(changed: () => void): void {
    // If the store cannot watch, the session still reads the record every few seconds.
    this.#watching ??= this.#key()
      .then((key) => {
        const stop = this.#options.store.watch?.(key, changed)
        if (stop) this.#watchedKey = key
        return stop
      })
      .catch(() => undefined)
  }

  /** Stops the calls of `watch`. */
  unwatch(): void {
    this.#watching?.then((stop) => stop?.()).catch(() => undefined)
  }

  #key(): Promise<string> {
    this.#recordKey ??= recordKey(this.#options)
    return this.#recordKey
  }

  /** Calls a method of the store with the key of the record. */
  #call<Name extends StoreMethod>(name: Name, ...args: ArgumentsAfterKey<Name>): ReturnType<Store[Name]> {
    const { store } = this.#options
    const observed = observeStoreCall(this.#options, name)
    // The compiler does not know that the arguments belong to the method.
    const call = async () => (store[name] as AnyMethod)(await this.#key(), ...args)
    const result = withTimeout(this.#timeout, call).catch((error) => {
      const failure = toStoreFailed(error, this.#secrets)
      publishStoreFailure(observed, failure)
      throw failure
    })
    return result as ReturnType<Store[Name]>
  }

  #addSecrets({ token }: SessionState): void {
    const { access_token = '', refresh_token = '' } = token?.info ?? {}
    // Errors may still contain earlier tokens. A set, because the same record is read many times.
    this.#secrets = [...new Set([access_token, refresh_token, ...this.#secrets])].slice(0, 6)
  }

  #receive(content: RecordContent, startedAt: Moment, known?: Snapshot): Snapshot {
    const written = this.#written
    const isOwn = JSON.stringify(content.state) === JSON.stringify(written)
    // The same object, because an idle session would keep the tokens twice.
    const state = (isOwn && written) || content.state
    this.#addSecrets(state)
    // The process may have been suspended during the call of the store, so the token may be newer than its start.
    const now = momentOf(this.#clock)
    const times = { asOf: startedAt.steady, until: now.steady, confirmed: startedAt, seenAt: now.steady }
    return reconcile({ ...content, ...times, state, isOwn }, known, this.#options.store.scope, now)
  }

  async #readStored(known?: Snapshot): Promise<Snapshot> {
    const startedAt = momentOf(this.#clock)
    const stored = await this.#call('read')
    return this.#receive(readRecord(stored, this.#secrets), startedAt, known)
  }

  async #writeStored(
    over: Snapshot,
    state: SessionState,
    epoch = over.epoch,
    lease?: Lease,
  ): Promise<Snapshot | undefined> {
    const startedAt = momentOf(this.#clock)
    const record = writeState(epoch, state)
    this.#written = state
    this.#addSecrets(state)
    const isWritten = await this.#call('compareAndSet', record, over.rev, lease?.holder)
    if (!isWritten) return undefined
    if (lease) lease.holder = undefined
    return this.#receive({ rev: Math.max(over.rev, 0) + 1, epoch, state }, startedAt, over)
  }
}

/** Returns the key of a record: the key of the session and a fingerprint of the id. */
export async function recordKey({ key, identity }: Omit<RecordOptions, 'store'>): Promise<string> {
  return `${key}#${await fingerprintOf(identity)}`
}

/** Returns the error that a failure of the store causes. It contains none of the secrets. */
export function toStoreFailed(error: unknown, secrets: readonly string[]): PDSError {
  if (!isPDSError(error)) return storeFailed(sanitizeError(error, secrets))
  return error.code === 'StoreFailed' ? error : storeFailed(error)
}

/** Returns the first result of a function that returns undefined after each compare-and-set conflict. */
async function retryConflicts<T>(attempt: () => Promise<T | undefined>): Promise<T> {
  for (let attempts = 0; attempts < maxAttempts; attempts++) {
    const result = await attempt()
    if (result) return result
  }
  throw storeFailed(new Error(`compareAndSet of the session record failed ${maxAttempts} times in a row`))
}

/** Returns the state with a token that replaces the one of `parent`. */
export function nextState({ state }: Snapshot, token: SessionToken): SessionState {
  const { status, seed, generation = 0, since } = state
  return {
    status: 'ok',
    token,
    generation: generation + 1,
    seed,
    since: (status !== 'login_required' && since) || token.mintedAt,
  }
}

/** Returns the snapshot of a state that the store does not get. */
function inMemory(over: Snapshot, state: SessionState): Snapshot {
  return { ...over, state, missing: 'keep', seenAt: performance.now() }
}
