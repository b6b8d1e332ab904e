import type {
  PDSErrorEvent,
  PDSHooks,
  PDSRequestEvent,
  PDSResponseEvent,
  PDSRetryEvent,
  PDSTransportConfig,
} from '@pds/core'
import {
  anyOption,
  booleanOption,
  checkOptions,
  checkToken,
  functionOption,
  invalidParameter,
  isBearer,
  isHeaderText,
  locateEndpoints,
  millisecondsOption,
  mustBe,
  type OptionValidator,
  transportOptions,
} from '@pds/core/internal'
import type { TokenInfo, TokenSource } from '@pds/types'
import type { RenewalContext } from './renew-credential.ts'

/** The options of `PDSClient`: the options of the vendor's class, and all options of `createTransport`. */
export interface PDSClientConfig extends PDSTransportConfig {
  /** The token that `postAPI` and `postAuth` send. See `setToken`. */
  token_info?: TokenInfo | undefined
  /**
   * The source of the token, instead of `token_info` and `refresh_token_fun`: a session of `@pds/session`, which
   * clients, processes and machines can share.
   */
  session?: TokenSource | undefined
  /** The token of a share link, which `postAPI` and `postAuth` also send. See `setShareToken`. */
  share_token?: string | undefined
  /**
   * Returns a new token when the current token expires soon or was rejected, and the first token if there is no
   * `token_info`. Called only by calls that need a token: in the background within the last 10 minutes of the token, and
   * before the call within its last 30 seconds, once for all calls that wait. They wait at most the `totalTimeout` of
   * the client. A token without a known expiry is renewed only after its rejection.
   *
   * If the function throws a `PDSError` with a `retryAt`, or with status 429 or 503, it is not called again before
   * `retryAt` or the end of a backoff of at most a minute.
   *
   * `rejected` is the access token that the service rejected, if that is why the function is called.
   */
  refresh_token_fun?: ((context: RenewalContext) => TokenInfo | Promise<TokenInfo>) | undefined
  /**
   * Returns a new share token after the service rejected the current one, which is then `rejected`. Also returns the
   * first share token: before a call if the client has no source of access tokens, and otherwise if the service responds
   * that a share token is needed (`ShareLinkTokenInvalid`).
   */
  refresh_share_token_fun?: ((context: RenewalContext) => string | Promise<string>) | undefined
  /**
   * Returns the token of each call, for example from the page that is signed in. Returns undefined without one. After a
   * rejection it is asked again. If it returns the rejected token, `refresh_token_fun` is called. `token_info` is not
   * used.
   */
  always_get_token_fun?: (() => TokenInfo | undefined | Promise<TokenInfo | undefined>) | undefined
  /** How long the result of `always_get_token_fun` is used, in milliseconds. 0 asks for each call. Default: 2000. */
  always_get_token_cache_ms?: number | undefined
  /** How the domain stores its files. The vendor supports only `StandardMode`, which is the default. */
  path_type?: 'StandardMode' | undefined
  /** Whether to write each step of each call to `logger`, redacted. Default: false. */
  verbose?: boolean | undefined
  /** Receives the lines of the log, for example `console.debug`. Required by `verbose`. */
  logger?: PDSLogger | undefined
}

/** Accepts the result of a function that returns a token. */
export const tokenOption: OptionValidator = {
  wants:
    'a token: an object with an access_token of visible ASCII characters and, if present, a valid expire_time and the token_type Bearer',
  accepts(value) {
    if (typeof value !== 'object' || value === null) return false
    const { access_token, expire_time, token_type } = value as Record<string, unknown>
    return isHeaderText(access_token) && isTimeOrAbsent(expire_time) && isBearer(token_type)
  },
}

/** Throws `InvalidParameter` if a token of the application is invalid. `name` names it in the message. */
export function checkTokenInfo(name: string, token: TokenInfo): void {
  checkToken(name, token)
  const { expire_time } = token
  if (!isTimeOrAbsent(expire_time)) throw mustBe(`${name}.expire_time`, 'an ISO 8601 time', expire_time)
}

function isTimeOrAbsent(time: unknown): boolean {
  return !time || !Number.isNaN(Date.parse(String(time)))
}

/** Accepts a share token. */
export const shareTokenOption: OptionValidator = {
  wants: 'a non-empty string of visible ASCII characters',
  accepts: isHeaderText,
  // A number may be a secret.
  received: () => undefined,
}

type OwnOption = Exclude<keyof PDSClientConfig, keyof PDSTransportConfig>

const validators: Readonly<Record<keyof typeof transportOptions | OwnOption, OptionValidator>> = {
  ...transportOptions,
  // `checkTokenInfo` checks it.
  token_info: anyOption,
  share_token: shareTokenOption,
  session: {
    wants: 'a session, for example of createSession',
    accepts: (value) =>
      typeof value === 'object' &&
      value !== null &&
      'getToken' in value &&
      typeof value.getToken === 'function',
  },
  refresh_token_fun: functionOption,
  refresh_share_token_fun: functionOption,
  always_get_token_fun: functionOption,
  always_get_token_cache_ms: millisecondsOption,
  path_type: { wants: "'StandardMode'", accepts: (value) => value === 'StandardMode' },
  verbose: booleanOption,
  logger: functionOption,
}

/** Returns the options of the transport. */
export function transportPart(config: PDSClientConfig): PDSTransportConfig {
  return Object.fromEntries(Object.entries(config).filter(([name]) => Object.hasOwn(transportOptions, name)))
}

/** Returns a checked copy of the options. Throws `InvalidParameter` for an unknown or invalid option. */
export function checkClientConfig(config: PDSClientConfig): PDSClientConfig {
  const method = 'PDSClient'
  const checked = checkOptions(method, config, validators)
  // Before `createTransport`, whose errors do not name this class.
  locateEndpoints(method, checked)
  if (checked.token_info !== undefined) checkTokenInfo(`${method}: token_info`, checked.token_info)
  for (const name of ['token_info', 'refresh_token_fun', 'always_get_token_fun'] as const) {
    if (checked.session && checked[name] !== undefined) {
      throw invalidParameter(
        `${method}: session and ${name} are exclusive: a session provides and renews the token`,
      )
    }
  }
  if (checked.verbose && !checked.logger) {
    throw invalidParameter(`${method}: verbose requires a logger, for example console.debug`)
  }
  return checked
}

/** The event behind a line of the log, redacted. */
export type PDSLogEvent = PDSRequestEvent | PDSResponseEvent | PDSRetryEvent | PDSErrorEvent

/** Receives a line of text and its event, for example `console.debug`. */
export type PDSLogger = (line: string, event: PDSLogEvent) => void

/** Returns hooks that write each step of a call to a logger. */
export function logHooks(logger: PDSLogger): PDSHooks {
  return {
    beforeRequest: (event) => logger(`PDS: ${event.method} ${event.url}, attempt ${event.attempt}`, event),
    afterResponse: (event) =>
      logger(`PDS: ${event.url} responded ${event.status} in ${event.duration} ms`, event),
    beforeRetry: (event) =>
      logger(`PDS: retry in ${Math.round(event.delay)} ms: ${event.error.message}`, event),
    beforeError: (event) => logger(`PDS: failed: ${event.error.message}`, event),
  }
}
