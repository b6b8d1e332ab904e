import { memoryStore, type Store, type StoreRecord } from '@pds/session'
import type { TokenInfo } from '@pds/types'
import type { Actor, Clockwork, Kind } from './clockwork.test-helper.ts'
import { telling } from './failures.test-helper.ts'

/** What a process is told when the record has changed. */
export type Told = (storedOnce: ReadonlySet<string>, current: string | undefined) => void

interface State {
  readonly status: string
  readonly cause?: string
  readonly suspectUntil?: number
  readonly token?: { readonly info: TokenInfo }
}

export const startTime: number = Date.parse('2026-01-02T03:04:05Z')
const suspectTime = 45_000

/** The record that the processes share, in a store whose operations wait for the clockwork. */
export class SharedRecord {
  state: State = { status: 'new' }
  /** Every access and refresh token that it ever held. */
  readonly storedOnce: Set<string> = new Set()
  /** The refresh tokens over which a login was required, and why. */
  readonly logins: { refresh_token: string | undefined; cause: string | undefined }[] = []
  /** How often a refresh token counted as lost before who may have spent it had the time to say so. */
  hasty = 0
  readonly #clockwork: Clockwork
  readonly #store: Required<Store>

  constructor(clockwork: Clockwork) {
    this.#clockwork = clockwork
    this.#store = memoryStore({ clock: () => clockwork.now }) as Required<Store>
  }

  get info(): TokenInfo | undefined {
    return this.state.token?.info
  }

  /** The store as a process sees it, which is told of changes. */
  open(owner: () => Actor, told: Told): Store {
    const [clockwork, store] = [this.#clockwork, this.#store]
    const actor = () => clockwork.running
    const use = <T>(kind: Kind, carryOut: () => Promise<T>, secret = '') =>
      new Promise<T>((deliver, reject) => {
        const fail = telling(secret, reject)
        clockwork.begin({ actor: actor(), kind, carryOut, deliver: deliver as () => void, fail })
      })
    return {
      scope: 'process',
      read: (key) => use('read', () => store.read(key)),
      compareAndSet: (key, record, rev) => {
        const askedAt = clockwork.now
        const write = async () => {
          const isWritten = await store.compareAndSet(key, record, rev)
          if (isWritten) this.#learn(record, askedAt)
          return isWritten
        }
        return use('compareAndSet', write, record.data)
      },
      lease: (key, owner, time) => use('lease', () => store.lease(key, owner, time)),
      release: (key, owner, fence) => use('release', () => store.release(key, owner, fence)),
      watch: (key, changed) => {
        // It may begin before the first turn.
        const watcher = owner()
        const deliver = () => {
          told(this.storedOnce, this.info?.access_token)
          changed()
        }
        const hint = {
          actor: watcher,
          kind: 'hint',
          carryOut: () => true,
          deliver,
          fail: () => undefined,
        } as const
        return store.watch(key, () => {
          if (watcher.state !== 'killed') clockwork.begin(hint)
        })
      },
    }
  }

  #learn({ data }: StoreRecord, askedAt: number): void {
    const { state: was } = this
    const now = startTime + this.#clockwork.now
    this.state = JSON.parse(data) as State
    const { status, cause, suspectUntil = 0 } = this.state
    const { access_token, refresh_token } = this.info ?? {}
    this.#clockwork.log.push(`  the record is ${status} ${cause ?? ''} ${access_token ?? ''}`)
    for (const token of [access_token, refresh_token]) if (token) this.storedOnce.add(token)
    if (status === 'suspect' && suspectUntil < startTime + askedAt + suspectTime) this.hasty++
    if (status !== 'login_required' || was.status === status) return
    this.logins.push({ refresh_token, cause })
    const isTime = was.status === 'suspect' && now >= (was.suspectUntil ?? 0)
    if (cause === 'lost_response' && !isTime) this.hasty++
  }
}
