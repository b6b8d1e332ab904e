import { callerError, isPDSError, PDSError } from '@pds/core'
import {
  isSameToken,
  type KeptToken,
  readState,
  type SessionState,
  type Snapshot,
  writeState,
} from './session-state.ts'
import type { Store } from './store.ts'

/** A key that is lent to this session, and for how long. */
export interface Lease {
  /** What is left of it, in milliseconds; negative once it is over. */
  left(): number
  /** Takes it anew for the whole time. Gives false where another one has it by now. */
  extend(): Promise<boolean>
  /** Gives it back. A store that fails over this holds nobody up: the lease ends by itself. */
  release(): Promise<void>
}

/** The record of one session in its store. Whatever the store rejects with becomes a `PDSError` `StoreFailed`. */
export class SessionRecord {
  readonly #store: Store
  readonly #key: () => Promise<string>
  readonly #clock: () => number

  /** The clock is the local one, in milliseconds. */
  constructor(store: Store, key: () => Promise<string>, clock: () => number) {
    this.#store = store
    this.#key = key
    this.#clock = clock
  }

  async read(): Promise<Snapshot> {
    const asOf = performance.now()
    return readState(await this.#use((key) => this.#store.read(key)), asOf)
  }

  /** Writes a state over the snapshot that it follows from. Gives undefined where another one was written meanwhile. */
  async write(
    over: Snapshot,
    state: SessionState,
    epoch: number = over.epoch,
  ): Promise<Snapshot | undefined> {
    const written = await this.#use((key) => this.#store.cas(key, writeState(epoch, state), over.rev), state)
    return written ? { rev: over.rev + 1, epoch, state, asOf: performance.now() } : undefined
  }

  /**
   * Writes the token that was got for the one of `parent`, where that is still the stored one of the same sign-in: the
   * lease is not asked for, since a late holder may own the only token that lives. Gives the snapshot that stands in
   * the store then, and whether it is this one.
   */
  async commit(parent: Snapshot, token: KeptToken): Promise<{ isWritten: boolean; snapshot: Snapshot }> {
    let current = parent
    for (;;) {
      const { seed } = current.state
      const state: SessionState = { status: 'ok', token, ...(seed !== undefined && { seed }) }
      const snapshot = await this.write(current, state)
      if (snapshot) return { isWritten: true, snapshot }
      current = await this.read()
      // The write that a store failed over may have been done.
      if (current.state.token?.info.access_token === token.info.access_token) {
        return { isWritten: true, snapshot: current }
      }
      if (!isSameToken(current, parent) || current.state.status === 'signed_out') {
        return { isWritten: false, snapshot: current }
      }
    }
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
    return {
      left() {
        const now = read()
        return time - Math.max(now.wall - since.wall, now.steady - since.steady)
      },
      extend: take,
      release: async () => {
        if (fence === undefined) return
        const held = fence
        await this.#use((key) => this.#store.release(key, owner, held)).catch(() => undefined)
      },
    }
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

  async #use<T>(ask: (key: string) => Promise<T>, secret?: SessionState): Promise<T> {
    try {
      return await ask(await this.#key())
    } catch (error) {
      if (isPDSError(error)) throw error
      const { access_token = '', refresh_token = '' } = secret?.token?.info ?? {}
      const cause = callerError(error, [access_token, refresh_token])
      throw new PDSError('the store of the session failed, see cause', {
        code: 'StoreFailed',
        outcome: 'not-sent',
        cause,
      })
    }
  }
}
