import { identification } from '#platform'
import { invalidParameter } from '../errors/invalid-parameter.ts'
import { defined } from '../options/omit-undefined.ts'
import {
  aBoolean,
  aCount,
  aFunction,
  checkOptions,
  milliseconds,
  type OptionKind,
  someHooks,
} from '../options/options.ts'
import type { RefusedOptions, ReplacedOption } from '../options/replaced-options.ts'
import { call } from './call.ts'
import { parseEndpoint, resolvePath } from './endpoint.ts'
import type { PDSFetch } from './fetch-types.ts'
import type { PDSHooks } from './hooks.ts'
import type { PDSPostRequest } from './post.ts'
import {
  addParams,
  checkRequestConfig,
  type IPDSRequestConfig,
  type PDSResult,
  readHeaders,
} from './request-config.ts'
import { createServerClock } from './server-clock.ts'

/** The options of `createTransport` and of `PDSClient`; at least one of the two endpoints is required. */
export interface PDSTransportConfig extends RefusedOptions {
  /** The base URL of the domain, such as `https://{domain_id}.api.aliyunpds.com`. */
  api_endpoint?: string | undefined
  /** The base URL of the token calls. Default: `api_endpoint`. */
  auth_endpoint?: string | undefined
  /**
   * Where users sign in (RFC 8414 section 2): a path after the endpoint of the token calls and the version, or a full
   * address. Default: `/oauth/authorize`.
   */
  authorization_endpoint?: string | undefined
  /** Where codes, refresh tokens and assertions are exchanged, in the same forms. Default: `/oauth/token`. */
  token_endpoint?: string | undefined
  /**
   * Where refresh tokens are revoked as in RFC 7009, in the same forms. Default: none, they are revoked at the vendor's
   * own `/account/revoke`.
   */
  revocation_endpoint?: string | undefined
  /** The version that is put between the endpoint and the path of each call; empty for none. Default: `v2`. */
  version?: string | undefined
  /** How often a failed request is sent again, where that is safe. Default: 3. */
  retryCount?: number | undefined
  /** The time for each attempt, with the reading of its answer, in milliseconds; 0 means no limit. Default: 10 000. */
  timeout?: number | undefined
  /** The time for a call with all its attempts and pauses, in milliseconds; 0 means no limit. Default: 60 000. */
  totalTimeout?: number | undefined
  /** The longest answer that is read, in bytes. Default: 1 048 576, which is 1 MiB. */
  maxContentLength?: number | undefined
  /** Functions that watch each call, in one set or several: they see no secret and change nothing. */
  hooks?: PDSHooks | readonly PDSHooks[] | undefined
  /** Whether requests name this package and its version in `user-agent`; never in browsers. Default: true. */
  identify?: boolean | undefined
  /** Sends the requests: a proxy or a certificate authority of your own goes in here. Default: the global `fetch`. */
  fetch?: PDSFetch | undefined
  /** The local clock, in milliseconds since the epoch. Default: `Date.now`. */
  clock?: (() => number) | undefined
  /** Whether plain `http:` addresses are accepted outside of this machine. Default: false. */
  allowInsecure?: boolean | undefined
}

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

// What is checked where it is read.
const anything: OptionKind = { wants: '', accepts: () => true }

/** What each option of `createTransport` takes, for code that adds its own to them; see `checkOptions`. */
export const transportOptions: Readonly<
  Record<Exclude<keyof PDSTransportConfig, ReplacedOption>, OptionKind>
> = {
  api_endpoint: anything,
  auth_endpoint: anything,
  authorization_endpoint: anything,
  token_endpoint: anything,
  revocation_endpoint: anything,
  version: {
    wants: 'a word such as v2, or empty',
    accepts: (value) => typeof value === 'string' && /^\w*$/.test(value),
  },
  retryCount: aCount,
  timeout: milliseconds,
  totalTimeout: milliseconds,
  maxContentLength: aCount,
  hooks: someHooks,
  identify: aBoolean,
  fetch: aFunction,
  clock: aFunction,
  allowInsecure: aBoolean,
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
    if (config.identify !== false && !headers.has('user-agent')) identification(headers)
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
      const { data, answer } = await call(request, {
        ...usual,
        ...options,
        signal: options.signal,
        retryUnknown: options.retryUnknown,
        url,
        headers,
        authorization,
        hooks: [config.hooks ?? [], options.hooks ?? []].flat(),
        init: defined({ credentials, keepalive }),
        fetch: config.fetch ?? globalThis.fetch,
        // The clock of another server says nothing of the service's.
        clock: origins.includes(url.origin) ? serverClock : { ...serverClock, learn: () => undefined },
      })
      const { status, statusText } = answer
      const result = options.returnResponse
        ? { data, status, statusText, headers: Object.fromEntries(answer.headers) }
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
