import type { RequestTrace } from '../log/request-log.ts'
import type { RotationOptions } from './options.ts'
import { invalidAccessToken, invalidRefreshToken } from './service-error.ts'
import type { Grant, TokenPair } from './token-pair.ts'
import { randomToken } from './webcrypto.ts'

/** The lifetimes that the vendor documents, in milliseconds. */
const lifetimes = { accessToken: 2 * 3_600_000, refreshToken: 7 * 24 * 3_600_000 }

/** How often tokens were used that the domain had issued and that were dead when they came. */
export interface InvalidTokenUses {
  /** How often it was an access token. */
  access: number
  /** How often it was a refresh token. */
  refresh: number
}

export type SignAccessToken = (grant: Grant, issuedAt: number, expiresAt: number) => Promise<string>

/**
 * The tokens of a domain, the dead ones too.
 *
 * Nothing here is awaited, so that of two requests at once one is the first. Each `now` is in milliseconds since the
 * epoch, and each `trace` is told which tokens a request was about.
 */
export class TokenRegistry {
  readonly #rotation: Required<RotationOptions>
  readonly #sign: SignAccessToken
  readonly #byAccessToken = new Map<string, TokenPair>()
  readonly #byRefreshToken = new Map<string, TokenPair>()
  readonly #invalidUses: InvalidTokenUses = { access: 0, refresh: 0 }

  constructor(rotation: Required<RotationOptions>, sign: SignAccessToken) {
    this.#rotation = rotation
    this.#sign = sign
  }

  get invalidTokenUses(): Readonly<InvalidTokenUses> {
    return Object.freeze({ ...this.#invalidUses })
  }

  /** Issues the first or the next tokens of a grant; those that it had before are dead at once. */
  issue(grant: Grant, now: number, trace: RequestTrace = {}): TokenPair {
    const accessExpiresAt = now + lifetimes.accessToken
    const pair: TokenPair = {
      grant,
      refresh_token: randomToken(),
      access_token: this.#sign(grant, now, accessExpiresAt).then((access_token) => {
        this.#byAccessToken.set(access_token, pair)
        pair.isSigned = true
        return access_token
      }),
      accessExpiresAt,
      refreshExpiresAt: now + lifetimes.refreshToken,
      isSigned: false,
    }
    this.#byRefreshToken.set(pair.refresh_token, pair)
    grant.current = pair
    trace.grant = grant
    trace.new = pair
    return pair
  }

  /** Spends a refresh token of the application for the next tokens of its grant, or throws the service's error. */
  refresh(refresh_token: string, client_id: string, now: number, trace: RequestTrace = {}): TokenPair {
    const pair = this.#byRefreshToken.get(refresh_token)
    if (!pair) throw invalidRefreshToken()
    const isValid = isValidRefreshToken(pair, now)
    const replayed = this.#findReplayable(pair, now)
    if (!isValid && !replayed) this.#invalidUses.refresh++
    // Bound to the application that it was issued to (RFC 6749 section 6), to which no other one does anything.
    if (pair.grant.client_id !== client_id) throw invalidRefreshToken()
    trace.grant = pair.grant
    if (replayed) {
      trace.old = pair
      trace.new = replayed
      return replayed
    }
    if (isValid) {
      trace.old = pair
      const successor = this.issue(pair.grant, now, trace)
      pair.spent = { at: now, successor }
      return successor
    }
    // Used twice, it may have been stolen (RFC 9700 section 4.14.2). The vendor does not say what that leads to.
    if (pair.spent && this.#rotation.revokeFamily) this.revokeGrant(pair.grant, trace)
    throw invalidRefreshToken()
  }

  /** The grant of a living access token, or the service's error. */
  findGrant(access_token: string, now: number, trace: RequestTrace = {}): Grant {
    const pair = this.#byAccessToken.get(access_token)
    if (!pair) throw invalidAccessToken()
    trace.grant = pair.grant
    if (pair.grant.current !== pair || pair.accessExpiresAt <= now) {
      this.#invalidUses.access++
      throw invalidAccessToken()
    }
    return pair.grant
  }

  /**
   * Kills the tokens of the grant that a refresh token of the application is good for. It does nothing for any other
   * one, such as one that was spent before.
   */
  revoke(refresh_token: string, client_id: string, now: number, trace: RequestTrace = {}): void {
    const pair = this.#byRefreshToken.get(refresh_token)
    if (pair?.grant.client_id !== client_id) return
    trace.grant = pair.grant
    // While a refresh is under way, nobody knows another token of the grant than the spent one.
    const isBeingSpent = pair.spent?.successor.isSigned === false
    if (isBeingSpent || isValidRefreshToken(pair, now) || this.#findReplayable(pair, now)) {
      this.revokeGrant(pair.grant, trace)
    }
  }

  /** Kills the tokens of a grant, also those that are not signed yet. */
  revokeGrant(grant: Grant, trace: RequestTrace = {}): void {
    trace.grant = grant
    if (grant.current) trace.old = grant.current
    grant.current = undefined
  }

  /** What a spent refresh token gives again in its grace, as long as all of that is alive. */
  #findReplayable({ grant, spent }: TokenPair, now: number): TokenPair | undefined {
    if (!spent || now >= spent.at + this.#rotation.grace) return undefined
    const { successor } = spent
    // The access token is the first of the two to expire.
    return grant.current === successor && now < successor.accessExpiresAt ? successor : undefined
  }
}

function isValidRefreshToken(pair: TokenPair, now: number): boolean {
  return pair.grant.current === pair && now < pair.refreshExpiresAt
}
