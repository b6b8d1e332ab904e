import { invalidParameter } from '@pds/core/internal'
import type { ITokenInfo } from '@pds/types'
import { authorizedFetch } from '../session/authorized-fetch.ts'
import type { Session } from '../session/session.ts'
import type { SessionEngine } from '../session/session-engine.ts'
import { type SessionStatus, unknownStatus } from '../session/session-status.ts'
import { toTokenInfo } from '../token/session-token.ts'
import type { SessionPool } from './session-pool.ts'

/**
 * An object for a session of a pool. Each call opens the session if the pool has evicted it, so all objects of a key
 * share one engine.
 *
 * Its functions are fields, because callers may call them without `this`.
 */
export class PooledSession implements Session {
  readonly #pool: SessionPool
  readonly #key: string
  #isClosed = false
  /** Remove the listeners of this object. */
  #stops: readonly (() => void)[] = []

  constructor(pool: SessionPool, key: string) {
    this.#pool = pool
    this.#key = key
  }

  get state(): SessionStatus {
    return this.#pool.find(this.#key)?.known.status ?? unknownStatus
  }

  readonly getAccessToken: Session['getAccessToken'] = async (given) => {
    const found = this.#call((engine) => engine.findToken('getAccessToken', given))
    return (found instanceof Promise ? await found : found).info.access_token
  }

  readonly getToken: Session['getToken'] = async (given): Promise<ITokenInfo> =>
    this.#call(async (engine) =>
      toTokenInfo(await engine.findToken('getToken', given), engine.tools.clock.now()),
    )

  readonly fetch: Session['fetch'] = async (input, init) => {
    const { origins, fetch } = this.#call(({ tools }) => tools)
    return authorizedFetch(this.getAccessToken, origins, fetch)(input, init)
  }

  readonly status: Session['status'] = async () => this.#call((engine) => engine.status())

  readonly setToken: Session['setToken'] = async (token) => this.#call((engine) => engine.setToken(token))

  readonly signOut: Session['signOut'] = async () => this.#call((engine) => engine.signOut())

  readonly subscribe: Session['subscribe'] = (type, listener) => {
    const removeListener = this.#call((engine) => engine.known.subscribe(type, listener))
    const stop = () => {
      removeListener()
      this.#stops = this.#stops.filter((each) => each !== stop)
      // The listener may have been the reason why the session stayed open.
      this.#pool.trim()
    }
    this.#stops = [...this.#stops, stop]
    return stop
  }

  readonly close: Session['close'] = () => {
    this.#isClosed = true
    for (const stop of this.#stops) stop()
  }

  #call<T>(run: (engine: SessionEngine) => T): T {
    if (this.#isClosed) throw invalidParameter('the session is closed')
    return this.#pool.call(this.#key, run)
  }
}
