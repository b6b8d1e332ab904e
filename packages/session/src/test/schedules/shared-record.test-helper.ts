import { memoryStore, type Store, type StoreRecord } from '@pds/session'
import type { TokenInfo } from '@pds/types'
import type { Actor, Clockwork, Kind } from './clockwork.test-helper.ts'
import { leaking } from './failures.test-helper.ts'

/** Called in a process when the store notifies it of a change. */
export type ChangeListener = (storedOnce: ReadonlySet<string>, current: string | undefined) => void

interface State {
  readonly status: string
  readonly cause?: string
  readonly suspectUntil?: number
  readonly token?: { readonly info: TokenInfo }
}

export const startTime: number = Date.parse('2026-01-02T03:04:05Z')
const suspectTime = 45_000

/** The record that the processes share, in a memory store whose operations wait for the clockwork. */
export class SharedRecord {
  state: State = { status: 'new' }
  /** Every access and refresh token that the record ever held. */
  readonly storedOnce: Set<string> = new Set()
  /** The changes to `login_required`, with the refresh token that the record held. */
  readonly requiredLogins: { refresh_token: string | undefined; cause: string | undefined }[] = []
  /** How often a refresh token counted as lost before `suspectTime` was over. */
  prematureLosses = 0
  readonly #clockwork: Clockwork
  readonly #watchers: Set<() => void> = new Set()
  #store: Store
  /** The writes since the store was empty. */
  #writes: StoreRecord[] = []
  #key = ''

  constructor(clockwork: Clockwork) {
    this.#clockwork = clockwork
    this.#store = this.#openStore()
  }

  get epoch(): number {
    return this.#writes.at(-1)?.epoch ?? 0
  }

  get info(): TokenInfo | undefined {
    return this.state.token?.info
  }

  /** Returns the store for one process. */
  open(owner: () => Actor, onChange: ChangeListener, isWatching: boolean): Store {
    const clockwork = this.#clockwork
    const actor = () => clockwork.running
    const use = <T>(kind: Kind, execute: () => Promise<T>, secret = '') =>
      new Promise<T>((deliver, reject) => {
        const fail = leaking(secret, reject)
        clockwork.add({ actor: actor(), kind, execute, deliver: deliver as () => void, fail })
      })
    let notifications = 0
    return {
      scope: 'process',
      read: (key) => use('read', () => this.#store.read(key)),
      compareAndSet: (key, record, rev, release) => {
        const calledAt = clockwork.now
        const write = async () => {
          const isWritten = await this.#store.compareAndSet(key, record, rev, release)
          if (isWritten) this.#observe(key, record, calledAt)
          return isWritten
        }
        return use('compareAndSet', write, record.data)
      },
      lease: (key, owner, time) => use('lease', () => this.#store.lease(key, owner, time)),
      release: (key, owner, fence) => use('release', () => this.#store.release(key, owner, fence)),
      watch: (_key, changed) => {
        // Not `clockwork.running`, because a session may start to watch before its first turn.
        const watcher = owner()
        const deliver = () => {
          notifications--
          onChange(this.storedOnce, this.info?.access_token)
          changed()
        }
        const notification = {
          actor: watcher,
          kind: 'notification',
          execute: () => true,
          deliver,
          // The store cannot tell any more that this process knows all changes.
          fail: () => undefined,
        } as const
        const notify = () => {
          if (watcher.state === 'killed') return
          notifications++
          clockwork.add(notification)
        }
        this.#watchers.add(notify)
        return () => this.#watchers.delete(notify)
      },
      ...(isWatching && { isWatching: () => notifications === 0 }),
    }
  }

  /** Returns to the state before the last write, without a notification, as after a failover. */
  loseLastWrite(): void {
    this.#clockwork.log.push('the store loses its last write')
    this.#restore(this.#writes.slice(0, -1))
  }

  /** Removes all records and leases, without a notification. */
  empty(): void {
    this.#clockwork.log.push('the store is emptied')
    this.#restore([])
  }

  #openStore(): Store {
    return memoryStore({ clock: () => this.#clockwork.now })
  }

  #restore(writes: StoreRecord[]): void {
    this.#writes = writes
    this.#store = this.#openStore()
    // A memory store writes before it returns its promise.
    for (const [rev, record] of writes.entries()) void this.#store.compareAndSet(this.#key, record, rev)
    this.state = parseState(writes.at(-1))
  }

  #observe(key: string, record: StoreRecord, calledAt: number): void {
    this.#key = key
    this.#writes.push(record)
    for (const notify of this.#watchers) queueMicrotask(notify)
    const { state: previous } = this
    const now = startTime + this.#clockwork.now
    this.state = parseState(record)
    const { status, cause, suspectUntil = 0 } = this.state
    const { access_token, refresh_token } = this.info ?? {}
    this.#clockwork.log.push(`  the record is ${status} ${cause ?? ''} ${access_token ?? ''}`)
    for (const token of [access_token, refresh_token]) if (token) this.storedOnce.add(token)
    if (status === 'suspect' && suspectUntil < startTime + calledAt + suspectTime) this.prematureLosses++
    if (status !== 'login_required' || previous.status === status) return
    this.requiredLogins.push({ refresh_token, cause })
    const isTime = previous.status === 'suspect' && now >= (previous.suspectUntil ?? 0)
    if (cause === 'lost_response' && !isTime) this.prematureLosses++
  }
}

function parseState(record: StoreRecord | undefined): State {
  return record ? (JSON.parse(record.data) as State) : { status: 'new' }
}
