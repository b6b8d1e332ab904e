import type { PDSOutcome } from '@pds/core'
import { isInvalidResponseError, isPDSError, PDSError, sanitizeError } from '@pds/core/internal'
import type { GrantContext } from '@pds/types'
import { startGrantCall } from '#platform'
import type { SessionToken } from '../record/session-state.ts'
import { createSessionToken } from '../token/session-token.ts'
import type { RenewalContext, RenewalTools } from './renewal-context.ts'

/* Calls the functions of a grant within a timeout, checks their results, and turns their errors into `PDSError`s. */

/** What a call of a grant uses. */
type CallTools = Pick<RenewalTools, 'grant' | 'clock' | 'requestTimeout'> & Pick<RenewalContext, 'observed'>

// In milliseconds: a grant that observes its timeout reports the outcome of its request better than a timer can.
const margin = 500

/** Returns the longest duration of a call, in milliseconds. */
export function maxCallDuration({ requestTimeout }: CallTools): number {
  return requestTimeout + margin
}

/**
 * Spends a refresh token for a token. Without one, obtains a token that replaces the `rejected` access token. A token
 * that arrives after the timeout goes to `late`.
 */
export async function requestToken(
  tools: CallTools & Pick<RenewalContext, 'rejected'>,
  refresh_token: string | undefined,
  late: (token: SessionToken) => void,
): Promise<SessionToken> {
  const { grant, clock, rejected } = tools
  const started = performance.now()
  const run = async (context: GrantContext) => {
    const result =
      refresh_token === undefined
        ? await grant.obtain?.({ ...context, rejected })
        : await grant.refresh?.(refresh_token, context)
    // The response may correct the clock, so the time of the request is calculated after it.
    const requestedAt = Math.round(clock.now() - (performance.now() - started))
    const token = createSessionToken(result, requestedAt, clock.isServerTime())
    return { ...token, info: { ...(refresh_token && { refresh_token }), ...token.info } }
  }
  return call(tools, refresh_token === undefined ? 'obtain' : 'refresh', run, refresh_token, late)
}

/** Ends the sign-in where the tokens come from. The grant has `signOut`. */
export async function endSignIn(tools: CallTools): Promise<boolean> {
  await call(tools, 'signOut', async (context) => tools.grant.signOut?.(context))
  return true
}

/** Revokes a refresh token. Returns false for undefined, or if the grant has no `revoke`. */
export async function revokeToken(tools: CallTools, refresh_token: string | undefined): Promise<boolean> {
  const { grant } = tools
  if (!grant.revoke || refresh_token === undefined) return false
  await call(tools, 'revoke', async (context) => grant.revoke?.(refresh_token, context), refresh_token)
  return true
}

function call<T>(
  tools: CallTools,
  name: string,
  run: (context: GrantContext) => Promise<T>,
  secret = '',
  late?: (result: T) => void,
): Promise<T> {
  const { requestTimeout } = tools
  const controller = new AbortController()
  const timeoutError = (outcome: PDSOutcome) =>
    new PDSError(`the grant's ${name} took longer than ${requestTimeout} ms (option requestTimeout)`, {
      code: 'Timeout',
      outcome,
    })
  return new Promise((resolve, reject) => {
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      controller.abort()
      // A transport rejects when its signal is aborted. It knows whether the request was sent or waited for a slot.
      setTimeout(() => reject(timeoutError('unknown')), 0)
    }, maxCallDuration(tools))
    const running = run({
      signal: controller.signal,
      timeout: requestTimeout,
      callId: startGrantCall(tools),
    })
    const settled = running.then(
      (result) => {
        resolve(result)
        if (isLate) late?.(result)
      },
      (error: unknown) => {
        const outcome = isPDSError(error) ? error.outcome : 'unknown'
        reject(isLate ? timeoutError(outcome) : grantError(name, error, secret))
      },
    )
    void settled.then(() => clearTimeout(timer))
  })
}

function grantError(name: string, error: unknown, secret: string): PDSError {
  if (isPDSError(error)) return error
  const [message, cause] = isInvalidResponseError(error)
    ? [`the grant's ${name} must return a token: ${error.message}`]
    : [`the grant's ${name} threw, see cause`, sanitizeError(error, [secret])]
  // The error does not say whether the request was sent.
  return new PDSError(message, { code: 'RefreshFailed', outcome: 'unknown', cause })
}
