import { isPDSError, type PDSError, sanitizeError, withTimeout } from '@pds/core/internal'
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
// How long this process leaves an unreadable record alone after it has replaced one, in milliseconds. Another process
// with another encryption key may replace it as well.
const replacementInterval = 30_000

/**
 * Reads and writes the record of one session.
 *
 * Each method throws a `PDSError` with code `StoreFailed` if the store fails or does not respond in time. A record that
 * cannot be read is no failure: see `Snapshot.unreadable`.
 */
export interface SessionRecord {
  /**
   * Reads the record, and returns it or the known state; see `reconcile`. Writes the known state back if the store has
   * lost it.
   */
  read(known?: Snapshot): Promise<Snapshot>
  /** Writes the state of a snapshot back if the store has lost it. Returns the state that counts. */
  restore(snapshot: Snapshot): Promise<Snapshot>
  /**
   * Writes a state if the stored record still is `over`. Returns undefined if the record has changed since. If the state
   * of `over` stays in memory, so does this one.
   */
  write(over: Snapshot, state: SessionState): Promise<Snapshot | undefined>
  /**
   * Writes the token that replaces the token pair of `parent`, and releases the lease. Writes nothing if a newer state is
   * stored by then. Returns the state that counts: it has another token pair if nothing was written.
   *
   * This comparison decides whether the token may be written. The lease does not matter here: a process whose lease has expired may hold
   * the only valid token.
   */
  commit(parent: Snapshot, token: SessionToken, lease?: Lease): Promise<Snapshot>
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
  ): Promise<Snapshot>
  /** Takes the lease of the key for `duration` milliseconds, with the record. Undefined if another owner holds it. */
  lease(
    owner: string,
    duration: number,
    known: Snapshot | undefined,
  ): Promise<{ lease: Lease; snapshot: Snapshot } | undefined>
  /** Returns whether the process of another session object has ended for certain. */
  isOwnerGone(owner: string): Promise<boolean>
  /** Returns whether the store has reported every change until now; see `Store.isWatching`. */
  isWatching(): boolean
  /** Calls a function when the record may have changed. Returns a function that stops the calls. */
  watch(changed: () => void): () => void
}

/** Creates the record of a session. `timeout` limits each call of the store, in milliseconds. */
export function createSessionRecord(
  store: Store,
  keyOf: () => Promise<string>,
  clock: SessionClock,
  timeout: number,
): SessionRecord {
  /** The tokens that were last read or written. An error of the store may contain them. */
  let secrets: string[] = []
  let watchedKey: string | undefined
  /** The data that this object wrote last, or is writing. */
  let written: string | undefined

  function callStore<T>(call: (key: string) => Promise<T>): Promise<T> {
    return withTimeout(timeout, () => keyOf().then(call)).catch((error) => {
      throw toStoreFailed(error, secrets)
    })
  }

  function addSecrets({ token }: SessionState): void {
    const { access_token = '', refresh_token = '' } = token?.info ?? {}
    // Errors may still contain earlier tokens. A set, because the same record is read many times.
    secrets = [...new Set([access_token, refresh_token, ...secrets])].slice(0, 6)
  }

  function receive(content: RecordContent, startedAt: Moment, known?: Snapshot): Snapshot {
    addSecrets(content.state)
    const isOwn = writeState(content.epoch, content.state).data === written
    // The process may have been suspended during the call of the store, so the token may be newer than its start.
    const now = momentOf(clock)
    const times = { asOf: startedAt.steady, until: now.steady, confirmed: startedAt, seenAt: now.steady }
    return reconcile({ ...content, ...times, isOwn }, known, store.scope, now)
  }

  async function readStored(known?: Snapshot): Promise<Snapshot> {
    const startedAt = momentOf(clock)
    return receive(readRecord(await callStore((key) => store.read(key)), secrets), startedAt, known)
  }

  async function writeStored(
    over: Snapshot,
    state: SessionState,
    epoch = over.epoch,
    lease?: Lease,
  ): Promise<Snapshot | undefined> {
    const startedAt = momentOf(clock)
    const record = writeState(epoch, state)
    written = record.data
    addSecrets(state)
    const isWritten = await callStore((key) => store.compareAndSet(key, record, over.rev, lease?.holder))
    if (!isWritten) return undefined
    if (lease) lease.holder = undefined
    return receive({ rev: Math.max(over.rev, 0) + 1, epoch, state }, startedAt, over)
  }

  function restore(lost: Snapshot): Promise<Snapshot> {
    let current = lost
    return retryConflicts(async () => {
      if (current.missing !== 'write') return current
      const restored = await writeStored(current, current.state)
      if (!restored) current = await readStored(current)
      return restored
    })
  }

  return {
    restore,
    read: async (known) => restore(await readStored(known)),
    write: async (over, state) => (over.missing === 'keep' ? { ...over, state } : writeStored(over, state)),
    async commit(parent, token, lease) {
      const state = nextState(parent, token)
      const { missing, unreadable } = parent
      // An unreadable record is replaced only now and then.
      const staysInMemory = unreadable
        ? unreadable.isNewer || !mayReplace(store, await keyOf())
        : missing === 'keep'
      if (staysInMemory) return inMemory(parent, state)
      let current = parent
      return retryConflicts(async () => {
        const snapshot = await writeStored(current, state, parent.epoch, lease)
        if (snapshot) return snapshot
        current = await readStored()
        // An earlier write may have succeeded although the store reported an error.
        if (isSamePair(current.state.token, token)) return current
        if (current.unreadable) return inMemory(current, state)
        // A revision of 0 means that the store was emptied, so the write replaces nothing.
        const isAllowed = current.rev === 0 || isSameToken(current, parent) || isOlder(current, parent)
        const isOver = !isAllowed || current.state.status === 'signed_out'
        return isOver ? current : undefined
      })
    },
    startEpoch: (known, next) =>
      retryConflicts(async () => {
        const current = await readStored(known)
        const state = next(current)
        if (!state) return current
        // The clock may be the application's.
        const now = Math.floor(clock.local()) || 0
        return writeStored(current, state, Math.max(current.epoch + 1, now))
      }),
    async lease(owner, duration, known) {
      let since = momentOf(clock)
      const take = async () => {
        since = momentOf(clock)
        const taken = await callStore((key) => store.lease(key, owner, duration))
        lease.holder = taken && { owner, fence: taken.fence }
        return taken
      }
      const lease: Lease = {
        holder: undefined,
        // Either clock may stop while a machine sleeps.
        remaining: () => duration - timeBetween(since, momentOf(clock)),
        extend: () => take().then(Boolean, () => false),
        async release() {
          const { holder } = lease
          lease.holder = undefined
          if (holder) await callStore((key) => store.release(key, owner, holder.fence)).catch(() => undefined)
        },
      }
      const taken = await take()
      return taken && { lease, snapshot: receive(readRecord(taken.record, secrets), since, known) }
    },
    isOwnerGone: (owner) => callStore(async () => store.isOwnerGone?.(owner)).then(Boolean, () => false),
    isWatching: () => watchedKey !== undefined && (store.isWatching?.(watchedKey) ?? false),
    watch(changed) {
      // If the store cannot watch, the session still reads the record every few seconds.
      const watching = keyOf()
        .then((key) => {
          const stop = store.watch?.(key, changed)
          if (stop) watchedKey = key
          return stop
        })
        .catch(() => undefined)
      return () => void watching.then((stop) => stop?.()).catch(() => undefined)
    },
  }
}

function toStoreFailed(error: unknown, secrets: readonly string[]): PDSError {
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
