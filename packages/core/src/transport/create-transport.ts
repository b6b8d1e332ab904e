import { cacheMode, createLimiters, observeCall, userAgent, watchConnections } from '#platform'
import { type CallResult, call } from '../call/call.ts'
import { CallDeadline } from '../call/call-deadline.ts'
import type { CallSettings, Engine } from '../call/call-settings.ts'
import { resolvePath } from '../endpoints/endpoint.ts'
import { locateEndpoints, type PDSEndpoints } from '../endpoints/locate-endpoints.ts'
import { checkOptions, type DefinedOptions } from '../options/options.ts'
import { basicCredentials } from '../token/client-auth.ts'
import type { PDSPostRequest } from './post.ts'
import {
  appendParams,
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
  const clock = createServerClock(config.clock ?? Date.now)
  const limiterOf = createLimiters(config.concurrency, clock)
  const commonHeaders = { accept: 'application/json', ...(config.identify !== false && userAgent()) }
  // A path without parameters always has the same URL. The number of paths is limited, because callers may generate them.
  const targets = new Map<string, Target>()
  const locate = (base: string, path: string, method: string): Target => {
    const known = targets.get(base + path)
    if (known) return known
    const url = resolvePath(`${method}: pathname`, base + (version && `/${version}`), path, allowInsecure)
    const { origin, pathname } = url
    const target = { url, endpoint: origin + pathname, isTrusted: endpoints.origins.includes(origin) }
    if (targets.size < 100) targets.set(base + path, target)
    return target
  }
  const defaults = { ...defaultOptions, ...config }
  const noOptions: DefinedOptions<IPDSRequestConfig<boolean>> = Object.create(null)
  // Determined by the first call, so that a transport costs nothing until then.
  let mode: ReturnType<typeof cacheMode> | undefined
  watchConnections()

  /** Checks a call, and runs it when it has a slot. */
  const start = <T>(
    method: string,
    request: PDSPostRequest<T>,
    options: DefinedOptions<IPDSRequestConfig<boolean>>,
  ): Promise<CallResult<T>> => {
    const { format, path } = request
    const { credentials, keepalive, params, signal, totalTimeout = defaults.totalTimeout } = options
    const target = locate(endpoints[`${request.endpoint}_endpoint`], path, method)
    const url = params ? appendParams(target.url, params, `${method}: options.params`) : target.url
    const headers = {
      ...commonHeaders,
      ...(request.client && { authorization: basicCredentials(request.client) }),
      ...(options.headers && readHeaders(options.headers, method)),
      'content-type': `application/${format === 'json' ? format : 'x-www-form-urlencoded'}`,
    }
    const authorization = request.authorization?.(url, endpoints.origins, headers)
    const deadline = new CallDeadline(signal, totalTimeout)
    const observation = observeCall(request, url, headers, options)
    return limiterOf(authorization)(target.endpoint, deadline, (sendInSlot) => {
      // Created here, because thousands of calls may wait.
      mode ??= cacheMode()
      const settings: CallSettings = {
        ...defaults,
        // A code or a refresh token is not spent twice unless the call itself says so.
        ...('grant_type' in Object(request.params) && { retryUnknown: false }),
        ...options,
        ...observation,
        url,
        headers,
        authorization,
        hooks: [config.hooks, options.hooks].flat(),
        init: {
          ...mode,
          ...(credentials && { credentials }),
          ...(keepalive && { keepalive }),
        },
        fetch: config.fetch ?? globalThis.fetch,
        clock,
        isTrusted: target.isTrusted,
      }
      return call(request, settings, deadline, engine, sendInSlot)
    })
  }

  return {
    ...endpoints,
    now: () => clock.toServerTime(clock.localNow()),
    hasServerTime: clock.hasServerTime,
    async post<T, R extends boolean>(
      request: PDSPostRequest<T>,
      callOptions?: IPDSRequestConfig<R>,
    ): Promise<PDSResult<T, R>> {
      const { method = 'post' } = request
      const options = callOptions === undefined ? noOptions : checkRequestConfig(callOptions, method)
      const { data, response } = await start(method, request, options)
      const { status, statusText, headers } = response
      const result = options.returnResponse
        ? { data, status, statusText, headers: Object.fromEntries(headers) }
        : data
      return result as PDSResult<T, R>
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

const defaultOptions = {
  timeout: 10_000,
  totalTimeout: 60_000,
  retryCount: 3,
  // Here, so that a polluted prototype makes no request replayable.
  retryUnknown: false,
  maxContentLength: 1_048_576,
}
