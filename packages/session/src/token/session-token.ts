import {
  checkToken,
  InvalidResponseError,
  invalidParameter,
  isHeaderText,
  parseTokenInfo,
} from '@pds/core/internal'
import type { ITokenInfo } from '@pds/types'
import type { SessionToken } from '../record/session-state.ts'

/**
 * Creates the session token for the result of a grant. The times are in milliseconds since the Unix epoch.
 *
 * `expires_in` counts from the request, because `expire_time` is by the server's clock, which the local clock may not
 * know yet. An earlier `expire_time` wins: a back end may pass on a token that it obtained some time ago.
 *
 * Throws an `InvalidResponseError` if the result is not a token.
 */
export function createSessionToken(result: unknown, requestedAt: number): SessionToken {
  const info = readToken(result, requestedAt)
  const expireTime = Date.parse(info.expire_time)
  const byLifetime = requestedAt + info.expires_in * 1000
  const expiresAt = expireTime > requestedAt ? Math.min(expireTime, byLifetime) : byLifetime
  return { info, mintedAt: requestedAt, expiresAt }
}

/**
 * Creates the session token for a token that the application passed to `setToken`. Its age is unknown, so only
 * `expire_time` says when it expires.
 *
 * Throws `InvalidParameter` if the value is not a token.
 */
export function importSessionToken(value: unknown, now: number): SessionToken {
  const info = readParameter(value, now)
  const expiresAt = Date.parse(info.expire_time)
  return { info, mintedAt: Math.min(now, expiresAt - info.expires_in * 1000), expiresAt }
}

function isJson(value: object): boolean {
  try {
    return JSON.stringify(value) !== undefined
  } catch {
    return false
  }
}

/** Returns the token for a caller: its `expires_in` counts from now, in whole seconds. */
export function toTokenInfo({ info, expiresAt }: SessionToken, now: number): ITokenInfo {
  return { ...info, expires_in: Math.max(0, Math.floor((expiresAt - now) / 1000)) }
}

function readParameter(value: unknown, now: number): ITokenInfo {
  checkToken('setToken: token', value)
  try {
    return readToken(value, now)
  } catch (error) {
    throw invalidParameter(`setToken: token is invalid: ${(error as Error).message}`)
  }
}

function readToken(value: unknown, sentAt: number): ITokenInfo {
  const { refresh_token, ...rest } = parseTokenInfo(value, sentAt)
  // Some servers send null or an empty string for none.
  const info = refresh_token ? { ...rest, refresh_token } : rest
  if (!isHeaderText(info.access_token)) {
    throw new InvalidResponseError('the access_token contains a character that HTTP headers do not allow')
  }
  if (!isJson(info)) {
    throw new InvalidResponseError(
      'it contains a BigInt or a circular reference, which JSON cannot represent',
    )
  }
  return info
}
