import type { TokenInfo } from './token-info.ts'

/** The conditions under which a session calls a function of its grant. */
export interface GrantContext {
  /** Aborted when the session stops waiting for the call. */
  signal: AbortSignal
  /** How long the session waits for the call, in milliseconds. */
  timeout: number
  /**
   * The id of the call in the messages of the session. `jwtGrant` and `oauthGrant` pass it on as the option `callId` of
   * their request. Undefined if nothing observes the session.
   */
  callId?: string | undefined
  /** The access token that the service rejected, if that is why `obtain` is called. */
  rejected?: string | undefined
}

/**
 * The source of a session's tokens: `jwtGrant` of `@pds/auth-jwt`, `oauthGrant` of `@pds/auth-oauth`, or a custom
 * grant with `obtain`, `refresh` or both.
 *
 * The functions of a custom grant throw if they have no token. The session reads `code` and `outcome` of a `PDSError`.
 * After any other error it assumes that the refresh token may have been spent.
 */
export interface Grant {
  /**
   * Obtains a token without a user. A session with this function never requires a login: it can always obtain another
   * token.
   */
  obtain?: ((context: GrantContext) => TokenInfo | Promise<TokenInfo>) | undefined
  /** Spends a refresh token for a new token. If the result has no refresh token, the session keeps the old one. */
  refresh?: ((refresh_token: string, context: GrantContext) => TokenInfo | Promise<TokenInfo>) | undefined
  /** Revokes a refresh token at the service, and the access token of the same pair. */
  revoke?: ((refresh_token: string, context: GrantContext) => unknown) | undefined
  /**
   * Ends the sign-in where the tokens come from, for example at your back end. `signOut` of the session calls it instead
   * of `revoke`, also without a refresh token.
   */
  signOut?: ((context: GrantContext) => unknown) | undefined
  /**
   * Identifies the issuer, the application and the subject of the tokens, as far as the grant knows them. Sessions with
   * the same key share a record only if their grants have the same id. Default: empty.
   */
  id?: string | undefined
  /** The origins that may receive the tokens, for example `https://bj1.api.aliyunpds.com`. Default: none. */
  origins?: readonly string[] | undefined
  /** Returns the server's time, in milliseconds since the epoch. Default: the session's clock. */
  now?: (() => number) | undefined
  /**
   * Returns whether `now` follows the server's clock. Until then, a session does not compare `expire_time` with it.
   * Default: true.
   */
  hasServerTime?: (() => boolean) | undefined
}

/** A source of valid tokens, for example a session of `@pds/session`. */
export interface TokenSource {
  /** Returns a valid token. `rejected` is an access token that the service rejected; `signal` aborts the wait. */
  getToken(options?: { rejected?: string | undefined; signal?: AbortSignal | undefined }): Promise<TokenInfo>
}
