import { getServiceJwtToken, getUserJwtToken, refreshJwtToken } from '@pds/auth-jwt'
import { getTokenByCode, refreshToken } from '@pds/auth-oauth'
import {
  createTransport,
  type IPDSRequestConfig,
  type PDSAuthorization,
  type PDSResult,
  type PDSTransport,
} from '@pds/core'
import { authorizeCall, invalidParameter, isPlainObject } from '@pds/core/internal'
import type {
  IGetServiceJwtTokenReq,
  IGetTokenByCodeReq,
  IGetUserJwtTokenReq,
  IRefreshJwtTokenReq,
  IRefreshTokenReq,
  ITokenInfo,
  TokenInfo,
} from '@pds/types'
import {
  aShareToken,
  aToken,
  checkClientConfig,
  logHooks,
  type PDSClientConfig,
  transportPart,
} from './client-config.ts'
import { ClientCredentials } from './client-credentials.ts'
import { ErrorListeners, type PDSErrorListener } from './error-listeners.ts'
import { tokenWithExpiry } from './token-with-expiry.ts'

/**
 * The token methods and the calls of the API on one class, under the names of the vendor's SDK.
 *
 * Each token method is the function of the same name in `@pds/auth-jwt` or `@pds/auth-oauth`, where its errors and
 * its result are documented.
 */
export class PDSClient {
  /** What the functions of the flow packages take, for use beside this class. */
  readonly transport: PDSTransport
  /** The version that stands in the path of each call. Default: `v2`. */
  readonly version: string
  /** How the domain stores its files. The calls here do not depend on it. */
  readonly path_type: 'StandardMode'
  readonly #credentials: ClientCredentials
  readonly #hasSession: boolean
  readonly #errorListeners = new ErrorListeners()

  /** Throws a `PDSError` `InvalidParameter` for an option that is unknown, missing or wrong. */
  constructor(options: PDSClientConfig) {
    const config = checkClientConfig(options)
    const { path_type = 'StandardMode', verbose = false, logger, hooks = [] } = config
    if (verbose && !logger) throw invalidParameter('verbose needs a logger, such as console.debug')
    this.path_type = path_type
    this.version = config.version ?? 'v2'
    this.transport = createTransport({
      ...transportPart(config),
      hooks: [
        ...[hooks].flat(),
        ...(verbose && logger ? [logHooks(logger)] : []),
        { beforeError: ({ error }) => this.#errorListeners.emit(error) },
      ],
    })
    this.#hasSession = config.session !== undefined
    this.#credentials = new ClientCredentials(config, () => this.transport.now())
  }

  /** The token that is sent: the one that was set, or the last one that `refresh_token_fun` or the session gave. */
  get token_info(): Readonly<TokenInfo> | undefined {
    return this.#credentials.token.value?.info
  }

  /** The share token that is sent, beside the access token where there is one. */
  get share_token(): string | undefined {
    return this.#credentials.shareToken.value
  }

  /**
   * Sets the token that `postAPI` and `postAuth` send; a copy is kept. Throws `InvalidParameter` for what is none, and
   * where a session has the token: `session.setToken` is for that.
   */
  setToken(token_info: TokenInfo): void {
    this.#rejectWithSession('setToken', 'session.setToken')
    if (!aToken.accepts(token_info)) throw invalidParameter(`setToken: token_info must be ${aToken.wants}`)
    this.#credentials.token.set(tokenWithExpiry(token_info))
  }

  /**
   * Forgets the token, and calls `refresh_token_fun` no more until another one is set. A refresh that is under way does
   * not bring it back. It does not revoke it at the service. Throws `InvalidParameter` where a session has the token:
   * `session.signOut` is for that.
   */
  removeToken(): void {
    this.#rejectWithSession('removeToken', 'session.signOut')
    this.#credentials.token.remove()
  }

  /** Sets the share token that is sent, beside the access token where there is one. Throws `InvalidParameter` for what is none. */
  setShareToken(share_token: string): void {
    if (!aShareToken.accepts(share_token)) {
      throw invalidParameter(`setShareToken: share_token must be ${aShareToken.wants}`)
    }
    this.#credentials.shareToken.set(share_token)
  }

  /** Forgets the share token, so that the access token is sent alone. */
  removeShareToken(): void {
    this.#credentials.shareToken.remove()
  }

  /** Calls a function for each call that failed for good, after its attempts and with no secret in the error. */
  on(event: 'error', listener: PDSErrorListener): this {
    this.#errorListeners.add(event, listener)
    return this
  }

  /** Calls a function no longer, or without one none of them. */
  off(event: 'error', listener?: PDSErrorListener): this {
    this.#errorListeners.remove(event, listener)
    return this
  }

  /**
   * Calls the API with the client's access token, share token or both.
   *
   * A token that has expired is renewed first with `refresh_token_fun`, once for any number of calls. One that the
   * service refuses is renewed in the same way, or replaced by one that has been set meanwhile, and the call is sent
   * once more.
   *
   * @param pathname - The path after the version, such as `/user/get`, or a full address at one of the endpoints.
   * @param data - The parameters, sent as JSON. Default: `{}`.
   * @param options - Options of this call. A credential in its headers goes before the client's of the same kind.
   * @returns The JSON of the answer, undefined where it has no body; it is not checked against `T`.
   * @throws PDSError `AccessTokenInvalid` where there is no token, or a renewed one was refused too; `TokenExpired`
   * where it was refused and there is no `refresh_token_fun`; `RefreshFailed`, with what that threw as its `cause`;
   * the service's codes; see `PDSClientErrorCode` for the others.
   */
  postAPI<T = unknown, R extends boolean = false>(
    pathname: string,
    data?: object,
    options?: IPDSRequestConfig<R>,
  ): Promise<PDSResult<T, R>> {
    return this.#post('api', this.#credentials.authorize(), pathname, data, options)
  }

  /** As `postAPI`, at the `auth_endpoint`. */
  postAuth<T = unknown, R extends boolean = false>(
    pathname: string,
    data?: object,
    options?: IPDSRequestConfig<R>,
  ): Promise<PDSResult<T, R>> {
    return this.#post('auth', this.#credentials.authorize(), pathname, data, options)
  }

  /** As `postAPI`, without the client's tokens. A full address may be of any origin. */
  postAPIAnonymous<T = unknown, R extends boolean = false>(
    pathname: string,
    data?: object,
    options?: IPDSRequestConfig<R>,
  ): Promise<PDSResult<T, R>> {
    return this.#post('api', undefined, pathname, data, options)
  }

  /** As `postAuth`, without the client's tokens. A full address may be of any origin. */
  postAuthAnonymous<T = unknown, R extends boolean = false>(
    pathname: string,
    data?: object,
    options?: IPDSRequestConfig<R>,
  ): Promise<PDSResult<T, R>> {
    return this.#post('auth', undefined, pathname, data, options)
  }

  /** Obtains an access token that stands for one user, with the key of a JWT application. Not in browsers. */
  getUserJwtToken<R extends boolean = false>(
    params: IGetUserJwtTokenReq,
    options?: IPDSRequestConfig<R>,
  ): Promise<PDSResult<ITokenInfo, R>> {
    return getUserJwtToken(this.transport, params, options)
  }

  /** Obtains an access token for the domain's service account, with the key of a JWT application. Not in browsers. */
  getServiceJwtToken<R extends boolean = false>(
    params: IGetServiceJwtTokenReq,
    options?: IPDSRequestConfig<R>,
  ): Promise<PDSResult<ITokenInfo, R>> {
    return getServiceJwtToken(this.transport, params, options)
  }

  /** Refreshes an access token that a JWT application obtained; the old one is invalid afterwards. */
  refreshJwtToken<R extends boolean = false>(
    params: IRefreshJwtTokenReq,
    options?: IPDSRequestConfig<R>,
  ): Promise<PDSResult<ITokenInfo, R>> {
    return refreshJwtToken(this.transport, params, options)
  }

  /** Exchanges the authorization code of an OAuth sign-in for an access token. */
  getTokenByCode<R extends boolean = false>(
    params: IGetTokenByCodeReq,
    options?: IPDSRequestConfig<R>,
  ): Promise<PDSResult<ITokenInfo, R>> {
    return getTokenByCode(this.transport, params, options)
  }

  /** Refreshes an access token of an OAuth sign-in; the old one is invalid afterwards. */
  refreshToken<R extends boolean = false>(
    params: IRefreshTokenReq,
    options?: IPDSRequestConfig<R>,
  ): Promise<PDSResult<ITokenInfo, R>> {
    return refreshToken(this.transport, params, options)
  }

  #rejectWithSession(method: string, instead: string): void {
    if (this.#hasSession) throw invalidParameter(`${method}: the token is the session's: use ${instead}`)
  }

  async #post<T, R extends boolean>(
    endpoint: 'api' | 'auth',
    authorization: PDSAuthorization | undefined,
    path: string,
    data: object = {},
    options?: IPDSRequestConfig<R>,
  ): Promise<PDSResult<T, R>> {
    if (!isPlainObject(data)) throw invalidParameter('the data must be a plain object')
    const params = { ...data }
    const read = (response: unknown) => response as T
    return this.transport.post(
      {
        endpoint,
        path,
        format: 'json',
        params,
        authorization: authorization && authorizeCall(authorization),
        read,
      },
      options,
    )
  }
}
