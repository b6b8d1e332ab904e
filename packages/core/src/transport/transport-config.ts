import { metadataOption, type PDSServerMetadata } from '../endpoints/server-metadata.ts'
import {
  anyOption,
  booleanOption,
  countOption,
  functionOption,
  hooksOption,
  millisecondsOption,
  type OptionValidator,
  textOption,
} from '../options/options.ts'
import type { PDSFetch } from './fetch-types.ts'
import type { PDSHooks } from './hooks.ts'

/**
 * The options of `createTransport` and of `PDSClient`. One of `domain_id`, `api_endpoint`, `auth_endpoint` and `metadata`
 * is required.
 *
 * The compiler rejects an unknown name in an object literal. At run time it throws `InvalidParameter`.
 */
export interface PDSTransportConfig {
  /** The id of the domain, in place of the `api_endpoint` `https://{domain_id}.api.aliyunpds.com`. */
  domain_id?: string | undefined
  /**
   * The base URL of the domain, for example `https://bj1.api.aliyunpds.com`. Default: `auth_endpoint`, or the origin of the
   * issuer in `metadata`.
   */
  api_endpoint?: string | undefined
  /** The base URL of the token calls. Default: `api_endpoint`. */
  auth_endpoint?: string | undefined
  /**
   * The authorization endpoint (RFC 8414 section 2), where users sign in: a path after the `auth_endpoint` and the
   * version, or an absolute URL. Default: `/oauth/authorize`.
   */
  authorization_endpoint?: string | undefined
  /**
   * The token endpoint, which accepts codes, refresh tokens and assertions: a path or an absolute URL. Default:
   * `/oauth/token`.
   */
  token_endpoint?: string | undefined
  /**
   * The revocation endpoint of RFC 7009: a path or an absolute URL. Default: none. Refresh tokens are then revoked at
   * the vendor's `/account/revoke`.
   */
  revocation_endpoint?: string | undefined
  /**
   * The metadata of another OAuth 2.0 server: the parsed JSON of its `/.well-known/oauth-authorization-server` or
   * `/.well-known/openid-configuration`. Sets `issuer`, the endpoints that you do not set, and that sign-ins have no
   * `login_type`.
   *
   * @see RFC 8414 section 2
   */
  metadata?: PDSServerMetadata | undefined
  /**
   * The identifier of the server (RFC 8414). A callback with another `iss` is then rejected (RFC 9207). Default: the
   * issuer of `metadata`. The vendor does not document one.
   */
  issuer?: string | undefined
  /** The version between the endpoint and the path of each call, or empty for none. Default: `v2`. */
  version?: string | undefined
  /** The maximum number of retries, which happen only if they are safe. Default: 3. */
  retryCount?: number | undefined
  /**
   * Whether to retry calls of the API after the outcome `unknown`, too: the service may then carry them out twice. Does
   * not apply to requests with a `grant_type`, whose code or refresh token must not be spent twice; see the option of a
   * call. Default: false.
   */
  retryUnknown?: boolean | undefined
  /**
   * The timeout of each attempt, from sending to the end of its response, in milliseconds. A signature has the same time
   * before that. 0 means no limit. Default: 10 000.
   */
  timeout?: number | undefined
  /**
   * The timeout of a call, including all attempts and delays, but not the wait for its first slot (see `concurrency`), in
   * milliseconds. 0 means no limit. Default: 60 000.
   */
  totalTimeout?: number | undefined
  /**
   * The maximum number of requests that are under way at a time; 0 means no limit. Other calls wait before they are
   * signed, and their timeouts have not started. Token calls and API calls are counted separately, because an API call
   * may wait for a token. No effect in bundles for browsers, which limit connections themselves. Default: 32.
   */
  concurrency?: number | undefined
  /** The maximum length of a response body, in bytes. Default: 1 048 576 (1 MiB). */
  maxContentLength?: number | undefined
  /** Functions that observe each call: one object or an array of them. They receive no secrets and change nothing. */
  hooks?: PDSHooks | readonly PDSHooks[] | undefined
  /** Whether to send this package's name and version as `user-agent`. Never sent by browsers. Default: true. */
  identify?: boolean | undefined
  /**
   * Sends the requests, for example through a proxy or with a custom certificate authority. Default: the global
   * `fetch`.
   */
  fetch?: PDSFetch | undefined
  /** Returns the local time, in milliseconds since the epoch. Default: `Date.now`. */
  clock?: (() => number) | undefined
  /** Whether to accept `http:` URLs of other machines. Default: false. */
  allowInsecure?: boolean | undefined
}

/** The validators of the options of `createTransport`, also for code that extends them. See `checkOptions`. */
export const transportOptions: Readonly<Record<keyof PDSTransportConfig, OptionValidator>> = {
  domain_id: {
    wants: 'a domain id, for example bj1',
    accepts: (value) => typeof value === 'string' && /^[a-z\d]([a-z\d-]*[a-z\d])?$/i.test(value),
  },
  api_endpoint: anyOption,
  auth_endpoint: anyOption,
  authorization_endpoint: anyOption,
  token_endpoint: anyOption,
  revocation_endpoint: anyOption,
  issuer: textOption,
  metadata: metadataOption,
  version: {
    wants: 'a word, for example v2, or empty',
    accepts: (value) => typeof value === 'string' && /^\w*$/.test(value),
  },
  retryCount: countOption,
  retryUnknown: booleanOption,
  timeout: millisecondsOption,
  totalTimeout: millisecondsOption,
  concurrency: countOption,
  maxContentLength: countOption,
  hooks: hooksOption,
  identify: booleanOption,
  fetch: functionOption,
  clock: functionOption,
  allowInsecure: booleanOption,
}
