import { isPDSError, sanitizeError } from '@pds/core/internal'
import type { TokenInfo } from '@pds/types'
import { type PDSClientConfig, tokenOption } from './client-config.ts'
import { describeFailure, refreshFailed, trimCredential } from './renew-credential.ts'

/** The token of `always_get_token_fun`, which is asked before each call, and remembered for a short time. */
export class AlwaysGetToken {
  readonly #call: NonNullable<PDSClientConfig['always_get_token_fun']>
  readonly #cacheTime: number
  readonly #now: () => number
  #cached: { token: TokenInfo | undefined; until: number } | undefined
  /** The call that is under way, which all callers share. */
  #pending: Promise<TokenInfo | undefined> | undefined

  /** `cacheTime` is in milliseconds. `now` returns the server's time, in milliseconds since the epoch. */
  constructor(
    call: NonNullable<PDSClientConfig['always_get_token_fun']>,
    cacheTime: number,
    now: () => number,
  ) {
    this.#call = call
    this.#cacheTime = cacheTime
    this.#now = now
  }

  /** Returns the token. Asks the function if the last token is too old, has expired or is `rejected`. */
  get(rejected?: string): Promise<TokenInfo | undefined> {
    const { token, until } = this.#cached ?? { until: Number.NEGATIVE_INFINITY }
    const isUsable = performance.now() < until && !(Date.parse(token?.expire_time ?? '') <= this.#now())
    if (isUsable && (rejected === undefined || token?.access_token !== rejected))
      return Promise.resolve(token)
    this.#pending ??= this.#ask().finally(() => {
      this.#pending = undefined
    })
    return this.#pending
  }

  /** Remembers a token that replaces a rejected one. */
  set(token: TokenInfo | undefined): void {
    this.#cached = { token, until: performance.now() + this.#cacheTime }
  }

  async #ask(): Promise<TokenInfo | undefined> {
    const token = trimCredential(await this.#callFunction())
    // The vendor's SDK also accepts a function that has no token.
    if (token !== undefined && token !== null && !tokenOption.accepts(token)) {
      throw refreshFailed(`always_get_token_fun must return ${tokenOption.wants}, or undefined`)
    }
    this.set(token ?? undefined)
    return token ?? undefined
  }

  async #callFunction(): Promise<TokenInfo | undefined> {
    try {
      return await this.#call()
    } catch (error) {
      const { access_token = '', refresh_token = '' } = this.#cached?.token ?? {}
      const cause = isPDSError(error) ? error : sanitizeError(error, [access_token, refresh_token])
      throw refreshFailed(`always_get_token_fun failed${describeFailure(cause)}`, cause)
    }
  }
}
