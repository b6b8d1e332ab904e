import type { CommitResult, SessionRecord } from '../record/session-record.ts'
import { isSameToken, type Snapshot } from '../record/session-state.ts'
import type { UnsavedWrite } from '../renewal/renewal-context.ts'
import { UnsavedToken } from '../renewal/unsaved-token.ts'
import { KnownState } from './known-state.ts'
import type { SessionClock } from './session-clock.ts'

// How long a record is used without reading a store that does not report its changes, in milliseconds.
const maxAge = 5000

/** What a session object needs from its cache besides the record. */
interface RecordCacheOptions {
  readonly record: SessionRecord
  readonly clock: SessionClock
  readonly canObtain: boolean
  /** The duration of a lease, in milliseconds. */
  readonly leaseTime: number
  /** Called when the store or the page says that the record may have changed. */
  readonly onChange: () => void
  /** Called after each new snapshot, with the one before. */
  readonly onNote: (snapshot: Snapshot, previous: Snapshot | undefined) => void
  /** Called when a token can no longer be stored, because the user has signed out. */
  readonly onUnused: (unsaved: UnsavedToken) => void
}

/** Holds the last known snapshot of a session's record, and reads the record again when it may have changed. */
export class RecordCache {
  readonly known: KnownState
  readonly #options: RecordCacheOptions
  #unsaved: UnsavedToken | undefined
  #reading: Promise<void> | undefined
  #stopWatch: (() => void) | undefined
  /** When the store last reported a change, by `performance.now`. */
  #changedAt = Number.NEGATIVE_INFINITY
  #readTimer: ReturnType<typeof setTimeout> | undefined
  #isClosed = false

  constructor(options: RecordCacheOptions) {
    this.#options = options
    this.known = new KnownState(options.canObtain)
  }

  get snapshot(): Snapshot | undefined {
    return this.known.snapshot
  }

  /** The token that the store failed to write. */
  get unsaved(): UnsavedToken | undefined {
    return this.#unsaved
  }

  /** The snapshot for the comparison with a stored one. A token that is not stored yet is compared by its parent. */
  get comparable(): Snapshot | undefined {
    return this.#unsaved ? undefined : this.snapshot
  }

  /** Returns the snapshot if the store need not be read for it. `now` is the time of `performance.now`. */
  currentAt(now: number): Snapshot | undefined {
    const { snapshot } = this.known
    if (!snapshot || snapshot.asOf <= this.#changedAt) return undefined
    if (now - snapshot.asOf <= maxAge) return snapshot
    const { record, clock } = this.#options
    // May report a change before it returns.
    if (!record.isWatching() || snapshot.asOf <= this.#changedAt) return undefined
    this.known.confirm(now, clock.local())
    return this.snapshot
  }

  /** Reads the record. Concurrent callers share one read. Throws `StoreFailed`. */
  read(): Promise<void> {
    if (this.#reading) return this.#reading
    const reading = this.#read().finally(() => {
      if (this.#reading === reading) this.#reading = undefined
    })
    this.#reading = reading
    return reading
  }

  /** Takes note of a snapshot, and emits the events that follow. `by` says which session wrote it. */
  note(snapshot: Snapshot, by: 'this' | 'another'): void {
    const previous = this.snapshot
    // The store still holds the token pair that was spent for the unsaved token.
    if (this.#unsaved && isSameToken(snapshot, this.#unsaved.parent)) return
    if (previous && snapshot.rev < previous.rev && snapshot.asOf <= previous.until) return
    // The first state that is read from the store causes no events, unless the store has reported a change. An intent
    // alone is no change.
    const isChanged = this.#changedAt > Number.NEGATIVE_INFINITY && !snapshot.state.intent
    const author = snapshot.isOwn ? 'this' : by
    this.known.set(snapshot, author, previous !== undefined || author === 'this' || isChanged)
    this.#options.onNote(snapshot, previous)
  }

  /** Takes note of the result of a write. */
  noteResult({ snapshot, isWritten }: CommitResult): void {
    this.note(snapshot, isWritten ? 'this' : 'another')
  }

  /** Takes note of a token that the store failed to write. It is written as soon as the store works again. */
  noteUnsaved(snapshot: Snapshot, unsaved: UnsavedWrite): void {
    this.note(snapshot, 'this')
    this.dropUnsaved()
    const { record, leaseTime, onUnused } = this.#options
    const kept = new UnsavedToken(record, unsaved, leaseTime, (saved, isWritten) => {
      this.#unsaved = undefined
      this.note(saved, isWritten ? 'this' : 'another')
      if (!isWritten && saved.state.status === 'signed_out') onUnused(kept)
    })
    this.#unsaved = kept
    if (this.#isClosed) kept.finish()
  }

  dropUnsaved(): void {
    this.#unsaved?.drop()
    this.#unsaved = undefined
  }

  /** Watches the record, if the store can. */
  watch(): void {
    if (!this.#isClosed) this.#stopWatch ??= this.#options.record.watch(() => this.expire())
  }

  /** Makes the next caller read the record. Reads it now if there are listeners, because no caller may come. */
  expire(): void {
    this.#changedAt = performance.now()
    // A read that started before the change may miss it.
    this.#reading = undefined
    this.#options.onChange()
    if (this.#isClosed || this.known.listeners.isEmpty()) return
    // The timer makes one read of several changes.
    this.#readTimer ??= setTimeout(() => {
      this.#readTimer = undefined
      // The next caller gets the error of the store.
      this.read().catch(() => undefined)
    }, 0)
  }

  close(): void {
    this.#isClosed = true
    this.#stopWatch?.()
    clearTimeout(this.#readTimer)
    this.#unsaved?.finish()
    this.known.listeners.clear()
  }

  async #read(): Promise<void> {
    const { record } = this.#options
    this.note(await record.read(this.comparable), 'another')
  }
}
