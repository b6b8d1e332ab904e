import {
  booleanOption,
  countOption,
  functionOption,
  hooksOption,
  millisecondsOption,
  type OptionValidator,
} from '../options/options.ts'
import type { PDSFetch } from './fetch-types.ts'
import type { PDSHooks } from './hooks.ts'

/** The options of `createTransport` and of `PDSClient`; at least one of the two endpoints is required. */
export interface PDSTransportConfig {
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

// What is checked where it is read.
const anything: OptionValidator = { wants: '', accepts: () => true }

/** What each option of `createTransport` takes, for code that adds its own to them; see `checkOptions`. */
export const transportOptions: Readonly<Record<keyof PDSTransportConfig, OptionValidator>> = {
  api_endpoint: anything,
  auth_endpoint: anything,
  authorization_endpoint: anything,
  token_endpoint: anything,
  revocation_endpoint: anything,
  version: {
    wants: 'a word such as v2, or empty',
    accepts: (value) => typeof value === 'string' && /^\w*$/.test(value),
  },
  retryCount: countOption,
  timeout: millisecondsOption,
  totalTimeout: millisecondsOption,
  maxContentLength: countOption,
  hooks: hooksOption,
  identify: booleanOption,
  fetch: functionOption,
  clock: functionOption,
  allowInsecure: booleanOption,
}
