import { invalidParameter } from '@pds/core/internal'
import type { Grant } from '@pds/types'
import type { Store } from '../record/store.ts'
import { randomId } from '../session/random-id.ts'
import type { SessionEngine } from '../session/session-engine.ts'
import { type CheckedOptions, checkSessionOptions, sessionValidators } from '../session/session-options.ts'
import { type EmitOfSession, OpenSession, type SessionMemory } from './open-session.ts'
import type { SharedOptions } from './sessions.ts'
import { Turns } from './turns.ts'

// The number of sessions that one call looks at to evict them. All of them may be pinned.
const maxLooks = 16

/** The checked options of a pool. */
export interface PoolOptions {
  readonly grant: (key: string) => Grant
  readonly max: number
  readonly concurrency: number
  readonly namespace?: string | undefined
  /** The options of `createSession` for all sessions. */
  readonly shared: SharedOptions & { readonly store: Store }
}

/** The open sessions of a pool, one for each key in use. It evicts the least recently used ones. */
export class SessionPool {
  readonly options: PoolOptions
  readonly turns: Turns
  /** The number of sessions that the pool has evicted. */
  evicted = 0
  #emit: EmitOfSession | undefined
  /** In the order of their last use. */
  readonly #sessions = new Map<string, OpenSession>()
  readonly #memories = new Map<string, SessionMemory>()
  readonly #calls = new Set<Promise<unknown>>()
  readonly #id = randomId()
  #created = 0
  #newest: OpenSession | undefined
  /** The options of the last session. */
  #checked: CheckedOptions | undefined
  #closing: Promise<void> | undefined

  constructor(options: PoolOptions) {
    this.options = options
    this.turns = new Turns(options.concurrency)
  }

  get size(): number {
    return this.#sessions.size
  }

  /** Emits the events of all sessions from now on. */
  forwardEvents(emit: EmitOfSession): void {
    if (this.#emit) return
    this.#emit = emit
    for (const session of this.#sessions.values()) session.forwardEvents(emit)
  }

  countPinned(): number {
    return [...this.#sessions.values()].filter(({ isPinned }) => isPinned).length
  }

  /** Throws if the pool is closed. */
  assertOpen(): void {
    if (this.#closing) throw invalidParameter('the pool of sessions is closed')
  }

  /** Returns the engine of a session if it is open. */
  find(key: string): SessionEngine | undefined {
    return this.#sessions.get(key)?.engine
  }

  /** Opens a session. Throws what the function `grant` throws. */
  open(key: string): void {
    this.#use(key)
    this.trim()
  }

  /** Runs a call of a session, which stays open until the call has ended. */
  call<T>(key: string, run: (engine: SessionEngine) => T): T {
    const session = this.#use(key)
    session.calls++
    let result: T | undefined
    try {
      result = run(session.engine)
    } finally {
      if (!(result instanceof Promise)) this.#endCall(session)
    }
    if (!(result instanceof Promise)) return result
    this.trim()
    const call = result.finally(() => {
      this.#calls.delete(call)
      this.#endCall(session)
    })
    this.#calls.add(call)
    return call as T
  }

  /** Evicts the least recently used sessions beyond `max`. */
  trim(): void {
    for (let looks = 0; looks < maxLooks && this.size > this.options.max; looks++) {
      const [session] = this.#sessions.values()
      if (!session) return
      this.#sessions.delete(session.key)
      // A pinned session is in use, and the newest one is about to be used.
      if (session.isPinned || session === this.#newest) this.#sessions.set(session.key, session)
      else this.#letGo(session)
    }
  }

  /** Returns the options of a session. Throws what the function `grant` throws. */
  sessionOptions(key: string): CheckedOptions {
    const { grant: createGrant, namespace, shared } = this.options
    const grant = createGrant(key)
    // Grants of the same kind have the same array of origins, so their options are checked once.
    if (
      !this.#checked ||
      this.#checked.grant.origins !== grant?.origins ||
      !sessionValidators.grant.accepts(grant)
    ) {
      this.#checked = checkSessionOptions('createSessions', { ...shared, key, grant })
    }
    const identity = namespace === undefined ? grant : { id: JSON.stringify([namespace, grant.id]) }
    return { ...this.#checked, key, grant, identity, inTurn: this.#inTurn }
  }

  /** Waits for the calls and renewals that are under way, then closes all sessions. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  readonly #inTurn: NonNullable<CheckedOptions['inTurn']> = (...args) => this.turns.run(...args)

  async #close(): Promise<void> {
    while (this.#calls.size > 0) await Promise.allSettled(this.#calls)
    const engines = [...this.#sessions.values()].map(({ engine }) => engine)
    await Promise.allSettled(engines.map(({ coordinator }) => coordinator.underway))
    for (const engine of engines) engine.close()
    await Promise.all(engines.map(({ known }) => known.saving))
    this.#sessions.clear()
    this.#memories.clear()
  }

  /** Returns the session of a key, which is the most recently used one from now on. */
  #use(key: string): OpenSession {
    this.assertOpen()
    const known = this.#sessions.get(key)
    if (known && known === this.#newest) return known
    const session = known ?? this.#create(key)
    this.#sessions.delete(key)
    this.#sessions.set(key, session)
    this.#newest = session
    return session
  }

  #create(key: string): OpenSession {
    const options = this.sessionOptions(key)
    const memory = this.#memories.get(key)
    this.#memories.delete(key)
    // Needs less memory than a UUID, which Node.js concatenates of many strings.
    const attempts = { owner: `${this.#id}.${++this.#created}`, last: 0, lastSent: 0 }
    const session = new OpenSession(options, memory ?? { attempts })
    if (this.#emit) session.forwardEvents(this.#emit)
    return session
  }

  #endCall(session: OpenSession): void {
    session.calls--
    this.trim()
  }

  #letGo(session: OpenSession): void {
    const { key, engine, memory } = session
    engine.close()
    this.evicted++
    if (!memory) return
    this.#memories.set(key, memory)
    const [oldest] = this.#memories.keys()
    if (this.#memories.size > this.options.max) this.#memories.delete(oldest as string)
  }
}
