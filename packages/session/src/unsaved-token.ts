import type { PDSError } from '@pds/core'
import { later } from './pause.ts'
import type { Lease, SessionRecord } from './session-record.ts'
import type { KeptToken, Snapshot } from './session-state.ts'

// Between two tries to store it. In milliseconds.
const shortestPause = 50
const longestPause = 5000

/**
 * A token that the store did not take. It is tried again until it does, and the lease is held meanwhile, so that nobody
 * spends the refresh token that this one was got for.
 */
export class UnsavedToken {
  readonly parent: Snapshot
  readonly token: KeptToken
  readonly #record: SessionRecord
  readonly #lease: Lease | undefined
  readonly #saved: (snapshot: Snapshot, isWritten: boolean) => void
  #pause = shortestPause
  #endPause: () => void = () => undefined
  #saving: Promise<PDSError | undefined> | undefined
  #isOver = false

  constructor(
    record: SessionRecord,
    parent: Snapshot,
    token: KeptToken,
    lease: Lease | undefined,
    saved: (snapshot: Snapshot, isWritten: boolean) => void,
  ) {
    this.#record = record
    this.parent = parent
    this.token = token
    this.#lease = lease
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
      this.#saveLater()
      return error as PDSError
    }
  }

  #saveLater(): void {
    this.#endPause = later(this.#pause, () => void this.save())
    this.#pause = Math.min(this.#pause * 2, longestPause)
  }
}
