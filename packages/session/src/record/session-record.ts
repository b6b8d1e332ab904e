import { isPDSError, PDSError, sanitizeError, suspendAwareTimeout } from '@pds/core/internal'
import { type Lease, takeLease } from './lease.ts'
import {
  isSameToken,
  readState,
  type SessionState,
  type SessionToken,
  type Snapshot,
  writeState,
} from './session-state.ts'
import type { Store } from './store.ts'

// So many compare-and-set conflicts in a row mean that the store does not work.
const maxAttempts = 100

/**
 * Reads and writes the record of one session.
 *
 * Each method throws a `PDSError` with code `StoreFailed` if the store fails or does not respond in time. It throws a
 * `DecryptionFailed` of the store unchanged.
 */
export class SessionRecord {
  readonly #store: Store
  readonly #key: () => Promise<string>
  readonly #clock: () => number
  readonly #timeout: number
  /** The tokens that were last read or written. An error of the store may contain them. */
  #secrets: string[] = []

  /** `clock` is the local clock. `timeout` limits each call of the store. Both are in milliseconds. */
  constructor(store: Store, key: () => Promise<string>, clock: () => number, timeout: number) {
    this.#store = store
    this.#key = key
    this.#clock = clock
    this.#timeout = timeout
  }

  async read(): Promise<Snapshot> {
    const asOf = performance.now()
    const snapshot = readState(await this.#callStore((key) => this.#store.read(key)), asOf)
    this.#addSecrets(snapshot.state)
    return snapshot
  }

  /** Writes a state if the stored record still is `over`. Returns undefined if the record has changed since. */
  async write(
    over: Snapshot,
    state: SessionState,
    epoch: number = over.epoch,
  ): Promise<Snapshot | undefined> {
    this.#addSecrets(state)
    const asOf = performance.now()
    const written = await this.#callStore((key) =>
      this.#store.compareAndSet(key, writeState(epoch, state), over.rev),
    )
    return written ? { rev: over.rev + 1, epoch, state, asOf, until: performance.now() } : undefined
  }

  /**
   * Writes the token that replaces the token pair of `parent`, if that pair is still the stored one and the epoch is
   * unchanged.
   *
   * This comparison decides who may write. The lease does not matter here: a process whose lease has expired may hold
   * the only valid token.
   *
   * @returns The snapshot that is stored now, and whether it contains `token`.
   */
  async commit(parent: Snapshot, token: SessionToken): Promise<{ isWritten: boolean; snapshot: Snapshot }> {
    let current = parent
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const { seed } = current.state
      const state: SessionState = { status: 'ok', token, ...(seed !== undefined && { seed }) }
      const snapshot = await this.write(current, state)
      if (snapshot) return { isWritten: true, snapshot }
      current = await this.read()
      // An earlier write may have succeeded although the store reported an error.
      if (current.state.token?.info.access_token === token.info.access_token) {
        return { isWritten: true, snapshot: current }
      }
      // A revision of 0 means that the store was emptied, so the write replaces nothing.
      const isAllowed = current.rev === 0 || isSameToken(current, parent)
      if (!isAllowed || current.state.status === 'signed_out') return { isWritten: false, snapshot: current }
    }
    throw tooManyConflicts()
  }

  /**
   * Writes the state that `next` derives from the stored record, in a new epoch, so that no refresh that is under way
   * can overwrite it. Writes nothing if `next` returns undefined.
   */
  async startEpoch(
    next: (current: Snapshot) => SessionState | undefined,
  ): Promise<{ isWritten: boolean; snapshot: Snapshot }> {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const current = await this.read()
      const state = next(current)
      if (!state) return { isWritten: false, snapshot: current }
      const snapshot = await this.write(current, state, current.epoch + 1)
      if (snapshot) return { isWritten: true, snapshot }
    }
    throw tooManyConflicts()
  }

  /** Takes the lease of the key for `duration` milliseconds. Returns undefined if another owner holds it. */
  lease(owner: string, duration: number): Promise<Lease | undefined> {
    return takeLease(duration, this.#clock, {
      take: () => this.#callStore((key) => this.#store.lease(key, owner, duration)),
      release: (fence) => this.#callStore((key) => this.#store.release(key, owner, fence)),
    })
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
      if (!isStopped) stop = watch.call(this.#store, key, changed)
    }
    // If the store cannot watch, the session still reads the record every few seconds.
    start().catch(() => undefined)
    return () => stop()
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
      if (isPDSError(error) && ['StoreFailed', 'DecryptionFailed'].includes(error.code)) throw error
      throw storeFailed(isPDSError(error) ? error : sanitizeError(error, this.#secrets))
    } finally {
      clearTimer()
    }
  }
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
