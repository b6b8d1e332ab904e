import { getServiceJwtToken, getUserJwtToken, refreshJwtToken } from '@pds/auth-jwt'
import { getTokenByCode, refreshToken } from '@pds/auth-oauth'
import { createTransport, type IPDSRequestConfig, type PDSResult, type PDSTransport } from '@pds/core'
import { authorizeCall, invalidParameter, isPlainObject, mustBe } from '@pds/core/internal'
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
  checkClientConfig,
  checkTokenInfo,
  logHooks,
  type PDSClientConfig,
  shareTokenOption,
  transportPart,
} from './client-config.ts'
import { ClientCredentials } from './client-credentials.ts'
import { ErrorListeners, type PDSErrorListener } from './error-listeners.ts'

/**
 * A client with the token methods and API calls of the vendor's SDK, under the same names.
 *
 * Each token method calls the function of the same name in `@pds/auth-jwt` or `@pds/auth-oauth`, which documents its
 * result and its errors.
 *
 * @example
 * ```ts
 * import { PDSClient, type TokenInfo } from '@pds/client'
 *
 * export async function userName(token_info: TokenInfo): Promise<string> {
 *   const client = new PDSClient({ api_endpoint: 'https://bj1.api.aliyunpds.com', token_info })
 *   const user = await client.postAPI<{ user_name: string }>('/user/get', {})
 *   return user.user_name
 * }
 * ```
 */
export class PDSClient {
  /** The client's transport, for the functions of `@pds/auth-jwt` and `@pds/auth-oauth`. */
  readonly transport: PDSTransport
  /** The base URL of the API calls. */
  declare readonly api_endpoint: string
  /** The base URL of the token calls. */
  declare readonly auth_endpoint: string
  /** The version in the path of each call. Default: `v2`. */
  declare readonly version: string
  /** How the domain stores its files. No call depends on it. */
  declare readonly path_type: 'StandardMode'
  readonly #credentials: ClientCredentials
  /** The option that provides the token in place of `setToken`. */
  readonly #tokenSource: 'session' | 'always_get_token_fun' | undefined
  readonly #errorListeners = new ErrorListeners()

  /**
   * Creates a client. Throws a `PDSError` with code `InvalidParameter` for an option that is unknown, missing or
   * invalid.
   */
  constructor(options: PDSClientConfig)
  constructor(options: PDSClientConfig, ...others: unknown[]) {
    if (others.length > 0) {
      throw invalidParameter(
        'PDSClient has no second argument: it needs no context, only the global fetch or the option fetch',
      )
    }
    const config = checkClientConfig(options)
    const { version = 'v2', path_type = 'StandardMode', verbose = false, logger, hooks = [] } = config
    this.transport = createTransport({
      ...transportPart(config),
      hooks: [
        ...[hooks].flat(),
        ...(verbose && logger ? [logHooks(logger)] : []),
        { beforeError: ({ error }) => this.#errorListeners.emit(error) },
      ],
    })
    this.#tokenSource = config.session ? 'session' : config.always_get_token_fun && 'always_get_token_fun'
    this.#credentials = new ClientCredentials(config, this.transport)
    const { api_endpoint, auth_endpoint } = this.transport
    const shown = { api_endpoint, auth_endpoint, version, path_type }
    const values = { ...config, ...shown }
    // In the vendor's class, these options can be assigned later. Here an assignment must not be ignored.
    for (const name of constructorOptions) {
      Object.defineProperty(this, name, {
        enumerable: name in shown,
        get: () => values[name],
        set: () => {
          throw invalidParameter(`PDSClient: ${name} cannot be assigned: pass the option to the constructor`)
        },
      })
    }
    // Node.js calls this function to show the client. The default view can also call getters, which return the tokens.
    Object.defineProperty(this, Symbol.for('nodejs.util.inspect.custom'), {
      value: () => Object.defineProperty({ ...this }, Symbol.toStringTag, { value: 'PDSClient' }),
    })
  }

  /** The current token: the one that was set, or the last one of a function of the options or the session. */
  get token_info(): Readonly<TokenInfo> | undefined {
    return this.#credentials.token_info
  }

  /** Throws a `PDSError` with code `InvalidParameter`: use `setToken`. */
  set token_info(_token: never) {
    throw invalidParameter('PDSClient: token_info cannot be assigned: use setToken or removeToken')
  }

  /** The current share token. It is sent with the access token, or alone without an access token. */
  get share_token(): string | undefined {
    return this.#credentials.share_token
  }

  /** Throws a `PDSError` with code `InvalidParameter`: use `setShareToken`. */
  set share_token(_token: never) {
    throw invalidParameter('PDSClient: share_token cannot be assigned: use setShareToken or removeShareToken')
  }

  /**
   * Sets the token that `postAPI` and `postAuth` send. The client keeps a frozen copy.
   *
   * Throws a `PDSError` with code `InvalidParameter` if the value is not a token, or if the client has a session: use
   * `session.setToken` instead.
   *
   * @example
   * ```ts
   * import { PDSClient } from '@pds/client'
   *
   * const client = new PDSClient({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
   * client.setToken({ access_token: 'an access token', expire_time: '2026-02-16T07:59:14Z' })
   * ```
   */
  setToken(token_info: TokenInfo): void {
    this.#rejectWithSource('setToken', 'session.setToken')
    checkTokenInfo('setToken: token_info', token_info)
    this.#credentials.setToken(token_info)
  }

  /**
   * Removes the token. `refresh_token_fun` is not called until another token is set, and a running refresh does not
   * restore the token. The token is not revoked at the service.
   *
   * Throws a `PDSError` with code `InvalidParameter` if the client has a session: use `session.signOut` instead.
   */
  removeToken(): void {
    this.#rejectWithSource('removeToken', 'session.signOut')
    this.#credentials.removeToken()
  }

  /**
   * Sets the share token, which is sent with the access token, or alone without an access token.
   *
   * Throws a `PDSError` with code `InvalidParameter` if the value is not a share token.
   *
   * @example
   * ```ts
   * import { PDSClient } from '@pds/client'
   *
   * const client = new PDSClient({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
   * client.setShareToken('a share token')
   * export const files = await client.postAPI('/file/list', { share_id: 'share-1' })
   * ```
   */
  setShareToken(share_token: string): void {
    if (!shareTokenOption.accepts(share_token)) {
      throw mustBe('setShareToken: share_token', shareTokenOption.wants, share_token)
    }
    this.#credentials.setShareToken(share_token)
  }

  /** Removes the share token. */
  removeShareToken(): void {
    this.#credentials.removeShareToken()
  }

  /**
   * Adds a listener for failed calls. It is called once for each call, after the last attempt. The error contains no
   * secrets. Calls with invalid arguments, which are not sent, cause no event.
   *
   * @example
   * ```ts
   * import { PDSClient } from '@pds/client'
   *
   * const client = new PDSClient({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
   * client.on('error', (error) => console.error(error.code, error.reqId))
   * ```
   */
  on(event: 'error', listener: PDSErrorListener): this {
    this.#errorListeners.add(event, listener)
    return this
  }

  /** Removes a listener, or all listeners if none is given. */
  off(event: 'error', listener?: PDSErrorListener): this {
    this.#errorListeners.remove(event, listener)
    return this
  }

  /**
   * Calls the API with the client's access token, share token or both. Returns the data of the response.
   *
   * A token that expires within 30 seconds is renewed first with `refresh_token_fun`, once for any number of calls. One
   * that expires within 10 minutes is used and renewed in the background. If the service rejects the token, the call is
   * retried once: with the token that was set since, or with a renewed one.
   *
   * @param pathname - The path after the version, for example `/user/get`, or an absolute URL at one of the endpoints.
   * @param data - The parameters, sent as JSON. Default: `{}`.
   * @param options - The options of this call. A credential in its headers replaces the client's credential of that
   * kind.
   * @returns The parsed JSON of the response, or undefined for an empty body. It is not checked against `T`.
   * @throws PDSError with code `AccessTokenInvalid` if there is no token or the renewed token was rejected too,
   * `TokenExpired` if the token was rejected and there is no `refresh_token_fun`, `RefreshFailed` if that function
   * failed (see `cause` and `retryAt`), a code of the service, or another `PDSClientErrorCode`.
   *
   * @example
   * ```ts
   * import { PDSClient } from '@pds/client'
   *
   * const client = new PDSClient({
   *   api_endpoint: 'https://bj1.api.aliyunpds.com',
   *   token_info: { access_token: 'an access token' },
   * })
   * export const user = await client.postAPI<{ user_name: string }>(
   *   '/user/get',
   *   { user_id: 'user-1' },
   *   { timeout: 5000 },
   * )
   * ```
   */
  postAPI<T = unknown, R extends boolean = false>(
    pathname: string,
    data?: object,
    options?: IPDSRequestConfig<R>,
  ): Promise<PDSResult<T, R>> {
    return this.#post('postAPI', pathname, data, options)
  }

  /** Calls the `auth_endpoint` like `postAPI` calls the `api_endpoint`. */
  postAuth<T = unknown, R extends boolean = false>(
    pathname: string,
    data?: object,
    options?: IPDSRequestConfig<R>,
  ): Promise<PDSResult<T, R>> {
    return this.#post('postAuth', pathname, data, options)
  }

  /** Calls the API like `postAPI`, but without the client's tokens. An absolute URL may have any origin. */
  postAPIAnonymous<T = unknown, R extends boolean = false>(
    pathname: string,
    data?: object,
    options?: IPDSRequestConfig<R>,
  ): Promise<PDSResult<T, R>> {
    return this.#post('postAPIAnonymous', pathname, data, options)
  }

  /**
   * Calls the `auth_endpoint` like `postAuth`, but without the client's tokens. An absolute URL may have any origin.
   */
  postAuthAnonymous<T = unknown, R extends boolean = false>(
    pathname: string,
    data?: object,
    options?: IPDSRequestConfig<R>,
  ): Promise<PDSResult<T, R>> {
    return this.#post('postAuthAnonymous', pathname, data, options)
  }

  /**
   * Obtains a token for one user with the private key of a JWT application. Not in browsers, where it throws
   * `UnsupportedEnvironment`.
   *
   * @example
   * ```ts
   * import { PDSClient } from '@pds/client'
   *
   * const client = new PDSClient({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
   * export const userToken = (private_key_pem: string) =>
   *   client.getUserJwtToken({ domain_id: 'bj1', client_id: 'jwt-app', private_key_pem, user_id: 'user-1' })
   * ```
   */
  getUserJwtToken<R extends boolean = false>(
    params: IGetUserJwtTokenReq,
    options?: IPDSRequestConfig<R>,
  ): Promise<PDSResult<ITokenInfo, R>> {
    return getUserJwtToken(this.transport, params, options)
  }

  /**
   * Obtains a token for the domain's service account with the private key of a JWT application. Not in browsers, where
   * it throws `UnsupportedEnvironment`.
   *
   * @example
   * ```ts
   * import { PDSClient } from '@pds/client'
   *
   * const client = new PDSClient({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
   * export const serviceToken = (private_key_pem: string) =>
   *   client.getServiceJwtToken({ domain_id: 'bj1', client_id: 'jwt-app', private_key_pem })
   * ```
   */
  getServiceJwtToken<R extends boolean = false>(
    params: IGetServiceJwtTokenReq,
    options?: IPDSRequestConfig<R>,
  ): Promise<PDSResult<ITokenInfo, R>> {
    return getServiceJwtToken(this.transport, params, options)
  }

  /**
   * Refreshes the token of a JWT application. The old access token becomes invalid.
   *
   * @example
   * ```ts
   * import { PDSClient } from '@pds/client'
   *
   * const client = new PDSClient({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
   * export const refreshed = await client.refreshJwtToken({ client_id: 'jwt-app', refresh_token: 'a refresh token' })
   * ```
   */
  refreshJwtToken<R extends boolean = false>(
    params: IRefreshJwtTokenReq,
    options?: IPDSRequestConfig<R>,
  ): Promise<PDSResult<ITokenInfo, R>> {
    return refreshJwtToken(this.transport, params, options)
  }

  /**
   * Exchanges the authorization code of an OAuth sign-in for a token.
   *
   * @example
   * ```ts
   * import { PDSClient } from '@pds/client'
   *
   * const client = new PDSClient({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
   * export const token = await client.getTokenByCode({
   *   client_id: 'browser-app',
   *   redirect_uri: 'https://app.example.com/callback',
   *   code: 'an authorization code',
   *   code_verifier: 'the code verifier of the authorization request',
   * })
   * ```
   */
  getTokenByCode<R extends boolean = false>(
    params: IGetTokenByCodeReq,
    options?: IPDSRequestConfig<R>,
  ): Promise<PDSResult<ITokenInfo, R>> {
    return getTokenByCode(this.transport, params, options)
  }

  /**
   * Refreshes the token of an OAuth sign-in. The old access token becomes invalid.
   *
   * @example
   * ```ts
   * import { PDSClient } from '@pds/client'
   *
   * const client = new PDSClient({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
   * export const refreshed = await client.refreshToken({
   *   client_id: 'browser-app',
   *   redirect_uri: 'https://app.example.com/callback',
   *   refresh_token: 'a refresh token',
   * })
   * ```
   */
  refreshToken<R extends boolean = false>(
    params: IRefreshTokenReq,
    options?: IPDSRequestConfig<R>,
  ): Promise<PDSResult<ITokenInfo, R>> {
    return refreshToken(this.transport, params, options)
  }

  #rejectWithSource(method: string, instead: string): void {
    const source = this.#tokenSource
    if (!source) return
    const reason = source === 'session' ? `a session: use ${instead}` : `${source}: it provides the token`
    throw invalidParameter(`${method} is not available with ${reason}`)
  }

  async #post<T, R extends boolean>(
    method: keyof typeof postMethods,
    path: string,
    data: object = {},
    options?: IPDSRequestConfig<R>,
  ): Promise<PDSResult<T, R>> {
    if (!isPlainObject(data)) throw mustBe(`${method}: data`, 'a plain object', data)
    const params = { ...data }
    const { endpoint, isAnonymous } = postMethods[method]
    const authorization = isAnonymous ? undefined : authorizeCall(this.#credentials.authorize(), method)
    const read = (response: unknown) => response as T
    return this.transport.post(
      { method, endpoint, path, format: 'json', params, authorization, read },
      options,
    )
  }
}

/** The options that applications of the vendor's class assign later. */
const constructorOptions = [
  'api_endpoint',
  'auth_endpoint',
  'version',
  'path_type',
  'retryCount',
  'verbose',
  'refresh_token_fun',
  'refresh_share_token_fun',
  'always_get_token_fun',
  'always_get_token_cache_ms',
] as const

/** Where each method sends its requests, and whether they are without the client's tokens. */
const postMethods = {
  postAPI: { endpoint: 'api', isAnonymous: false },
  postAuth: { endpoint: 'auth', isAnonymous: false },
  postAPIAnonymous: { endpoint: 'api', isAnonymous: true },
  postAuthAnonymous: { endpoint: 'auth', isAnonymous: true },
} as const
