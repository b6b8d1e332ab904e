import { isPDSError, PDSError, sanitizeError, suspendAwareTimeout } from '@pds/core/internal'
import {
  isSameToken,
  readState,
  type SessionState,
  type SessionToken,
  type Snapshot,
  writeState,
} from './session-state.ts'
import type { Store } from './store.ts'

/** A key that is lent to this session, and for how long. */
export interface Lease {
  /** What is left of it, in milliseconds; negative once it is over. */
  remaining(): number
  /** Takes it anew for the whole time. Gives false where another one has it by now. */
  extend(): Promise<boolean>
  /** Gives it back. A store that fails over this holds nobody up: the lease ends by itself. */
  release(): Promise<void>
  /** Leaves it to somebody who goes on with it: `release` of this one does nothing then. */
  handOver(): Lease
}

// Who finds a record changed so often does not get on against a store that is wrong.
const maxAttempts = 100

/**
 * The record of one session in its store. Whatever the store rejects with becomes a `PDSError` `StoreFailed`, but for
 * `DecryptionFailed`; and so does what it does not answer in time.
 */
export class SessionRecord {
  readonly #store: Store
  readonly #key: () => Promise<string>
  readonly #clock: () => number
  readonly #timeout: number
  /** The tokens that were last read or written, which the errors of a store may repeat. */
  #secrets: string[] = []

  /** The clock is the local one, the time one for each call of the store; both are in milliseconds. */
  constructor(store: Store, key: () => Promise<string>, clock: () => number, timeout: number) {
    this.#store = store
    this.#key = key
    this.#clock = clock
    this.#timeout = timeout
  }

  async read(): Promise<Snapshot> {
    const asOf = performance.now()
    const snapshot = readState(await this.#use((key) => this.#store.read(key)), asOf)
    this.#hide(snapshot.state)
    return snapshot
  }

  /** Writes a state over the snapshot that it follows from. Gives undefined where another one was written meanwhile. */
  async write(
    over: Snapshot,
    state: SessionState,
    epoch: number = over.epoch,
  ): Promise<Snapshot | undefined> {
    this.#hide(state)
    const asOf = performance.now()
    const written = await this.#use((key) =>
      this.#store.compareAndSet(key, writeState(epoch, state), over.rev),
    )
    return written ? { rev: over.rev + 1, epoch, state, asOf, until: performance.now() } : undefined
  }

  /**
   * Writes the token that was got for the one of `parent`, where that is still the stored one of the same sign-in: the
   * lease is not asked for, since a late holder may own the only token that lives. Gives the snapshot that stands in
   * the store then, and whether it is this one.
   */
  async commit(parent: Snapshot, token: SessionToken): Promise<{ isWritten: boolean; snapshot: Snapshot }> {
    let current = parent
    for (let tries = 0; tries < maxAttempts; tries++) {
      const { seed } = current.state
      const state: SessionState = { status: 'ok', token, ...(seed !== undefined && { seed }) }
      const snapshot = await this.write(current, state)
      if (snapshot) return { isWritten: true, snapshot }
      current = await this.read()
      // The write that a store failed over may have been done.
      if (current.state.token?.info.access_token === token.info.access_token) {
        return { isWritten: true, snapshot: current }
      }
      // In a store that was emptied meanwhile, nothing else stands in its way.
      const isNext = current.rev === 0 || isSameToken(current, parent)
      if (!isNext || current.state.status === 'signed_out') return { isWritten: false, snapshot: current }
    }
    throw tooManyTries()
  }

  /** Writes what follows from the record as it is, in another epoch: nothing that is under way interferes with that. */
  async begin(
    next: (current: Snapshot) => SessionState | undefined,
  ): Promise<{ isWritten: boolean; snapshot: Snapshot }> {
    for (let tries = 0; tries < maxAttempts; tries++) {
      const current = await this.read()
      const state = next(current)
      if (!state) return { isWritten: false, snapshot: current }
      const snapshot = await this.write(current, state, current.epoch + 1)
      if (snapshot) return { isWritten: true, snapshot }
    }
    throw tooManyTries()
  }

  /** Takes the lease of the key for a time in milliseconds. Gives undefined where another owner has it. */
  async lease(owner: string, time: number): Promise<Lease | undefined> {
    // Counted from before it was asked for, by two clocks: one of them stands still while a machine sleeps.
    const clock = this.#clock
    const read = () => ({ wall: clock(), steady: performance.now() })
    let since = read()
    let fence: number | undefined
    const take = async () => {
      since = read()
      fence = await this.#use((key) => this.#store.lease(key, owner, time))
      return fence !== undefined
    }
    if (!(await take())) return undefined
    const remaining = () => {
      const now = read()
      return time - Math.max(now.wall - since.wall, now.steady - since.steady)
    }
    const release = async () => {
      if (fence === undefined) return
      const held = fence
      await this.#use((key) => this.#store.release(key, owner, held)).catch(() => undefined)
    }
    let isHandedOver = false
    const lease: Lease = {
      remaining,
      extend: take,
      release: async () => {
        if (!isHandedOver) await release()
      },
      handOver() {
        isHandedOver = true
        return { ...lease, release }
      },
    }
    return lease
  }

  /** Calls a function at a hint that the record has changed. Gives what ends that. */
  watch(changed: () => void): () => void {
    const { watch } = this.#store
    if (!watch) return () => undefined
    let isOver = false
    let end = () => {
      isOver = true
    }
    const begin = async () => {
      const key = await this.#key()
      // A store that cannot tell is asked more often.
      if (!isOver) end = watch.call(this.#store, key, changed)
    }
    begin().catch(() => undefined)
    return () => end()
  }

  #hide({ token }: SessionState): void {
    const { access_token = '', refresh_token = '' } = token?.info ?? {}
    // Those before them may still stand in an error. Each of them once, however often it is read.
    this.#secrets = [...new Set([access_token, refresh_token, ...this.#secrets])].slice(0, 6)
  }

  async #use<T>(ask: (key: string) => Promise<T>): Promise<T> {
    const timeout = this.#timeout
    let end = () => {}
    const timedOut = new Promise<never>((_resolve, reject) => {
      end = suspendAwareTimeout(timeout, () => reject(new Error(`no response within ${timeout} ms`)))
    })
    try {
      return await Promise.race([this.#key().then(ask), timedOut])
    } catch (error) {
      if (isPDSError(error) && ['StoreFailed', 'DecryptionFailed'].includes(error.code)) throw error
      throw storeFailed(isPDSError(error) ? error : sanitizeError(error, this.#secrets))
    } finally {
      end()
    }
  }
}

function storeFailed(cause: Error): PDSError {
  return new PDSError('the store of the session failed, see cause', {
    code: 'StoreFailed',
    outcome: 'not-sent',
    cause,
  })
}

function tooManyTries(): PDSError {
  return storeFailed(new Error(`the record was changed by others ${maxAttempts} times in a row`))
}
