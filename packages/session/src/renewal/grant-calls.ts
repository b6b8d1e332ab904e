import { isInvalidResponseError, isPDSError, PDSError, sanitizeError } from '@pds/core/internal'
import type { Grant, GrantContext } from '@pds/types'
import type { SessionToken } from '../record/session-state.ts'
import { createSessionToken } from '../token/session-token.ts'

// A grant that keeps to the time it is given knows more of what became of its request than who gives up on it.
const margin = 500

/** The functions of a grant, with their results checked, their errors as `PDSError`, and within their time. */
export class GrantCalls {
  readonly canObtain: boolean
  readonly canRefresh: boolean
  /** What a call can take at the most, in milliseconds. */
  readonly longest: number
  readonly #grant: Grant
  readonly #now: () => number
  readonly #timeout: number

  /** The clock is the server's, the time one for each call; both are in milliseconds. */
  constructor(grant: Grant, now: () => number, timeout: number) {
    this.#grant = grant
    this.#now = now
    this.#timeout = timeout
    this.canObtain = typeof grant.obtain === 'function'
    this.canRefresh = typeof grant.refresh === 'function'
    this.longest = timeout + margin
  }

  /** Whether there can be another token in the place of this one. */
  canRenew({ info }: SessionToken): boolean {
    return this.canObtain || (this.canRefresh && info.refresh_token !== undefined)
  }

  /** Obtains a token, in place of one that was refused, if any. One that comes after the time is handed to `late`. */
  obtain(rejected: string | undefined, late: (token: SessionToken) => void): Promise<SessionToken> {
    const obtain = (context: GrantContext) =>
      this.#grant.obtain?.({ ...context, ...(rejected !== undefined && { rejected }) })
    return this.#getToken('obtain', obtain, undefined, late)
  }

  /** Spends a refresh token. A token that comes after the time is handed to `late`. */
  refresh(refresh_token: string, late: (token: SessionToken) => void): Promise<SessionToken> {
    const refresh = (context: GrantContext) => this.#grant.refresh?.(refresh_token, context)
    return this.#getToken('refresh', refresh, refresh_token, late)
  }

  /** Revokes a refresh token. Gives false where the grant cannot. */
  async revoke(refresh_token: string): Promise<boolean> {
    if (!this.#grant.revoke) return false
    const revoke = async (context: GrantContext) => this.#grant.revoke?.(refresh_token, context)
    await this.#call('revoke', revoke, [refresh_token])
    return true
  }

  async #getToken(
    name: string,
    ask: (context: GrantContext) => unknown,
    refresh_token: string | undefined,
    late: (token: SessionToken) => void,
  ): Promise<SessionToken> {
    const started = performance.now()
    // The clock may be set right by the answer: what is known by then counts for the time of the request, too.
    const keep = (given: unknown) => {
      const kept = createSessionToken(given, this.#now() - (performance.now() - started))
      const { refresh_token: next = refresh_token } = kept.info
      return next === undefined ? kept : { ...kept, info: { ...kept.info, refresh_token: next } }
    }
    return this.#call(name, async (context) => keep(await ask(context)), [refresh_token ?? ''], late)
  }

  async #call<T>(
    name: string,
    run: (context: GrantContext) => Promise<T>,
    secrets: readonly string[],
    late?: (result: T) => void,
  ): Promise<T> {
    const controller = new AbortController()
    const running = run({ signal: controller.signal, timeout: this.#timeout })
    let timer: ReturnType<typeof setTimeout> | undefined
    let isLate = false
    const timedOut = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        isLate = true
        controller.abort()
        reject(
          new PDSError(`the grant's ${name} did not end within ${this.#timeout} ms (option requestTimeout)`, {
            code: 'Timeout',
            outcome: 'unknown',
          }),
        )
      }, this.longest)
    })
    running.then(
      (result) => isLate && late?.(result),
      () => undefined,
    )
    try {
      return await Promise.race([running, timedOut])
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
    ? [`the grant's ${name} must give a token: ${error.message}`]
    : [`the grant's ${name} threw, see cause`, sanitizeError(error, secrets)]
  // Nobody knows how far it came.
  return new PDSError(message, { code: 'RefreshFailed', outcome: 'unknown', cause })
}
