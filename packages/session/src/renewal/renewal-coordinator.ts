import { isPDSError, PDSError } from '@pds/core/internal'
import type { SessionState, SessionToken } from '../record/session-state.ts'
import { isValid } from '../token/token-lifetime.ts'
import { Backoff } from './backoff.ts'
import type { RenewalContext } from './renewal-context.ts'
import { RenewalRun } from './renewal-run.ts'

/** What the renewals of a session need of it, beside what each of them does. */
export interface CoordinatorContext extends RenewalContext {
  /** The access token of a state, where it is one that the service has refused. */
  rejectedTokenOf(state: SessionState, rejected: string | undefined): string | undefined
  /** Reads the record, once for all who ask meanwhile. */
  read(): Promise<void>
  report(error: PDSError): void
}

/** A renewal that is under way. */
interface Underway {
  readonly isBackground: boolean
  readonly rejected: string | undefined
  readonly token: Promise<SessionToken | undefined>
}

/** The renewals of a session, one at a time for any number of callers. */
export class RenewalCoordinator {
  readonly #session: CoordinatorContext
  readonly #backoff = new Backoff()
  #underway: Underway | undefined

  constructor(session: CoordinatorContext) {
    this.#session = session
  }

  /** Gives a token that is none of those that were refused. Throws `PDSError`. */
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
      // What others wait for may be the one that this caller was refused with; if not, there is no other.
      if (underway.rejected === rejectedToken) throw rejectedTokenReturned()
      rejected = rejectedToken
    }
  }

  /** Renews the token beside the callers, unless that has just been tried. */
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
        // A login that is required has an event of its own.
        if (isPDSError(error) && error.code !== 'LoginRequired') this.#session.report(error)
        throw error
      })
      .finally(() => {
        this.#underway = undefined
      })
    this.#underway = { token, rejected, isBackground }
    return this.#underway
  }

  /** Gives the token that there is after all: what others have got meanwhile, or the old one to the last. */
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
    'the grant gave the access token again that the service has refused: let it obtain another one, see context.rejected',
    { code: 'RefreshFailed', outcome: 'responded' },
  )
}
