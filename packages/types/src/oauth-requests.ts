/**
 * The redirect URI of an OAuth application, under either name of the vendor's page: `redirect_uri` in its samples and
 * on the wire, `redirect_url` in its tables. One of them is required; where both are given they must be the same.
 */
export type RedirectUriParams =
  | {
      /** The redirect URI that the application registered and that the authorization request named. */
      redirect_uri: string
      /** The spelling of the vendor's tables, the same as `redirect_uri`. */
      redirect_url?: string | undefined
    }
  | {
      /** The spelling of the vendor's tables, the same as `redirect_uri`. */
      redirect_url: string
      /** The redirect URI that the application registered and that the authorization request named. */
      redirect_uri?: string | undefined
    }

/** @inline */
interface OAuthClientParams {
  /** The id of the OAuth application. */
  client_id: string
  /** The secret of the OAuth application: required for a WebServer application, absent for a public one. */
  client_secret?: string | undefined
}

/** How the user signs in: what the vendor documents, open to later ones. Source: API reference 2022-03-01, `Authorize`. */
export type LoginType = 'default' | 'ding' | 'ding_sns' | 'ram' | 'wechat' | 'wechat_app' | (string & {})

/**
 * The parameters of an authorization request: the redirect URI as `redirect_uri` or `redirect_url`. Source: the API
 * reference 2022-03-01, `Authorize`.
 */
export type IAuthorizationReq = RedirectUriParams & {
  /** The id of the OAuth application. */
  client_id: string
  /** How the user signs in. Default: `default`, the page of the domain. */
  login_type?: LoginType | undefined
  /** What the application may do, as the server writes it. Default: left out, which means all. */
  scope?: string | undefined
  /** Whether the user is not asked for consent. Default: left out. */
  hide_consent?: boolean | undefined
  /** What the user is asked for again, as the server writes it. Default: left out. */
  prompt?: string | undefined
  /** Comes back with the callback and must be hard to guess. Default: 32 random bytes in base64url. */
  state?: string | undefined
  /** Whether the code is bound to whoever asked for it, with PKCE by S256 (RFC 7636). Default: true. */
  pkce?: boolean | undefined
}

/**
 * The parameters of `getTokenByCode`: the redirect URI as `redirect_uri` or `redirect_url`. Source: the vendor's page
 * "Obtain an access token".
 */
export type IGetTokenByCodeReq = OAuthClientParams &
  RedirectUriParams & {
    /** The one-off authorization code. It is spent by this call. */
    code: string
    /** The code verifier, where the authorization request carried a code challenge (RFC 7636 section 4.5). */
    code_verifier?: string | undefined
  }

/**
 * The parameters of `refreshToken`: the redirect URI as `redirect_uri` or `redirect_url`. Source: the vendor's page
 * "Obtain an access token".
 */
export type IRefreshTokenReq = OAuthClientParams &
  RedirectUriParams & {
    /** The refresh token that came with the access token. It is spent by this call. */
    refresh_token: string
  }

/**
 * The parameters of `revokeToken`. Source: the vendor's older SDK, `POST /v2/account/revoke`, and RFC 7009 section 2.1.
 */
export type IRevokeTokenReq = OAuthClientParams & {
  /** The refresh token that came with the access token. Both are dead afterwards. */
  refresh_token: string
}
