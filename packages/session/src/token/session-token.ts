import {
  checkToken,
  InvalidResponseError,
  invalidParameter,
  isHeaderText,
  parseTokenInfo,
} from '@pds/core/internal'
import type { ITokenInfo } from '@pds/types'
import type { SessionToken } from '../record/session-state.ts'

// The lifetime of a token whose server names none of at least a second, in milliseconds. The token is then used for half
// a minute, unless the service rejects it earlier.
const assumedLifetime = 60_000

/**
 * Creates the session token for the result of a grant. The times are in milliseconds since the Unix epoch.
 *
 * `expires_in` counts from the request. An earlier `expire_time` wins only if `isServerTime`: a back end may pass on a
 * token that it obtained some time ago, but a time of the server says nothing to a wrong local clock.
 *
 * Throws an `InvalidResponseError` if the result is not a token.
 */
export function createSessionToken(
  result: unknown,
  requestedAt: number,
  isServerTime: boolean,
): SessionToken {
  const info = readToken(result, requestedAt, isServerTime, (reason) => new InvalidResponseError(reason))
  const lifetime = info.expires_in >= 1 ? info.expires_in * 1000 : assumedLifetime
  const expireTime = Date.parse(info.expire_time)
  const isEarlier = isServerTime && expireTime > requestedAt && expireTime < requestedAt + lifetime
  return { info, mintedAt: requestedAt, expiresAt: isEarlier ? expireTime : requestedAt + lifetime }
}

/**
 * Creates the session token for a token that the application passed to `setToken`. Its age is unknown, so only
 * `expire_time` says when it expires.
 *
 * Throws `InvalidParameter` if the value is not a token.
 */
export function importSessionToken(value: unknown, now: number): SessionToken {
  checkToken('setToken: token', value)
  const info = readToken(value, now, true, (reason) =>
    invalidParameter(`setToken: token is invalid: ${reason}`),
  )
  const expiresAt = Date.parse(info.expire_time)
  return { info, mintedAt: Math.min(now, expiresAt - info.expires_in * 1000), expiresAt }
}

/** Returns the token for a caller: its `expires_in` counts from now, in whole seconds. */
export function toTokenInfo({ info, expiresAt }: SessionToken, now: number): ITokenInfo {
  return { ...info, expires_in: Math.max(0, Math.floor((expiresAt - now) / 1000)) }
}

function readToken(
  value: unknown,
  sentAt: number,
  isServerTime: boolean,
  createError: (reason: string) => Error,
): ITokenInfo {
  const { refresh_token, ...rest } = parseTokenInfo(value, sentAt, isServerTime)
  // Some servers send null or an empty string for none.
  const info = refresh_token ? { ...rest, refresh_token } : rest
  if (!isHeaderText(info.access_token)) {
    throw createError('the access_token contains a character that HTTP headers do not allow')
  }
  try {
    JSON.stringify(info)
  } catch {
    throw createError('it cannot be written as JSON: it contains a BigInt or a circular reference')
  }
  return info
}
