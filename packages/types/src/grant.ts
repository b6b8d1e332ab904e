import type { TokenInfo } from './token-info.ts'

/** What a session tells the functions of its grant about their call. */
export interface GrantContext {
  /** Aborted when the session waits for the call no longer. */
  signal: AbortSignal
  /** How long the session waits for the call, in milliseconds. */
  timeout: number
  /** The access token that the service has refused, if that is why `obtain` is called. */
  rejected?: string | undefined
}

/**
 * Where the tokens of a session come from: `jwtGrant` of `@pds/auth-jwt`, `oauthGrant` of `@pds/auth-oauth`, or one of
 * your own, which has `obtain`, `refresh` or both.
 *
 * The functions of a grant of your own throw where they have no token. An error that is a `PDSError` is understood by
 * its `code` and `outcome`; after any other one, what was sent may have been spent.
 */
export interface Grant {
  /**
   * Obtains a token without anybody who signs in. A session that has this never needs a login: whatever is lost, it
   * obtains another token.
   */
  obtain?: ((context: GrantContext) => TokenInfo | Promise<TokenInfo>) | undefined
  /** Spends a refresh token for a new token. A result without a refresh token keeps the one that was given. */
  refresh?: ((refresh_token: string, context: GrantContext) => TokenInfo | Promise<TokenInfo>) | undefined
  /** Revokes a refresh token at the service, and its access token with it. */
  revoke?: ((refresh_token: string, context: GrantContext) => unknown) | undefined
  /**
   * Names the issuer, the application and the subject of the tokens, as far as the grant knows them: sessions of the
   * same key whose grants have another id share nothing. Default: empty.
   */
  id?: string | undefined
  /** The origins that the tokens may be sent to, such as `https://bj1.api.aliyunpds.com`. Default: none. */
  origins?: readonly string[] | undefined
  /** The server's time, in milliseconds since the epoch. Default: the session's clock. */
  now?: (() => number) | undefined
}

/** What gives a token that is valid now, such as a session of `@pds/session`. */
export interface TokenSource {
  /** Gives the token. `rejected` is an access token that the service has refused; `signal` ends the waiting. */
  getToken(options?: { rejected?: string | undefined; signal?: AbortSignal | undefined }): Promise<TokenInfo>
}
