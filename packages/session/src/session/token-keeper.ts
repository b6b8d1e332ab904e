import { isPDSError, type PDSError } from '@pds/core/internal'
import type { TokenInfo } from '@pds/types'
import {
  emptyState,
  isSamePair,
  type SessionState,
  type SessionToken,
  type Snapshot,
} from '../record/session-state.ts'
import { Backoff } from '../renewal/backoff.ts'
import { type Decision, decide } from '../renewal/decide.ts'
import { startTimer } from '../renewal/pause.ts'
import { RenewalCoordinator } from '../renewal/renewal-coordinator.ts'
import { drawJitter } from '../token/token-lifetime.ts'
import type { SessionClock } from './session-clock.ts'

/**
 * A token as its owner passed it, with its times by the server's clock, in milliseconds since the Unix epoch.
 * `expiresAt` is infinite if only the service knows when the token expires.
 */
export interface KeptToken {
  readonly info: Readonly<TokenInfo>
  readonly mintedAt: number
  readonly expiresAt: number
}

/** How a `TokenKeeper` renews its token. */
export interface TokenRenewal {
  /** Obtains a token. `rejected` is the current access token, if the service has rejected it. Throws a `PDSError`. */
  obtain(rejected: string | undefined): Promise<KeptToken>
  /** How long callers wait for `obtain`, in milliseconds. 0 means no limit. */
  readonly timeout: number
  /** Creates the error of callers that waited for so long. */
  timeoutError(): PDSError
}

/**
 * Keeps one token in memory, and renews it as a session does, but without a store: in the background before it expires,
 * once for all callers that wait, and with a backoff after failures.
 *
 * Without a renewal, the token is returned until it is rejected, even if it seems to have expired.
 */
export class TokenKeeper {
  readonly #renewal: TokenRenewal | undefined
  readonly #clock: SessionClock
  readonly #jitter = drawJitter()
  /** Its epoch counts the tokens, so that the end of a renewal finds out whether its token still is the current one. */
  #snapshot: Snapshot
  /** Undefined without a renewal. Replaced with each token. */
  #coordinator: RenewalCoordinator<KeptToken | undefined> | undefined
  /** Replaced with each token. */
  #backoff: Backoff
  /** Gives the current token to the callers that wait for a renewal. */
  #release: () => void = () => undefined
  /** The current access token, if the service has rejected it. */
  #rejected: string | undefined
  #failures = 0
  /** The last failure to renew the current token. */
  #failure: PDSError | undefined

  constructor(first: KeptToken | undefined, renewal: TokenRenewal | undefined, clock: SessionClock) {
    this.#renewal = renewal
    this.#clock = clock
    this.#snapshot = createSnapshot(0, first ? stateOf(first) : emptyState)
    this.#backoff = new Backoff(clock)
    this.#coordinator = this.#createCoordinator()
  }

  /** The current token, even if it has expired. */
  get token(): KeptToken | undefined {
    return this.#snapshot.state.token
  }

  /** The number of failed renewals that callers have waited for; see `current`. */
  get failures(): number {
    return this.#failures
  }

  /** Sets the token. Callers that wait for the renewal of another token get this one at once. */
  set(token: KeptToken): void {
    const { epoch, state } = this.#snapshot
    const next = stateOf(token)
    if (isSamePair(state.token, next.token)) this.#snapshot = createSnapshot(epoch, next)
    else this.#begin(next)
  }

  /** Removes the token. A renewal that is under way does not restore it, and none starts until another token is set. */
  remove(): void {
    this.#begin({ status: 'signed_out' })
  }

  /**
   * Returns the token. Renews it first if it is missing, expires within 30 seconds or equals `rejected`: an access token
   * that the service rejected. Returns undefined if the token was removed. Without a renewal, also returns undefined for a
   * missing or rejected token.
   *
   * Throws the failure of the renewal. Callers that failed together do not renew one after another: the failure is also
   * thrown if the renewal has failed since the caller read `failures`.
   */
  async current(rejected?: string, failures: number = this.#failures): Promise<KeptToken | undefined> {
    const isRejected = rejected !== undefined && rejected === this.token?.info.access_token
    if (!this.#renewal) return isRejected ? undefined : this.token
    if (isRejected) this.#rejected = rejected
    for (;;) {
      const coordinator = this.#coordinator
      if (!coordinator || this.#snapshot.state.status === 'signed_out') return undefined
      const failure = this.#failures > failures ? this.#failure : undefined
      const decision = this.#decide(failure ?? this.#backoff.failure)
      if (decision.action === 'use') {
        if (decision.renew) coordinator.renewInBackground(undefined)
        return decision.token
      }
      if (decision.action === 'fail') throw decision.error
      try {
        const result = await coordinator.renew(undefined)
        // A new token is used even if it seems to have expired: a wrong clock must not cause a loop.
        if (result && result === this.token) return result
      } catch (error) {
        const next = this.#decide(error as PDSError)
        if (next.action === 'use') return next.token
        throw error
      }
    }
  }

  #decide(failure: PDSError | undefined): Decision {
    return decide(this.#snapshot, this.#clock.now(), {
      rejected: this.#rejected,
      canObtain: true,
      canRefresh: false,
      jitter: this.#jitter,
      isOnline: globalThis.navigator?.onLine !== false,
      suspectTime: 0,
      failure,
    })
  }

  /** Starts with another token, or with none. */
  #begin(state: SessionState): void {
    this.#snapshot = createSnapshot(this.#snapshot.epoch + 1, state)
    this.#rejected = undefined
    this.#failure = undefined
    // A renewal of the old token, and the backoff after it, are of no concern for this one.
    this.#backoff = new Backoff(this.#clock)
    this.#coordinator = this.#createCoordinator()
    this.#release()
  }

  #createCoordinator(): RenewalCoordinator<KeptToken | undefined> | undefined {
    const renewal = this.#renewal
    return (
      renewal && new RenewalCoordinator((_, isBackground) => this.#run(renewal, isBackground), this.#backoff)
    )
  }

  /** Renews the token. Returns the current token if another one was set during the renewal, or if it was removed. */
  async #run(renewal: TokenRenewal, isBackground: boolean): Promise<KeptToken | undefined> {
    const { epoch } = this.#snapshot
    try {
      return await this.#obtain(renewal, epoch)
    } catch (error) {
      if (epoch !== this.#snapshot.epoch) return this.token
      const failure = this.#backoff.note(error as PDSError, hasAskedToWait(error as PDSError))
      if (!isBackground) {
        this.#failures++
        this.#failure = failure
      }
      throw failure
    }
  }

  #obtain({ obtain, timeout, timeoutError }: TokenRenewal, epoch: number): Promise<KeptToken | undefined> {
    return new Promise((resolve, reject) => {
      const stopTimer = timeout > 0 ? startTimer(timeout, () => reject(timeoutError()), true) : undefined
      this.#release = () => {
        stopTimer?.()
        resolve(this.token)
      }
      // In a later turn, because a function of an application may use this object.
      Promise.resolve()
        .then(() => obtain(this.#rejected))
        .then((token) => {
          resolve(token)
          // A token that arrives after the timeout is used too.
          if (epoch === this.#snapshot.epoch) this.#begin(stateOf(token))
        })
        .catch(reject)
        .finally(stopTimer)
    })
  }
}

/** The engine reads only the tokens and the times. */
function stateOf(token: KeptToken): SessionState {
  return { status: 'ok', token: token as SessionToken }
}

function createSnapshot(epoch: number, state: SessionState): Snapshot {
  const now = performance.now()
  const confirmed = { wall: 0, steady: now }
  return { rev: epoch, epoch, state, asOf: now, until: now, seenAt: now, confirmed }
}

/** Checks whether a renewal failed because the service is too busy. */
function hasAskedToWait({ retryAt, cause }: PDSError): boolean {
  return retryAt !== undefined || (isPDSError(cause) && (cause.status === 429 || cause.status === 503))
}
