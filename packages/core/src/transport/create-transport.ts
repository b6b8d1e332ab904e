import { setUserAgent } from '#platform'
import { invalidParameter } from '../errors/invalid-parameter.ts'
import { checkOptions } from '../options/options.ts'
import { call } from './call.ts'
import { parseEndpoint, resolvePath } from './endpoint.ts'
import type { PDSPostRequest } from './post.ts'
import {
  addParams,
  checkRequestConfig,
  type IPDSRequestConfig,
  type PDSResult,
  readHeaders,
} from './request-config.ts'
import { createServerClock } from './server-clock.ts'
import { type PDSTransportConfig, transportOptions } from './transport-config.ts'

/** Sends requests to one PDS domain. Created by `createTransport`. */
export interface PDSTransport {
  /** The base URL of the domain, without a trailing slash. */
  readonly api_endpoint: string
  /** The base URL of the token calls, without a trailing slash. */
  readonly auth_endpoint: string
  /** The absolute URL of the authorization endpoint, where users sign in. It may have a query. */
  readonly authorization_endpoint: string
  /** The absolute URL of the token endpoint, which accepts codes, refresh tokens and assertions. */
  readonly token_endpoint: string
  /** The absolute URL of the revocation endpoint of RFC 7009, or undefined if the option is not set. */
  readonly revocation_endpoint: string | undefined
  /** The origins that may receive credentials: those of all endpoints except the authorization endpoint. */
  readonly origins: readonly string[]
  /** Returns the server's time in milliseconds since the epoch: the local time until a response has a `Date` header. */
  now(): number
  /**
   * Sends a POST request, with retries. Returns the checked response.
   *
   * Throws a `PDSError` and nothing else. If a request with an `authorization` goes to another origin than `origins`,
   * its code is `InvalidParameter`, unless the options of the call have an `authorization` header.
   *
   * @example
   * ```ts
   * import { createTransport } from '@pds/core'
   *
   * const transport = createTransport({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
   * export const user: unknown = await transport.post(
   *   { endpoint: 'api', path: '/user/get', format: 'json', params: { user_id: 'user-1' }, read: (data) => data },
   *   { timeout: 2000 },
   * )
   * ```
   */
  post<T, R extends boolean = false>(
    request: PDSPostRequest<T>,
    config?: IPDSRequestConfig<R>,
  ): Promise<PDSResult<T, R>>
}

/**
 * Creates a transport: the token functions take it as their first argument and send their requests through it.
 *
 * Throws a `PDSError` with code `InvalidParameter` for an option that is unknown, missing or invalid. Transports share
 * no state.
 *
 * @example
 * ```ts
 * import { createTransport } from '@pds/core'
 *
 * export const transport = createTransport({
 *   api_endpoint: 'https://bj1.api.aliyunpds.com',
 *   timeout: 5000,
 *   retryCount: 1,
 * })
 * ```
 */
export function createTransport(options: PDSTransportConfig): PDSTransport {
  const config = checkOptions('the options', '', options, transportOptions)
  const { version = 'v2', allowInsecure = false } = config
  const endpoint = (name: 'api_endpoint' | 'auth_endpoint') =>
    config[name] === undefined ? undefined : parseEndpoint(name, config[name], allowInsecure)
  const api = endpoint('api_endpoint')
  const auth = endpoint('auth_endpoint')
  const api_endpoint = api ?? auth
  const auth_endpoint = auth ?? api
  if (api_endpoint === undefined || auth_endpoint === undefined) {
    throw invalidParameter('api_endpoint or auth_endpoint is required')
  }
  const resolve = (name: string, base: string, path: string) =>
    resolvePath(name, base + (version && `/${version}`), path, allowInsecure)
  const locate = (name: 'authorization_endpoint' | 'token_endpoint' | 'revocation_endpoint', path: string) =>
    resolve(name, auth_endpoint, config[name] ?? path).href
  const authorization_endpoint = locate('authorization_endpoint', '/oauth/authorize')
  const token_endpoint = locate('token_endpoint', '/oauth/token')
  const revocation_endpoint =
    config.revocation_endpoint === undefined ? undefined : locate('revocation_endpoint', '')
  const trusted = [api_endpoint, auth_endpoint, token_endpoint, revocation_endpoint ?? auth_endpoint]
  const origins = [...new Set(trusted.map((url) => new URL(url).origin))]
  const serverClock = createServerClock(config.clock ?? Date.now)
  const headersOf = (
    format: PDSPostRequest<unknown>['format'],
    callHeaders?: IPDSRequestConfig['headers'],
  ) => {
    const headers = readHeaders(callHeaders)
    headers.set('content-type', contentTypes[format])
    if (!headers.has('accept')) headers.set('accept', 'application/json')
    if (config.identify !== false && !headers.has('user-agent')) setUserAgent(headers)
    return Object.fromEntries(headers)
  }
  // Most calls have no headers in their options, so these are created once.
  const defaultHeaders = { form: headersOf('form'), json: headersOf('json') }
  const settings = { ...defaults, ...config }

  return {
    api_endpoint,
    auth_endpoint,
    authorization_endpoint,
    token_endpoint,
    revocation_endpoint,
    origins,
    now: () => serverClock.toServerTime(serverClock.localNow()),
    async post<T, R extends boolean>(
      request: PDSPostRequest<T>,
      callOptions: IPDSRequestConfig<R> = {},
    ): Promise<PDSResult<T, R>> {
      const options = checkRequestConfig(callOptions)
      const { credentials, keepalive } = options
      const url = resolve(
        'pathname',
        request.endpoint === 'auth' ? auth_endpoint : api_endpoint,
        request.path,
      )
      addParams(url, options.params)
      const headers = options.headers
        ? headersOf(request.format, options.headers)
        : { ...defaultHeaders[request.format] }
      const authorization = request.authorization?.(url, origins, headers)
      const { data, response } = await call(request, {
        ...settings,
        ...options,
        signal: options.signal,
        retryUnknown: options.retryUnknown,
        url,
        headers,
        authorization,
        hooks: [config.hooks ?? [], options.hooks ?? []].flat(),
        init: { ...(credentials && { credentials }), ...(keepalive !== undefined && { keepalive }) },
        fetch: config.fetch ?? globalThis.fetch,
        // Other servers may have another time, so the clock does not learn from them.
        clock: origins.includes(url.origin) ? serverClock : { ...serverClock, learn: () => undefined },
      })
      const { status, statusText } = response
      const result = options.returnResponse
        ? { data, status, statusText, headers: Object.fromEntries(response.headers) }
        : data
      return result as PDSResult<T, R>
    },
  }
}

const defaults = { timeout: 10_000, totalTimeout: 60_000, retryCount: 3, maxContentLength: 1_048_576 }

const contentTypes = {
  form: 'application/x-www-form-urlencoded',
  json: 'application/json',
}
