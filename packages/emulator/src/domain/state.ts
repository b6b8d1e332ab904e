import type { Grant, TokenPair } from './token-pair.ts'
import type { User } from './user.ts'

/** The users and tokens of a domain, as JSON. It contains the tokens unencrypted. */
export interface EmulatorState {
  /** The version of the format. */
  version: 1
  /** How far `clock.advance` has moved the clock, in milliseconds. */
  clockOffset: number
  /** The users. */
  users: User[]
  /** The grants that may still have a valid token. */
  grants: SavedGrant[]
  /** The application and `jti` of each accepted assertion. */
  usedAssertions: string[]
}

/** A grant and its tokens, as JSON. */
export interface SavedGrant {
  /** The id of the session. */
  id: string
  /** When the user signed in, in milliseconds since the epoch. */
  startedAt: number
  /** The id of the application. */
  client_id: string
  /** The id of the user. */
  user_id: string
  /** The id of the subdomain. */
  subdomain_id?: string
  /** The granted scopes. */
  scope: readonly string[]
  /** Whether the last token pair is valid until it expires. It is not after a revocation. */
  isActive: boolean
  /** All token pairs, in the order of their issue. Each is the successor of the one before. */
  tokens: SavedTokenPair[]
}

/** A token pair, as JSON. Times are in milliseconds since the epoch. */
export interface SavedTokenPair {
  /** The access token. */
  access_token: string
  /** The refresh token. */
  refresh_token: string
  /** When the access token expires. */
  accessExpiresAt: number
  /** When the refresh token expires. */
  refreshExpiresAt: number
  /** When the refresh token was used first. */
  spentAt?: number
}

/** Returns the grants with the pairs of `pairs` that may still be valid at `now`. */
export async function saveGrants(pairs: Iterable<TokenPair>, now: number): Promise<SavedGrant[]> {
  const byGrant = new Map<Grant, TokenPair[]>()
  for (const pair of pairs) byGrant.set(pair.grant, [...(byGrant.get(pair.grant) ?? []), pair])
  const saved: SavedGrant[] = []
  for (const [grant, ofGrant] of byGrant) {
    if (ofGrant.every(({ refreshExpiresAt }) => refreshExpiresAt <= now)) continue
    const { id, startedAt, client_id, user, subdomain_id, scope } = grant
    saved.push({
      ...{ id, startedAt, client_id, user_id: user.user_id, scope },
      ...(subdomain_id !== undefined && { subdomain_id }),
      isActive: grant.current !== undefined,
      tokens: await Promise.all(ofGrant.map(savePair)),
    })
  }
  return saved
}

async function savePair(pair: TokenPair): Promise<SavedTokenPair> {
  const { access_token, refresh_token, accessExpiresAt, refreshExpiresAt, spent } = pair
  return {
    ...{ access_token: await access_token, refresh_token, accessExpiresAt, refreshExpiresAt },
    ...(spent && { spentAt: spent.at }),
  }
}

/** Returns the token pairs of a saved grant. */
export function restorePairs(saved: SavedGrant, user: User): TokenPair[] {
  const { id, startedAt, client_id, subdomain_id, scope } = saved
  const subdomain = subdomain_id !== undefined && { subdomain_id }
  const grant: Grant = { id, startedAt, client_id, user, scope, ...subdomain }
  const pairs = saved.tokens.map(
    ({ access_token, refresh_token, accessExpiresAt, refreshExpiresAt }): TokenPair => ({
      ...{ grant, refresh_token, accessExpiresAt, refreshExpiresAt },
      access_token: Promise.resolve(access_token),
      isSigned: true,
    }),
  )
  for (const [index, { spentAt }] of saved.tokens.entries()) {
    const [pair, successor] = pairs.slice(index)
    if (pair && successor && spentAt !== undefined) pair.spent = { at: spentAt, successor }
  }
  if (saved.isActive) grant.current = pairs.at(-1)
  return pairs
}
