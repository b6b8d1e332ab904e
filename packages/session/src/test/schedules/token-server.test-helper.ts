import { PDSError } from '@pds/core'
import type { TokenInfo } from '@pds/types'

/**
 * How the server responds to a spent refresh token: `strict` rejects it, `grace` returns the same new token again for a
 * minute, and `family` revokes all tokens of the sign-in.
 */
export type TokenServerMode = 'strict' | 'grace' | 'family'

/**
 * What a refresh returns: a new token pair (`new`), a new refresh token with the old access token (`same access`), or a
 * new access token without a refresh token (`no refresh`: omitted, null or empty), because the old pair stays valid.
 */
export type RefreshResponse = 'new' | 'same access' | 'no refresh'

interface Issued {
  readonly family: number
  readonly token: TokenInfo & { access_token: string }
  /** The response that contains the token. */
  readonly response: object
  readonly expiresAt: number
  state: 'live' | 'spent' | 'revoked'
  spentAt: number
  successor?: Issued
}

// In seconds.
const lifetime = 7200
// In milliseconds.
const gracePeriod = 60_000

/** A server with single-use refresh tokens. A refresh also invalidates the old access token. */
export class TokenServer {
  /** How often a spent refresh token was sent. */
  deadUses = 0
  familiesRevoked = 0
  /** How often a token was requested although the stored one was valid for long and no caller had rejected it. */
  needlessSends = 0
  /** The largest number of times that one refresh token was sent. */
  maxSends = 0
  readonly #sends: Map<string, number> = new Map()
  readonly #mode: TokenServerMode
  readonly #refreshResponse: RefreshResponse
  readonly #clock: () => number
  readonly #issued: Issued[] = []
  #families = 0

  constructor(mode: TokenServerMode, refreshResponse: RefreshResponse, clock: () => number) {
    this.#mode = mode
    this.#refreshResponse = refreshResponse
    this.#clock = clock
  }

  signIn(isRefreshable: boolean): TokenInfo {
    return this.#issue(++this.#families, isRefreshable).token
  }

  /** Counts a request when a session sends it. */
  countSend(refresh_token: string | undefined, isNeeded: boolean): void {
    if (!isNeeded) this.needlessSends++
    if (refresh_token === undefined) return
    const sends = (this.#sends.get(refresh_token) ?? 0) + 1
    this.#sends.set(refresh_token, sends)
    this.maxSends = Math.max(this.maxSends, sends)
  }

  /** Returns the response to a refresh. */
  refresh(refresh_token: string): object {
    const sent = this.#find(refresh_token)
    if (sent?.state === 'live') {
      const successor = this.#issue(sent.family, true, sent)
      if (this.#refreshResponse !== 'no refresh') {
        sent.state = 'spent'
        sent.spentAt = this.#clock()
        sent.successor = successor
      }
      return successor.response
    }
    const isSpent = sent?.state === 'spent'
    const { successor, spentAt = 0 } = sent ?? {}
    if (this.#mode === 'grace' && successor?.state === 'live' && this.#clock() < spentAt + gracePeriod) {
      return successor.response
    }
    if (isSpent) {
      this.deadUses++
      if (this.#mode === 'family') this.#revokeFamily(sent.family)
    }
    const code = 'InvalidParameter.RefreshToken'
    throw new PDSError('the refresh token is not valid', { code, status: 400, outcome: 'responded' })
  }

  revoke(refresh_token: string): void {
    for (const issued of this.#issued) {
      if (issued.token.refresh_token === refresh_token && issued.state === 'live') issued.state = 'revoked'
    }
  }

  /** Returns how long an access token is still valid, in milliseconds; 0 if it is not. */
  remaining(access_token: string | undefined): number {
    const issued = this.#issued.findLast(({ token }) => token.access_token === access_token)
    return issued?.state === 'live' ? Math.max(0, issued.expiresAt - this.#clock()) : 0
  }

  isRevoked(refresh_token: string | undefined): boolean {
    return this.#find(refresh_token)?.state === 'revoked'
  }

  /** Returns the valid refresh token of the sign-in that another refresh token belongs to. */
  liveRefreshToken(refresh_token: string | undefined): string | undefined {
    const family = this.#find(refresh_token)?.family
    const live = this.#issued.find((issued) => issued.family === family && issued.state === 'live')
    return live?.token.refresh_token
  }

  #find(refresh_token: string | undefined): Issued | undefined {
    if (refresh_token === undefined) return undefined
    return this.#issued.findLast(({ token }) => token.refresh_token === refresh_token)
  }

  #issue(family: number, isRefreshable: boolean, parent?: Issued): Issued {
    const number = this.#issued.length + 1
    const keepsAccess = this.#refreshResponse === 'same access'
    const keepsRefresh = this.#refreshResponse === 'no refresh'
    const { access_token, refresh_token } = parent?.token ?? {}
    const token = {
      access_token: (keepsAccess && access_token) || `secret-access-${number}`,
      ...(isRefreshable && { refresh_token: (keepsRefresh && refresh_token) || `secret-refresh-${number}` }),
      expires_in: lifetime,
    }
    const expiresAt = this.#clock() + lifetime * 1000
    const response = parent && keepsRefresh ? withoutRefreshToken(token, number) : token
    const issued: Issued = { family, token, response, expiresAt, state: 'live', spentAt: 0 }
    this.#issued.push(issued)
    return issued
  }

  #revokeFamily(family: number): void {
    this.familiesRevoked++
    for (const issued of this.#issued) if (issued.family === family) issued.state = 'revoked'
  }
}

/** Returns a response whose refresh token is null, empty or omitted. */
function withoutRefreshToken({ refresh_token: _, ...token }: TokenInfo, number: number): object {
  return [{ ...token, refresh_token: null }, { ...token, refresh_token: '' }, token][number % 3] as object
}
