/** @inline */
interface DeprecatedRedirectUrl {
  /**
   * The redirect URI, under the name that the vendor's tables use.
   *
   * @deprecated Use `redirect_uri`, the name in the vendor's samples and in the request.
   */
  redirect_url: string
}

/** @inline */
interface RedirectUri {
  /** The redirect URI: registered for the application, and the same as in the authorization request. */
  redirect_uri: string
  /**
   * The same redirect URI, under the name that the vendor's tables use.
   *
   * @deprecated Use `redirect_uri`.
   */
  redirect_url?: string | undefined
}

/**
 * The redirect URI of an OAuth application: `redirect_uri` in the vendor's samples, `redirect_url` in its tables.
 *
 * Either name is accepted. If both are given they must be equal.
 */
export type RedirectUriParams = DeprecatedRedirectUrl | RedirectUri

/**
 * The redirect URI of a request in which RFC 6749 has none, for a server that requires it: either name, and both only if
 * they are equal.
 *
 * @inline
 */
interface OptionalRedirectUri {
  /** The redirect URI of the application. Sent only if it is given. */
  redirect_uri?: string | undefined
  /**
   * The same redirect URI, under the name that the vendor's tables use.
   *
   * @deprecated Use `redirect_uri`.
   */
  redirect_url?: string | undefined
}

/** @inline */
interface OAuthClientParams {
  /** The id of the OAuth application. */
  client_id: string
  /** The secret of the OAuth application: required for WebServer applications, omitted for public clients. */
  client_secret?: string | undefined
  /**
   * How the id and the secret are sent: `post` as parameters, as the vendor documents, or `basic` in the `authorization`
   * header (RFC 6749 section 2.3.1). Default: `post`.
   */
  client_auth?: 'post' | 'basic' | undefined
}

/**
 * How the user signs in: the documented values, and any later one.
 *
 * Source: API reference 2022-03-01, `Authorize`.
 */
export type LoginType = 'default' | 'ding' | 'ding_sns' | 'ram' | 'wechat' | 'wechat_app' | (string & {})

/**
 * The parameters of an authorization request (RFC 6749 section 4.1.1).
 *
 * Source: API reference 2022-03-01, `Authorize`.
 */
export type IAuthorizationReq = RedirectUriParams & {
  /** The id of the OAuth application. */
  client_id: string
  /**
   * How the user signs in. Default: `default`, the sign-in page of the domain. Not sent if it is null, or if the transport
   * has `metadata` and this is not set.
   */
  login_type?: LoginType | null | undefined
  /** The requested scope, in the server's format. Default: omitted, which requests all. */
  scope?: string | undefined
  /** Whether to skip the consent page. Default: omitted. */
  hide_consent?: boolean | undefined
  /** What the sign-in page asks for again, in the server's format. Default: omitted. */
  prompt?: string | undefined
  /** The value that the callback returns. It must be hard to guess. Default: 32 random bytes in base64url. */
  state?: string | undefined
  /**
   * Further parameters of the request, for example `nonce`, `login_hint`, `resource` or `max_age`. Default: none. A
   * parameter that the request already has is rejected.
   */
  extraParams?: URLSearchParams | Record<string, string | number | boolean | undefined> | undefined
  /** Whether to bind the code to this client with PKCE, method S256 (RFC 7636). Default: true. */
  pkce?: boolean | undefined
}

/**
 * The parameters of `getTokenByCode`.
 *
 * Source: the vendor's page "Obtain an access token".
 */
export type IGetTokenByCodeReq = OAuthClientParams &
  RedirectUriParams & {
    /** The one-time authorization code. The call spends it. */
    code: string
    /** The code verifier. Required if the authorization request had a code challenge (RFC 7636 section 4.5). */
    code_verifier?: string | undefined
  }

/**
 * The parameters of `refreshToken`.
 *
 * Source: the vendor's page "Obtain an access token".
 */
export type IRefreshTokenReq = OAuthClientParams &
  OptionalRedirectUri & {
    /**
     * The refresh token of the current token pair. The call spends it.
     *
     * The type admits undefined because `ITokenInfo.refresh_token` is optional; the call then throws `InvalidParameter`
     * and sends nothing.
     */
    refresh_token: string | undefined
  }

/**
 * The parameters of `revokeToken`.
 *
 * Source: the vendor's older SDK, `POST /v2/account/revoke`, and RFC 7009 section 2.1.
 */
export type IRevokeTokenReq = OAuthClientParams & {
  /**
   * The refresh token to revoke. The access token of the same pair is revoked with it.
   *
   * The type admits undefined because `ITokenInfo.refresh_token` is optional; the call then throws `InvalidParameter`
   * and sends nothing.
   */
  refresh_token: string | undefined
}
