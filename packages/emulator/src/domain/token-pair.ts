import type { User } from './user.ts'

/** The grant of a sign-in. It stays the same in all refreshes. */
export interface Grant {
  /** Identifies the grant in the list of sessions. Not a secret. */
  readonly id: string
  /** When the user signed in, in milliseconds since the epoch. */
  readonly startedAt: number
  client_id: string
  user: User
  subdomain_id?: string
  scope: readonly string[]
  /** The latest token pair, or undefined after a revocation. All other tokens of the grant are invalid. */
  current?: TokenPair | undefined
}

/** An access token and its refresh token. Times are in milliseconds since the epoch. */
export interface TokenPair {
  readonly grant: Grant
  readonly refresh_token: string
  /** A promise, because signing is asynchronous. The pair can be revoked before it resolves. */
  readonly access_token: Promise<string>
  readonly accessExpiresAt: number
  readonly refreshExpiresAt: number
  isSigned: boolean
  /** The time of the first use of the refresh token, and the pair that this use returned. */
  spent?: { at: number; successor: TokenPair }
}
