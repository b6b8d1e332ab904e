import type { PDSError } from '@pds/core'
import type { Lease, SessionRecord } from '../record/session-record.ts'
import type { SessionToken, Snapshot } from '../record/session-state.ts'
import { later } from './pause.ts'

// Between two tries to store it. In milliseconds.
const minPause = 50
const maxPause = 5000
// A process does not end before these are over, although it has nothing else to do. In milliseconds.
const maxProcessHold = 1000
// After its session was closed.
const lastTries = 10

/**
 * A token that the store did not take. It is tried again until it does, and the lease is held meanwhile, so that nobody
 * spends the refresh token that this one was got for.
 */
export class UnsavedToken {
  readonly parent: Snapshot
  readonly token: SessionToken
  readonly #record: SessionRecord
  readonly #lease: Lease | undefined
  readonly #saved: (snapshot: Snapshot, isWritten: boolean) => void
  readonly #maxPause: number
  #pause = minPause
  #tries = Number.POSITIVE_INFINITY
  #endPause: () => void = () => undefined
  #saving: Promise<PDSError | undefined> | undefined
  #isOver = false

  /** `leaseTime` is that of the lease, in milliseconds: it is taken anew before it ends. */
  constructor(
    record: SessionRecord,
    parent: Snapshot,
    token: SessionToken,
    lease: Lease | undefined,
    leaseTime: number,
    saved: (snapshot: Snapshot, isWritten: boolean) => void,
  ) {
    this.#record = record
    this.parent = parent
    this.token = token
    this.#lease = lease
    this.#maxPause = Math.min(maxPause, leaseTime / 3)
    this.#saved = saved
    this.#saveLater()
  }

  /** Tries to store it now. Gives what the store fails with, undefined where it is stored or something else is. */
  save(): Promise<PDSError | undefined> {
    this.#saving ??= this.#save().finally(() => {
      this.#saving = undefined
    })
    return this.#saving
  }

  /** Gives up, since something else counts by now. */
  drop(): void {
    this.#isOver = true
    this.#endPause()
    void this.#lease?.release()
  }

  /** Goes on for a while. */
  finish(): void {
    this.#tries = lastTries
  }

  async #save(): Promise<PDSError | undefined> {
    this.#endPause()
    try {
      // As good as it goes: who has taken the lease meanwhile can do no more than lose against this token.
      await this.#lease?.extend().catch(() => false)
      const { snapshot, isWritten } = await this.#record.commit(this.parent, this.token)
      if (this.#isOver) return undefined
      this.drop()
      this.#saved(snapshot, isWritten)
      return undefined
    } catch (error) {
      if (this.#isOver) return undefined
      if (--this.#tries > 0) this.#saveLater()
      else this.drop()
      return error as PDSError
    }
  }

  #saveLater(): void {
    this.#endPause = later(this.#pause, () => void this.save(), this.#pause < maxProcessHold)
    this.#pause = Math.min(this.#pause * 2, this.#maxPause)
  }
}
