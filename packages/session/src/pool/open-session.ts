import type { RenewalTools } from '../renewal/renewal-context.ts'
import { eventTypes, type KnownState } from '../session/known-state.ts'
import { SessionEngine } from '../session/session-engine.ts'
import type { SessionEvents } from '../session/session-events.ts'
import type { CheckedOptions } from '../session/session-options.ts'

/** What a session knows of a failed renewal. A pool keeps it, so that an eviction ends no backoff. */
export type FailedRenewal = Pick<RenewalTools, 'attempts' | 'backoff'> &
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

  /** A new session has `attempts`, and one whose renewal failed before it was evicted also has the other fields. */
  constructor(options: CheckedOptions, earlier: FailedRenewal | Pick<FailedRenewal, 'attempts'>) {
    this.key = options.key
    this.engine = new SessionEngine(options, earlier)
    if (!('snapshot' in earlier)) return
    const { known } = this.engine
    known.snapshot = earlier.snapshot
    known.rejected = earlier.rejected
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

  /** The failed renewal after which the session has got no token yet. */
  get failedRenewal(): FailedRenewal | undefined {
    const { tools, known } = this.engine
    const { attempts, backoff } = tools
    const { rejected, snapshot } = known
    const isRejected = rejected !== undefined && rejected === snapshot.state.token?.info.access_token
    return backoff.lastFailure || isRejected ? { attempts, backoff, rejected, snapshot } : undefined
  }
}
