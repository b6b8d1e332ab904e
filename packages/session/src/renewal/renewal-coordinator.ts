import { isPDSError, PDSError } from '@pds/core/internal'
import type { SessionState, SessionToken } from '../record/session-state.ts'
import { isValid } from '../token/token-lifetime.ts'
import { Backoff } from './backoff.ts'
import type { RenewalContext } from './renewal-context.ts'
import { RenewalRun } from './renewal-run.ts'

/** The part of a session that the coordinator uses. */
export interface CoordinatorContext extends RenewalContext {
  /** Returns the access token of a state if the service has rejected it. */
  rejectedTokenOf(state: SessionState, rejected: string | undefined): string | undefined
  /** Reads the record. Concurrent callers share one read. */
  read(): Promise<void>
  /** Emits an `error` event. */
  report(error: PDSError): void
}

interface Underway {
  readonly isBackground: boolean
  readonly rejected: string | undefined
  readonly token: Promise<SessionToken | undefined>
}

/** Runs the renewals of a session: one at a time, shared by all callers. */
export class RenewalCoordinator {
  readonly #session: CoordinatorContext
  readonly #backoff = new Backoff()
  #underway: Underway | undefined

  constructor(session: CoordinatorContext) {
    this.#session = session
  }

  /** Returns a token that was not rejected. Throws a `PDSError`. */
  async renew(rejected: string | undefined): Promise<SessionToken> {
    const { rejectedTokenOf } = this.#session
    for (;;) {
      const underway = this.#underway ?? this.#start(rejected, false)
      const renewed = await underway.token.catch((error: unknown) =>
        underway.isBackground ? undefined : this.#afterFailure(error, rejected),
      )
      if (!renewed) continue
      const rejectedToken = rejectedTokenOf({ status: 'ok', token: renewed }, rejected)
      if (rejectedToken === undefined) return renewed
      // A run that started with another rejected token may return this one. A run for this token must not.
      if (underway.rejected === rejectedToken) throw rejectedTokenReturned()
      rejected = rejectedToken
    }
  }

  /** Renews the token in the background, unless a renewal is under way or the backoff is not over. */
  renewInBackground(rejected: string | undefined): void {
    if (this.#underway || !this.#backoff.isOver()) return
    this.#start(rejected, true).token.then(
      () => this.#backoff.afterSuccess(),
      () => this.#backoff.afterFailure(),
    )
  }

  #start(rejected: string | undefined, isBackground: boolean): Underway {
    const token = new RenewalRun(this.#session, rejected, isBackground)
      .run()
      .catch((error: unknown) => {
        // `login_required` is a separate event.
        if (isPDSError(error) && error.code !== 'LoginRequired') this.#session.report(error)
        throw error
      })
      .finally(() => {
        this.#underway = undefined
      })
    this.#underway = { token, rejected, isBackground }
    return this.#underway
  }

  /** Returns a token from another process, or the old token while it is valid. Otherwise throws `error`. */
  async #afterFailure(error: unknown, rejected: string | undefined): Promise<SessionToken> {
    if (isPDSError(error) && ['LoginRequired', 'DecryptionFailed'].includes(error.code)) throw error
    const session = this.#session
    await session.read().catch(() => undefined)
    const { state } = session.known ?? {}
    const rejectedToken = state && session.rejectedTokenOf(state, rejected)
    if (!state?.token || !isValid(state, session.now(), rejectedToken)) throw error
    return state.token
  }
}

function rejectedTokenReturned(): PDSError {
  return new PDSError(
    'the grant returned the rejected access token again: obtain must return a different token than context.rejected',
    { code: 'RefreshFailed', outcome: 'responded' },
  )
}
