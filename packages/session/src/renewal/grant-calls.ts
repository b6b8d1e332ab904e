import type { PDSOutcome } from '@pds/core'
import { isInvalidResponseError, isPDSError, PDSError, sanitizeError } from '@pds/core/internal'
import type { Grant, GrantContext } from '@pds/types'
import type { SessionToken } from '../record/session-state.ts'
import type { SessionClock } from '../session/session-clock.ts'
import { createSessionToken } from '../token/session-token.ts'

// In milliseconds: a grant that observes its timeout reports the outcome of its request better than a timer can.
const margin = 500

/** Calls the functions of a grant within a timeout, checks their results, and turns their errors into `PDSError`s. */
export class GrantCalls {
  readonly canObtain: boolean
  readonly canRefresh: boolean
  /** The longest duration of a call, in milliseconds. */
  readonly maxDuration: number
  readonly #grant: Grant
  readonly #clock: SessionClock
  readonly #timeout: number

  /** `timeout` limits each call, in milliseconds. */
  constructor(grant: Grant, clock: SessionClock, timeout: number) {
    this.#grant = grant
    this.#clock = clock
    this.#timeout = timeout
    this.canObtain = typeof grant.obtain === 'function'
    this.canRefresh = typeof grant.refresh === 'function'
    this.maxDuration = timeout + margin
  }

  /** Obtains a token. `rejected` is the access token that it replaces. A token after the timeout goes to `late`. */
  obtain(rejected: string | undefined, late: (token: SessionToken) => void): Promise<SessionToken> {
    const obtain = (context: GrantContext) =>
      this.#grant.obtain?.({ ...context, ...(rejected !== undefined && { rejected }) })
    return this.#getToken('obtain', obtain, undefined, late)
  }

  /** Spends a refresh token. A token that arrives after the timeout goes to `late`. */
  refresh(refresh_token: string, late: (token: SessionToken) => void): Promise<SessionToken> {
    const refresh = (context: GrantContext) => this.#grant.refresh?.(refresh_token, context)
    return this.#getToken('refresh', refresh, refresh_token, late)
  }

  /** Revokes a refresh token. Returns false if the grant has no `revoke`. */
  async revoke(refresh_token: string): Promise<boolean> {
    if (!this.#grant.revoke) return false
    const revoke = async (context: GrantContext) => this.#grant.revoke?.(refresh_token, context)
    await this.#call('revoke', revoke, [refresh_token])
    return true
  }

  async #getToken(
    name: string,
    call: (context: GrantContext) => unknown,
    refresh_token: string | undefined,
    late: (token: SessionToken) => void,
  ): Promise<SessionToken> {
    const started = performance.now()
    // The response may correct the clock, so the time of the request is calculated after it.
    const toSessionToken = (result: unknown) => {
      const requestedAt = Math.round(this.#clock.now() - (performance.now() - started))
      const token = createSessionToken(result, requestedAt, this.#clock.isServerTime())
      const { refresh_token: next = refresh_token } = token.info
      return next === undefined ? token : { ...token, info: { ...token.info, refresh_token: next } }
    }
    const secrets = [refresh_token ?? '']
    return this.#call(name, async (context) => toSessionToken(await call(context)), secrets, late)
  }

  async #call<T>(
    name: string,
    run: (context: GrantContext) => Promise<T>,
    secrets: readonly string[],
    late?: (result: T) => void,
  ): Promise<T> {
    const controller = new AbortController()
    const running = run({ signal: controller.signal, timeout: this.#timeout })
    let isLate = false
    const timeoutError = (outcome: PDSOutcome) =>
      new PDSError(`the grant's ${name} took longer than ${this.#timeout} ms (option requestTimeout)`, {
        code: 'Timeout',
        outcome,
      })
    const inTime = running.catch((error: unknown) => {
      if (!isLate) throw error
      // A transport rejects when its signal is aborted. It knows whether the request was sent or waited for a slot.
      throw timeoutError(isPDSError(error) ? error.outcome : 'unknown')
    })
    let timer: ReturnType<typeof setTimeout> | undefined
    const timedOut = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        isLate = true
        controller.abort()
        timer = setTimeout(() => reject(timeoutError('unknown')), 0)
      }, this.maxDuration)
    })
    running.then(
      (result) => isLate && late?.(result),
      () => undefined,
    )
    try {
      return await Promise.race([inTime, timedOut])
    } catch (error) {
      throw grantError(name, error, secrets)
    } finally {
      clearTimeout(timer)
    }
  }
}

function grantError(name: string, error: unknown, secrets: readonly string[]): PDSError {
  if (isPDSError(error)) return error
  const [message, cause] = isInvalidResponseError(error)
    ? [`the grant's ${name} must return a token: ${error.message}`]
    : [`the grant's ${name} threw, see cause`, sanitizeError(error, secrets)]
  // The error does not say whether the request was sent.
  return new PDSError(message, { code: 'RefreshFailed', outcome: 'unknown', cause })
}
