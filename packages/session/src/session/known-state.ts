import type { PDSError } from '@pds/core'
import { isSameToken, type LoginRequiredCause, type Snapshot } from '../record/session-state.ts'
import { emitChanges, SessionListeners } from './session-events.ts'
import { createStatus, type SessionStatus, unknownStatus } from './session-status.ts'

/** What a session object knows: the last snapshot of its record, the last failure, and the status that follows. */
export class KnownState {
  readonly listeners: SessionListeners = new SessionListeners()
  #snapshot: Snapshot | undefined
  #failure: PDSError | undefined
  /** A login that no stored record requires. */
  #loginCause: LoginRequiredCause | undefined
  /** The revision whose unreadable record was reported. */
  #reportedRev: number | undefined
  /** The last computed status. */
  #status: SessionStatus = unknownStatus
  readonly #canObtain: boolean

  constructor(canObtain: boolean) {
    this.#canObtain = canObtain
  }

  get snapshot(): Snapshot | undefined {
    return this.#snapshot
  }

  /** The status, computed on demand. It is the same object until it changes. */
  get status(): SessionStatus {
    const status = createStatus(this.#snapshot, this.#canObtain, this.#failure, this.#loginCause)
    if (JSON.stringify(status) !== JSON.stringify(this.#status)) this.#status = status
    return this.#status
  }

  /** Sets the snapshot. Emits the events that follow, if the change `isNews`. `by` says which session wrote it. */
  set(snapshot: Snapshot, by: 'this' | 'another', isNews: boolean): void {
    const previous = this.#snapshot
    this.#snapshot = snapshot
    if (previous?.rev !== snapshot.rev) this.#loginCause = undefined
    if (!previous || !isSameToken(previous, snapshot)) this.#failure = undefined
    const { unreadable, rev } = snapshot
    if (unreadable && this.#reportedRev !== rev) {
      this.#reportedRev = rev
      this.report(unreadable.error)
    }
    if (isNews) emitChanges(this.listeners, previous?.state, snapshot.state, by)
    this.#update()
  }

  /** Notes that the store was found to have the snapshot at this moment, by `performance.now` and the local clock. */
  confirm(steady: number, wall: number): void {
    if (this.#snapshot) {
      this.#snapshot = { ...this.#snapshot, asOf: steady, until: steady, confirmed: { wall, steady } }
    }
  }

  /** Emits an `error` event. */
  report(error: PDSError): void {
    this.listeners.emit('error', { error })
  }

  /** Sets the failure of the last renewal. Another token removes it. */
  setFailure(error: PDSError): void {
    this.#failure = error
    this.#update()
  }

  /** Emits `login_required` once for a login that no stored record requires. */
  announce(error: PDSError, cause: LoginRequiredCause): void {
    if (this.#loginCause !== undefined) return
    this.#loginCause = cause
    this.listeners.emit('login_required', { by: 'this', error })
    this.#update()
  }

  #update(): void {
    if (!this.listeners.has('changed')) return
    const before = this.#status
    const { status } = this
    if (status !== before) this.listeners.emit('changed', status)
  }
}
