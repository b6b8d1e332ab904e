import type {
  PDSErrorEvent,
  PDSHooks,
  PDSRequestEvent,
  PDSResponseEvent,
  PDSRetryEvent,
  PDSTransportConfig,
} from '@pds/core'
import {
  booleanOption,
  checkOptions,
  functionOption,
  invalidParameter,
  isHeaderText,
  type OptionValidator,
  transportOptions,
} from '@pds/core/internal'
import type { TokenInfo, TokenSource } from '@pds/types'

/** The options of `PDSClient`: those of the vendor's class, and those of `createTransport`. */
export interface PDSClientConfig extends PDSTransportConfig {
  /** The token that `postAPI` and `postAuth` send; see `setToken`. */
  token_info?: TokenInfo | undefined
  /**
   * Gives the token in place of `token_info` and `refresh_token_fun`: a session of `@pds/session`, which other clients,
   * processes and machines can share.
   */
  session?: TokenSource | undefined
  /** The token of a share link, which they send too; see `setShareToken`. */
  share_token?: string | undefined
  /**
   * Obtains a token in place of one that has expired or was refused, and the first one where there is no `token_info`.
   * It is called once for any number of calls that wait for it, no longer than `totalTimeout`, and never by itself.
   */
  refresh_token_fun?: (() => TokenInfo | Promise<TokenInfo>) | undefined
  /** Obtains a share token in place of one that was refused. */
  refresh_share_token_fun?: (() => string | Promise<string>) | undefined
  /** How the domain stores its files: `StandardMode` is the only one that the vendor supports, and the default. */
  path_type?: 'StandardMode' | undefined
  /** Whether each step of each call is written to `logger`, with every secret masked. Default: false. */
  verbose?: boolean | undefined
  /** Takes a line of text, and an object with what it tells; `console.debug` is one. Required by `verbose`. */
  logger?: PDSLogger | undefined
}

/** What a token must be, for errors and as a check. */
export const aToken: OptionValidator = {
  wants:
    'a token: an object with an access_token of visible ASCII characters, and an expire_time that is a date if any',
  accepts(value) {
    if (typeof value !== 'object' || value === null) return false
    const { access_token, expire_time } = value as Record<string, unknown>
    return isHeaderText(access_token) && (!expire_time || !Number.isNaN(Date.parse(String(expire_time))))
  },
}

/** What a share token must be, for errors and as a check. */
export const aShareToken: OptionValidator = {
  wants: 'a non-empty string of visible ASCII characters',
  accepts: isHeaderText,
}

type OwnOption = Exclude<keyof PDSClientConfig, keyof PDSTransportConfig>

const clientOptions: Readonly<Record<keyof typeof transportOptions | OwnOption, OptionValidator>> = {
  ...transportOptions,
  token_info: aToken,
  share_token: aShareToken,
  session: {
    wants: 'a session, such as createSession makes',
    accepts: (value) =>
      typeof value === 'object' &&
      value !== null &&
      'getToken' in value &&
      typeof value.getToken === 'function',
  },
  refresh_token_fun: functionOption,
  refresh_share_token_fun: functionOption,
  path_type: { wants: "'StandardMode'", accepts: (value) => value === 'StandardMode' },
  verbose: booleanOption,
  logger: functionOption,
}

/** The options that are the transport's. */
export function transportPart(config: PDSClientConfig): PDSTransportConfig {
  return Object.fromEntries(Object.entries(config).filter(([name]) => Object.hasOwn(transportOptions, name)))
}

/** Throws `InvalidParameter` for an option of `PDSClient` that is unknown or wrong. Gives a copy of the others. */
export function checkClientConfig(config: PDSClientConfig): PDSClientConfig {
  const checked = checkOptions('the options', '', config, clientOptions)
  for (const name of ['token_info', 'refresh_token_fun'] as const) {
    if (checked.session && checked[name] !== undefined) {
      throw invalidParameter(`session and ${name} are given: the session has the token, and renews it`)
    }
  }
  return checked
}

/** What a line of the log is about, with every secret masked. */
export type PDSLogEvent = PDSRequestEvent | PDSResponseEvent | PDSRetryEvent | PDSErrorEvent

/** Takes the lines of a log, such as `console.debug`. */
export type PDSLogger = (line: string, event: PDSLogEvent) => void

/** Makes hooks that write each step of a call to a logger, in a line and with what it tells. */
export function logHooks(logger: PDSLogger): PDSHooks {
  return {
    beforeRequest: (event) => logger(`PDS: ${event.method} ${event.url}, attempt ${event.attempt}`, event),
    afterResponse: (event) =>
      logger(`PDS: ${event.url} answered ${event.status} in ${event.duration} ms`, event),
    beforeRetry: (event) =>
      logger(`PDS: again in ${Math.round(event.delay)} ms: ${event.error.message}`, event),
    beforeError: (event) => logger(`PDS: failed: ${event.error.message}`, event),
  }
}
