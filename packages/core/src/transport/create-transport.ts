import { cacheMode, createLimiters, userAgent, watchConnections } from '#platform'
import { call } from '../call/call.ts'
import { CallDeadline } from '../call/call-deadline.ts'
import type { Engine, PreparedCall } from '../call/call-settings.ts'
import { resolvePath } from '../endpoints/endpoint.ts'
import { locateEndpoints, type PDSEndpoints } from '../endpoints/locate-endpoints.ts'
import { checkOptions, type DefinedOptions } from '../options/options.ts'
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
export interface PDSTransport extends PDSEndpoints {
  /** Returns the server's time in milliseconds since the epoch: the local time until a response has a `Date` header. */
  now(): number
  /** Returns whether `now` follows the server's clock: whether a response had a readable `Date` header. */
  hasServerTime(): boolean
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
 * Creates a transport whose calls run on an engine.
 *
 * Throws a `PDSError` with code `InvalidParameter` for an option that is unknown, missing or invalid. Transports share
 * no state.
 */
export function createTransportOver(engine: Engine, options: PDSTransportConfig): PDSTransport {
  const config = checkOptions('createTransport', options, transportOptions)
  const { version = 'v2', allowInsecure = false } = config
  const endpoints = locateEndpoints('createTransport', config)
  const { api_endpoint, auth_endpoint, origins } = endpoints
  const serverClock = createServerClock(config.clock ?? Date.now)
  const headersOf = (format: PDSPostRequest<unknown>['format'], more?: Record<string, string>) => ({
    accept: 'application/json',
    ...(config.identify !== false && userAgent()),
    ...more,
    'content-type': `application/${format === 'json' ? format : 'x-www-form-urlencoded'}`,
  })
  // Most calls have no headers in their options, so these are created once.
  const ownHeaders = { form: headersOf('form'), json: headersOf('json') }
  const limiterOf = createLimiters(config.concurrency, serverClock)
  // A path without parameters always has the same URL. The number of paths is limited, because callers may generate them.
  const targets = new Map<string, Target>()
  const locate = (base: string, path: string, method: string): Target => {
    const known = targets.get(base + path)
    if (known) return known
    const url = resolvePath(`${method}: pathname`, base + (version && `/${version}`), path, allowInsecure)
    const target = { url, endpoint: url.origin + url.pathname, isTrusted: origins.includes(url.origin) }
    if (targets.size < 100) targets.set(base + path, target)
    return target
  }
  const settings = { ...defaults, ...config }
  const noOptions: DefinedOptions<IPDSRequestConfig<boolean>> = Object.create(null)
  // Determined by the first call, so that a transport costs nothing until then.
  let mode: ReturnType<typeof cacheMode> | undefined
  watchConnections()

  /** Checks a call. Nothing is sent yet, and the settings are created only when the call has a slot. */
  const prepare = (
    request: PDSPostRequest<unknown>,
    options: DefinedOptions<IPDSRequestConfig<boolean>>,
  ): PreparedCall => {
    const { method = 'post' } = request
    const base = request.endpoint === 'auth' ? auth_endpoint : api_endpoint
    let { url, endpoint, isTrusted } = locate(base, request.path, method)
    if (options.params) {
      url = new URL(url)
      addParams(url, options.params, method)
    }
    const { format } = request
    const own = options.headers && Object.fromEntries(readHeaders(options.headers, method))
    // A copy for an authorization, which may be any function.
    const headers = own || request.authorization ? headersOf(format, own) : ownHeaders[format]
    const authorization = request.authorization?.(url, origins, headers)
    const { signal, totalTimeout = settings.totalTimeout } = options
    return {
      runLimited: limiterOf(authorization),
      endpoint,
      deadline: new CallDeadline(signal, totalTimeout),
      createSettings() {
        const { credentials, keepalive } = options
        mode ??= cacheMode()
        return {
          ...settings,
          ...options,
          url,
          headers,
          authorization,
          hooks: [config.hooks ?? [], options.hooks ?? []].flat(),
          init: {
            ...mode,
            ...(credentials && { credentials }),
            ...(keepalive && { keepalive }),
          },
          fetch: config.fetch ?? globalThis.fetch,
          clock: serverClock,
          isTrusted,
          engine,
        }
      },
    }
  }

  return {
    ...endpoints,
    now: () => serverClock.toServerTime(serverClock.localNow()),
    hasServerTime: serverClock.hasServerTime,
    post<T, R extends boolean>(
      request: PDSPostRequest<T>,
      callOptions?: IPDSRequestConfig<R>,
    ): Promise<PDSResult<T, R>> {
      try {
        const options =
          callOptions === undefined ? noOptions : checkRequestConfig(callOptions, request.method ?? 'post')
        const result = call(request, prepare(request, options)).then(({ data, response }) => {
          if (!options.returnResponse) return data
          const { status, statusText, headers } = response
          return { data, status, statusText, headers: Object.fromEntries(headers) }
        })
        return result as Promise<PDSResult<T, R>>
      } catch (error) {
        return Promise.reject(error)
      }
    },
  }
}

/** Where a call goes. */
interface Target {
  url: URL
  /** The origin and path. */
  endpoint: string
  /** Whether the origin is one of the transport's. */
  isTrusted: boolean
}

const defaults = {
  timeout: 10_000,
  totalTimeout: 60_000,
  retryCount: 3,
  // Here, so that a polluted prototype makes no request replayable.
  retryUnknown: false,
  maxContentLength: 1_048_576,
}
