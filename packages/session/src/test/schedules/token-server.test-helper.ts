import { PDSError } from '@pds/core'
import type { TokenInfo } from '@pds/types'

/**
 * How the server responds to a spent refresh token: `strict` rejects it, `grace` returns the same new token again for a
 * minute, and `family` revokes all tokens of the sign-in.
 */
export type TokenServerMode = 'strict' | 'grace' | 'family'

interface Issued {
  readonly family: number
  readonly token: TokenInfo & { access_token: string }
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
  readonly #clock: () => number
  readonly #issued: Issued[] = []
  #families = 0

  constructor(mode: TokenServerMode, clock: () => number) {
    this.#mode = mode
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

  refresh(refresh_token: string): TokenInfo {
    const sent = this.#find(refresh_token)
    if (sent?.state === 'live') {
      sent.state = 'spent'
      sent.spentAt = this.#clock()
      sent.successor = this.#issue(sent.family, true)
      return sent.successor.token
    }
    const isSpent = sent?.state === 'spent'
    const { successor, spentAt = 0 } = sent ?? {}
    if (this.#mode === 'grace' && successor?.state === 'live' && this.#clock() < spentAt + gracePeriod) {
      return successor.token
    }
    if (isSpent) {
      this.deadUses++
      if (this.#mode === 'family') this.#revokeFamily(sent.family)
    }
    const code = 'InvalidParameter.RefreshToken'
    throw new PDSError('the refresh token is not valid', { code, status: 400, outcome: 'responded' })
  }

  revoke(refresh_token: string): void {
    const issued = this.#find(refresh_token)
    if (issued?.state === 'live') issued.state = 'revoked'
  }

  /** Returns how long an access token is still valid, in milliseconds; 0 if it is not. */
  remaining(access_token: string | undefined): number {
    const issued = this.#issued.find(({ token }) => token.access_token === access_token)
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
    return this.#issued.find(({ token }) => token.refresh_token === refresh_token)
  }

  #issue(family: number, isRefreshable: boolean): Issued {
    const number = this.#issued.length + 1
    const token = {
      access_token: `secret-access-${number}`,
      ...(isRefreshable && { refresh_token: `secret-refresh-${number}` }),
      expires_in: lifetime,
    }
    const expiresAt = this.#clock() + lifetime * 1000
    const issued: Issued = { family, token, expiresAt, state: 'live', spentAt: 0 }
    this.#issued.push(issued)
    return issued
  }

  #revokeFamily(family: number): void {
    this.familiesRevoked++
    for (const issued of this.#issued) if (issued.family === family) issued.state = 'revoked'
  }
}
