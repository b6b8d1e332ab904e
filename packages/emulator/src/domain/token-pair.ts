import type { User } from './options.ts'

/** What a sign-in gave, kept through all of its refreshes. */
export interface Grant {
  client_id: string
  user: User
  subdomain_id?: string
  scope: readonly string[]
  /** The tokens that were issued last, until they are revoked. No others of the grant are alive. */
  current?: TokenPair | undefined
}

/** An access token and the refresh token that comes with it. Times are in milliseconds since the epoch. */
export interface TokenPair {
  readonly grant: Grant
  readonly refresh_token: string
  /** Signing takes its time, in which the pair can be revoked. */
  readonly access_token: Promise<string>
  readonly accessExpiresAt: number
  readonly refreshExpiresAt: number
  isSigned: boolean
  /** When the refresh token was used first, and what it was used for. */
  spent?: { at: number; successor: TokenPair }
}
