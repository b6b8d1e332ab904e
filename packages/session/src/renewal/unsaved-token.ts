import type { PDSError } from '@pds/core'
import type { Lease } from '../record/lease.ts'
import type { SessionRecord } from '../record/session-record.ts'
import type { SessionToken, Snapshot } from '../record/session-state.ts'
import { startTimer } from './pause.ts'
import type { UnsavedWrite } from './renewal-context.ts'

// The pause between two attempts to write the token, in milliseconds.
const minPause = 50
const maxPause = 5000
// Shorter pauses keep the process alive although it has nothing else to do. In milliseconds.
const maxProcessHold = 1000
// The number of attempts after the session was closed.
const attemptsAfterClose = 10

/**
 * A token that the store failed to write. Attempts to write it continue until one succeeds. Each attempt extends the
 * lease, so that other processes do not spend the old refresh token.
 */
export class UnsavedToken {
  readonly parent: Snapshot
  readonly token: SessionToken
  readonly #record: SessionRecord
  readonly #lease: Lease | undefined
  readonly #onSaved: (snapshot: Snapshot, isWritten: boolean) => void
  readonly #maxPause: number
  #pause = minPause
  #attemptsLeft = Number.POSITIVE_INFINITY
  #clearTimer: () => void = () => undefined
  #saving: Promise<PDSError | undefined> | undefined
  #isDropped = false

  /** `leaseTime` is the duration of the lease, in milliseconds. The lease is extended before it expires. */
  constructor(
    record: SessionRecord,
    { parent, token, lease }: UnsavedWrite,
    leaseTime: number,
    onSaved: (snapshot: Snapshot, isWritten: boolean) => void,
  ) {
    this.#record = record
    this.parent = parent
    this.token = token
    this.#lease = lease
    this.#maxPause = Math.min(maxPause, leaseTime / 3)
    this.#onSaved = onSaved
    this.#saveLater()
  }

  /** Writes the token now. Returns the store's error, or undefined if this token or a newer state is stored. */
  save(): Promise<PDSError | undefined> {
    this.#saving ??= this.#save().finally(() => {
      this.#saving = undefined
    })
    return this.#saving
  }

  /** Stops the attempts and releases the lease. */
  drop(): void {
    this.#isDropped = true
    this.#clearTimer()
    void this.#lease?.release()
  }

  /** Limits the remaining attempts, because the session was closed. */
  finish(): void {
    this.#attemptsLeft = attemptsAfterClose
  }

  async #save(): Promise<PDSError | undefined> {
    this.#clearTimer()
    try {
      // The lease is optional here: the spent token pair decides who may write.
      await this.#lease?.extend().catch(() => false)
      const { snapshot, isWritten } = await this.#record.commit(this.parent, this.token, this.#lease)
      if (this.#isDropped) return undefined
      this.drop()
      this.#onSaved(snapshot, isWritten)
      return undefined
    } catch (error) {
      if (this.#isDropped) return undefined
      if (--this.#attemptsLeft > 0) this.#saveLater()
      else this.drop()
      return error as PDSError
    }
  }

  #saveLater(): void {
    this.#clearTimer = startTimer(this.#pause, () => void this.save(), this.#pause < maxProcessHold)
    this.#pause = Math.min(this.#pause * 2, this.#maxPause)
  }
}
