import { parseEndpoint } from './endpoint.ts'
import { describe, invalidParameter, refuseUnknownOptions } from './invalid-parameter.ts'
import { type PDSPostRequest, post } from './post.ts'
import {
  checkRequestConfig,
  checkRetryCount,
  checkTimeout,
  type IPDSRequestConfig,
  type IPDSResponse,
} from './request-config.ts'
import { createServerClock } from './server-clock.ts'

/** The options of `createTransport` and of `PDSClient`; at least one of the two endpoints is required. */
export interface PDSTransportConfig {
  /** The base URL of the domain, such as `https://{domain_id}.api.aliyunpds.com`. */
  api_endpoint?: string | undefined
  /** The base URL of the token calls. Default: `api_endpoint`. */
  auth_endpoint?: string | undefined
  /** The version that is put between the endpoint and the path of each call. Default: `v2`. */
  version?: string | undefined
  /** How often a failed request is sent again, where that is safe. Default: 3. */
  retryCount?: number | undefined
  /** The time for each attempt, in milliseconds; 0 means no limit. Default: 10 000. */
  timeout?: number | undefined
  /** Sends the requests. Default: the global `fetch`, looked up at each call. */
  fetch?: typeof globalThis.fetch | undefined
  /** The local clock, in milliseconds since the epoch. Default: `Date.now`. */
  clock?: (() => number) | undefined
  /** Whether plain `http:` endpoints are accepted outside of this machine. Default: false. */
  allowInsecure?: boolean | undefined
}

/** Carries requests to one domain. */
export interface PDSTransport {
  /** The base URL of the domain, without a trailing slash. */
  readonly api_endpoint: string
  /** The base URL of the token calls, without a trailing slash. */
  readonly auth_endpoint: string
  /** The server's time as far as it is known, in milliseconds since the epoch. */
  now(): number
  /** Sends one POST request and gives back its checked answer; for code that makes a method. */
  post<T>(request: PDSPostRequest<T>, config?: IPDSRequestConfig<boolean>): Promise<IPDSResponse<T>>
}

const optionNames: readonly (keyof PDSTransportConfig)[] = [
  'api_endpoint',
  'auth_endpoint',
  'version',
  'retryCount',
  'timeout',
  'fetch',
  'clock',
  'allowInsecure',
]

/**
 * Makes the transport that the token functions send their requests through.
 *
 * Throws a `PDSError` `InvalidParameter` for an option that is unknown, missing or wrong. Each transport stands
 * alone: it shares no state with another one.
 */
export function createTransport(config: PDSTransportConfig): PDSTransport {
  checkTransportConfig(config)
  const { version = 'v2', retryCount = 3, timeout = 10_000, fetch, clock, allowInsecure = false } = config
  const endpoint = (name: 'api_endpoint' | 'auth_endpoint') =>
    config[name] === undefined ? undefined : parseEndpoint(name, config[name], allowInsecure)
  const given = { api: endpoint('api_endpoint'), auth: endpoint('auth_endpoint') }
  const api_endpoint = given.api ?? given.auth
  const auth_endpoint = given.auth ?? given.api
  if (api_endpoint === undefined || auth_endpoint === undefined) {
    throw invalidParameter('api_endpoint or auth_endpoint is required')
  }
  const serverClock = createServerClock(clock ?? Date.now)

  return {
    api_endpoint,
    auth_endpoint,
    now: () => serverClock.toServerTime(serverClock.localNow()),
    async post(request, options = {}) {
      checkRequestConfig(options)
      const base = request.endpoint === 'auth' ? auth_endpoint : api_endpoint
      return post(request, {
        url: `${base}/${version}${request.path}`,
        headers: options.headers,
        signal: options.signal,
        timeout: options.timeout ?? timeout,
        retryCount: options.retryCount ?? retryCount,
        fetch: fetch ?? globalThis.fetch,
        clock: serverClock,
      })
    },
  }
}

function checkTransportConfig(config: PDSTransportConfig): void {
  if (typeof config !== 'object' || config === null) {
    throw invalidParameter(`the options must be an object, got ${describe(config)}`)
  }
  refuseUnknownOptions('a transport', config, optionNames)
  const { version, retryCount, timeout, fetch, clock, allowInsecure } = config
  if (version !== undefined && (typeof version !== 'string' || !/^\w+$/.test(version))) {
    throw invalidParameter('version must be a word such as v2')
  }
  checkRetryCount('retryCount', retryCount)
  checkTimeout('timeout', timeout)
  for (const [name, value] of Object.entries({ fetch, clock })) {
    if (value !== undefined && typeof value !== 'function') {
      throw invalidParameter(`${name} must be a function, got ${describe(value)}`)
    }
  }
  if (allowInsecure !== undefined && typeof allowInsecure !== 'boolean') {
    throw invalidParameter(`allowInsecure must be true or false, got ${describe(allowInsecure)}`)
  }
}
