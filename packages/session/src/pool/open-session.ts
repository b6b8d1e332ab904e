import type { RenewalTools } from '../renewal/renewal-context.ts'
import { eventTypes, type KnownState } from '../session/known-state.ts'
import { SessionEngine } from '../session/session-engine.ts'
import type { SessionEvents } from '../session/session-events.ts'
import type { CheckedOptions } from '../session/session-options.ts'

/** What a pool remembers of a session that it has evicted. */
export type SessionMemory = Pick<RenewalTools, 'attempts' | 'backoff'> &
  Pick<KnownState, 'rejected' | 'snapshot'>

/** Receives an event of a session. */
export type EmitOfSession = <Type extends keyof SessionEvents>(
  key: string,
  type: Type,
  event: SessionEvents[Type],
) => void

/** An open session of a pool. */
export class OpenSession {
  readonly key: string
  readonly engine: SessionEngine
  /** The number of calls that are under way. */
  calls = 0
  /** The number of listeners that the pool has added. */
  #ownListeners = 0

  /** A new session has `attempts` only. */
  constructor(options: CheckedOptions, earlier: SessionMemory | Pick<SessionMemory, 'attempts'>) {
    this.key = options.key
    if (!('snapshot' in earlier)) {
      this.engine = new SessionEngine(options, earlier)
      return
    }
    const { snapshot, rejected, ...tools } = earlier
    this.engine = new SessionEngine(options, tools)
    const { known } = this.engine
    known.snapshot = snapshot
    known.rejected = rejected
    // The record may have changed while no one watched it.
    known.expire()
  }

  /** Emits all events from now on. */
  forwardEvents(emit: EmitOfSession): void {
    const { known } = this.engine
    for (const type of eventTypes) known.subscribe(type, (event) => emit(this.key, type, event))
    this.#ownListeners = eventTypes.length
  }

  /** Whether a call or renewal is under way, the store lacks the token, or the session has listeners. */
  get isPinned(): boolean {
    const { known, coordinator, tools } = this.engine
    const { missing, state } = known.snapshot
    // A grant that obtains tokens replaces a token that stays in memory.
    const isUnsaved = missing !== undefined && state.token && !(missing === 'keep' && tools.canObtain)
    const hasListeners = known.listeners > this.#ownListeners
    return Boolean(this.calls || coordinator.underway || known.saving || hasListeners || isUnsaved)
  }

  /**
   * What must not be forgotten: a failed renewal, because an eviction must end no backoff, and a sign-out, in case the store
   * fails.
   */
  get memory(): SessionMemory | undefined {
    const { tools, known } = this.engine
    const { attempts, backoff } = tools
    const { rejected, snapshot } = known
    const { token, status } = snapshot.state
    const isRejected = rejected !== undefined && rejected === token?.info.access_token
    const isNeeded = backoff.lastFailure || isRejected || status === 'signed_out'
    return isNeeded ? { attempts, backoff, rejected, snapshot } : undefined
  }
}
