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

/** Carries requests to one domain. */
export interface PDSTransport {
  /** The base URL of the domain, without a trailing slash. */
  readonly api_endpoint: string
  /** The base URL of the token calls, without a trailing slash. */
  readonly auth_endpoint: string
  /** The full address where users sign in; it may have a query. */
  readonly authorization_endpoint: string
  /** The full address where codes, refresh tokens and assertions are exchanged. */
  readonly token_endpoint: string
  /** The full address where tokens are revoked as in RFC 7009, undefined where it is not set. */
  readonly revocation_endpoint: string | undefined
  /** The origins of the endpoints but that where users sign in: credentials may be sent to them. */
  readonly origins: readonly string[]
  /** The server's time as far as it is known, in milliseconds since the epoch. */
  now(): number
  /**
   * Sends one POST request and gives back its checked answer; for code that makes a method.
   *
   * Throws a `PDSError`, also where a full address would take the request's credential to another origin than
   * `origins`: that gets no credential but those of the call's own headers.
   */
  post<T, R extends boolean = false>(
    request: PDSPostRequest<T>,
    config?: IPDSRequestConfig<R>,
  ): Promise<PDSResult<T, R>>
}

/**
 * Makes the transport that the token functions send their requests through.
 *
 * Throws a `PDSError` `InvalidParameter` for an option that is unknown, missing or wrong. Each transport stands
 * alone: it shares no state with another one.
 */
export function createTransport(options: PDSTransportConfig): PDSTransport {
  const config = checkOptions('the options', '', options, transportOptions)
  const { version = 'v2', allowInsecure = false } = config
  const endpoint = (name: 'api_endpoint' | 'auth_endpoint') =>
    config[name] === undefined ? undefined : parseEndpoint(name, config[name], allowInsecure)
  const given = { api: endpoint('api_endpoint'), auth: endpoint('auth_endpoint') }
  const api_endpoint = given.api ?? given.auth
  const auth_endpoint = given.auth ?? given.api
  if (api_endpoint === undefined || auth_endpoint === undefined) {
    throw invalidParameter('api_endpoint or auth_endpoint is required')
  }
  const address = (name: string, base: string, path: string) =>
    resolvePath(name, base + (version && `/${version}`), path, allowInsecure)
  const locate = (name: 'authorization_endpoint' | 'token_endpoint' | 'revocation_endpoint', path: string) =>
    address(name, auth_endpoint, config[name] ?? path).href
  const authorization_endpoint = locate('authorization_endpoint', '/oauth/authorize')
  const token_endpoint = locate('token_endpoint', '/oauth/token')
  const revocation_endpoint =
    config.revocation_endpoint === undefined ? undefined : locate('revocation_endpoint', '')
  const trusted = [api_endpoint, auth_endpoint, token_endpoint, revocation_endpoint ?? auth_endpoint]
  const origins = [...new Set(trusted.map((each) => new URL(each).origin))]
  const serverClock = createServerClock(config.clock ?? Date.now)
  const headersOf = (format: PDSPostRequest<unknown>['format'], given?: IPDSRequestConfig['headers']) => {
    const headers = readHeaders(given)
    headers.set('content-type', contentTypes[format])
    if (!headers.has('accept')) headers.set('accept', 'application/json')
    if (config.identify !== false && !headers.has('user-agent')) setUserAgent(headers)
    return Object.fromEntries(headers)
  }
  // Of most calls, which bring neither headers nor options of their own.
  const usualHeaders = { form: headersOf('form'), json: headersOf('json') }
  const usual = { ...defaults, ...config }

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
      const url = address(
        'the pathname',
        request.endpoint === 'auth' ? auth_endpoint : api_endpoint,
        request.path,
      )
      addParams(url, options.params)
      const headers = options.headers
        ? headersOf(request.format, options.headers)
        : { ...usualHeaders[request.format] }
      const authorization = request.authorization?.(url, origins, headers)
      const { data, response } = await call(request, {
        ...usual,
        ...options,
        signal: options.signal,
        retryUnknown: options.retryUnknown,
        url,
        headers,
        authorization,
        hooks: [config.hooks ?? [], options.hooks ?? []].flat(),
        init: { ...(credentials && { credentials }), ...(keepalive !== undefined && { keepalive }) },
        fetch: config.fetch ?? globalThis.fetch,
        // The clock of another server says nothing of the service's.
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
