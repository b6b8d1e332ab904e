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
  readonly #store: Required<Store>

  constructor(clockwork: Clockwork) {
    this.#clockwork = clockwork
    this.#store = memoryStore({ clock: () => clockwork.now }) as Required<Store>
  }

  get info(): TokenInfo | undefined {
    return this.state.token?.info
  }

  /** Returns the store for one process. */
  open(owner: () => Actor, onChange: ChangeListener): Store {
    const [clockwork, store] = [this.#clockwork, this.#store]
    const actor = () => clockwork.running
    const use = <T>(kind: Kind, execute: () => Promise<T>, secret = '') =>
      new Promise<T>((deliver, reject) => {
        const fail = leaking(secret, reject)
        clockwork.add({ actor: actor(), kind, execute, deliver: deliver as () => void, fail })
      })
    return {
      scope: 'process',
      read: (key) => use('read', () => store.read(key)),
      compareAndSet: (key, record, rev) => {
        const calledAt = clockwork.now
        const write = async () => {
          const isWritten = await store.compareAndSet(key, record, rev)
          if (isWritten) this.#observe(record, calledAt)
          return isWritten
        }
        return use('compareAndSet', write, record.data)
      },
      lease: (key, owner, time) => use('lease', () => store.lease(key, owner, time)),
      release: (key, owner, fence) => use('release', () => store.release(key, owner, fence)),
      watch: (key, changed) => {
        // Not `clockwork.running`, because a session may start to watch before its first turn.
        const watcher = owner()
        const deliver = () => {
          onChange(this.storedOnce, this.info?.access_token)
          changed()
        }
        const notification = {
          actor: watcher,
          kind: 'notification',
          execute: () => true,
          deliver,
          fail: () => undefined,
        } as const
        return store.watch(key, () => {
          if (watcher.state !== 'killed') clockwork.add(notification)
        })
      },
    }
  }

  #observe({ data }: StoreRecord, calledAt: number): void {
    const { state: previous } = this
    const now = startTime + this.#clockwork.now
    this.state = JSON.parse(data) as State
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
