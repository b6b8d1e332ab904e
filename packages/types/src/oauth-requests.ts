/**
 * The redirect URI of an OAuth application, under either name of the vendor's page: `redirect_uri` in its samples
 * and on the wire, `redirect_url` in its tables.
 */
export type RedirectUriParams =
  | {
      /** The redirect URI that the application registered and that the authorization request named. */
      redirect_uri: string
      redirect_url?: string | undefined
    }
  | {
      /** The spelling of the vendor's tables, the same as `redirect_uri`. */
      redirect_url: string
      redirect_uri?: string | undefined
    }

interface OAuthClientParams {
  /** The id of the OAuth application. */
  client_id: string
  /** The secret of the OAuth application: required for a WebServer application, absent for a public one. */
  client_secret?: string | undefined
}

/** The parameters of `getTokenByCode`. Source: the vendor's page "Obtain an access token". */
export type IGetTokenByCodeReq = OAuthClientParams &
  RedirectUriParams & {
    /** The one-off authorization code. It is spent by this call. */
    code: string
    /** The code verifier, where the authorization request carried a code challenge (RFC 7636 section 4.5). */
    code_verifier?: string | undefined
  }

/** The parameters of `refreshToken`. Source: the vendor's page "Obtain an access token". */
export type IRefreshTokenReq = OAuthClientParams &
  RedirectUriParams & {
    /** The refresh token that came with the access token. It is spent by this call. */
    refresh_token: string
  }
