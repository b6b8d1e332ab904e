import type { RequestTrace } from '../log/request-log.ts'
import type { RotationOptions } from './options.ts'
import { invalidAccessToken, invalidRefreshToken, notMatch } from './service-error.ts'
import { restorePairs, type SavedGrant, saveGrants } from './state.ts'
import type { Grant, TokenPair } from './token-pair.ts'
import type { User } from './user.ts'
import { randomToken } from './webcrypto.ts'

/** The lifetimes that the vendor documents, in milliseconds. */
const lifetimes = { accessToken: 2 * 3_600_000, refreshToken: 7 * 24 * 3_600_000 }

/** Counts uses of tokens that the domain issued and that were no longer valid at the time of use. */
export interface InvalidTokenUses {
  /** The number of uses of invalid access tokens. */
  access: number
  /** The number of uses of invalid refresh tokens. */
  refresh: number
}

export type SignAccessToken = (grant: Grant, issuedAt: number, expiresAt: number) => Promise<string>

/**
 * All tokens of a domain, including invalid ones.
 *
 * The methods are synchronous, so concurrent requests cannot spend the same token. `now` is in milliseconds since the
 * epoch. The methods record in `trace` which tokens a request affects.
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

  /** All grants, including revoked ones, in the order of their first tokens. */
  get grants(): Iterable<Grant> {
    return new Set([...this.#byRefreshToken.values()].map(({ grant }) => grant))
  }

  /** Returns the grants that may still have a valid token, as JSON. */
  save(now: number): Promise<SavedGrant[]> {
    return saveGrants(this.#byRefreshToken.values(), now)
  }

  /** Adds a saved grant of a user. */
  async restore(saved: SavedGrant, user: User): Promise<void> {
    for (const pair of restorePairs(saved, user)) {
      this.#byRefreshToken.set(pair.refresh_token, pair)
      this.#byAccessToken.set(await pair.access_token, pair)
    }
  }

  /** Issues the first or the next tokens of a grant. Its previous tokens become invalid at once. */
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

  /**
   * Spends a refresh token of the application and returns the next tokens of its grant. Throws the service's error for
   * an invalid token.
   */
  refresh(refresh_token: string, client_id: string, now: number, trace: RequestTrace = {}): TokenPair {
    const pair = this.#byRefreshToken.get(refresh_token)
    if (!pair) throw invalidRefreshToken()
    const isValid = isValidRefreshToken(pair, now)
    const replayed = this.#findReplayable(pair, now)
    if (!isValid && !replayed) this.#invalidUses.refresh++
    // A refresh token is bound to its application (RFC 6749 section 6). Other applications must not affect its grant.
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
    // A second use may mean theft (RFC 9700 section 4.14.2). The vendor does not document how the service reacts.
    if (pair.spent && this.#rotation.revokeFamily) this.revokeGrant(pair.grant, trace)
    throw invalidRefreshToken()
  }

  /** Returns the grant of a valid access token. Throws the service's error for any other token. */
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
   * Revokes the tokens of the grant that a valid refresh token of the application belongs to. Does nothing for other
   * tokens, for example a spent refresh token.
   */
  revoke(refresh_token: string, client_id: string, now: number, trace: RequestTrace = {}): void {
    const pair = this.#byRefreshToken.get(refresh_token)
    if (pair?.grant.client_id !== client_id) return
    trace.grant = pair.grant
    // Until a refresh completes, the client has only the spent refresh token.
    const isBeingSpent = pair.spent?.successor.isSigned === false
    if (isBeingSpent || isValidRefreshToken(pair, now) || this.#findReplayable(pair, now)) {
      this.revokeGrant(pair.grant, trace)
    }
  }

  /**
   * Revokes the tokens of the grant that a valid token of either kind belongs to. Does nothing for an invalid token.
   * Throws the service's error for a token of another application (RFC 7009 section 2.1).
   */
  revokeToken(token: string, client_id: string, now: number, trace: RequestTrace = {}): void {
    const pair = this.#byAccessToken.get(token) ?? this.#byRefreshToken.get(token)
    if (!pair) return
    if (pair.grant.client_id !== client_id) throw notMatch('token', 'it was issued to another application')
    trace.grant = pair.grant
    if (pair.refresh_token === token) this.revoke(token, client_id, now, trace)
    else if (pair.grant.current === pair && now < pair.accessExpiresAt) this.revokeGrant(pair.grant, trace)
  }

  /** Revokes the tokens of a grant, including tokens that are not signed yet. */
  revokeGrant(grant: Grant, trace: RequestTrace = {}): void {
    trace.grant = grant
    if (grant.current) trace.old = grant.current
    grant.current = undefined
  }

  /** Returns the pair that a spent refresh token returns again in its grace period, if that pair is still valid. */
  #findReplayable({ grant, spent }: TokenPair, now: number): TokenPair | undefined {
    if (!spent || now >= spent.at + this.#rotation.grace) return undefined
    const { successor } = spent
    // The access token expires before the refresh token.
    return grant.current === successor && now < successor.accessExpiresAt ? successor : undefined
  }
}

function isValidRefreshToken(pair: TokenPair, now: number): boolean {
  return pair.grant.current === pair && now < pair.refreshExpiresAt
}
