import { InvalidResponseError, invalidParameter, isHeaderText, parseTokenInfo } from '@pds/core/internal'
import type { ITokenInfo } from '@pds/types'
import type { SessionToken } from '../record/session-state.ts'

/**
 * Keeps a token that a grant has just given. Its lifetime counts from when it was asked for: `expire_time` is by the
 * server's clock, which the one here may not know yet. It counts where it says less: a back end may hand on a token
 * that it has had for a while.
 *
 * Throws `InvalidResponseError` for what is no token.
 */
export function createSessionToken(given: unknown, askedAt: number): SessionToken {
  const info = readToken(given, askedAt)
  const until = Date.parse(info.expire_time)
  const byLifetime = askedAt + info.expires_in * 1000
  return { info, mintedAt: askedAt, expiresAt: until > askedAt ? Math.min(until, byLifetime) : byLifetime }
}

/**
 * Keeps a token that the application has had for a time that is not known: only `expire_time` tells when it expires.
 *
 * Throws `InvalidParameter` for what is no token.
 */
export function importSessionToken(given: unknown, now: number): SessionToken {
  const info = readGiven(given, now)
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

/** A token as it is given to callers: its lifetime counts from now, in whole seconds. */
export function toTokenInfo({ info, expiresAt }: SessionToken, now: number): ITokenInfo {
  return { ...info, expires_in: Math.max(0, Math.floor((expiresAt - now) / 1000)) }
}

function readGiven(given: unknown, now: number): ITokenInfo {
  try {
    return readToken(given, now)
  } catch {
    throw invalidParameter(
      'setToken: the token must be an object with an access_token of visible ASCII characters',
    )
  }
}

function readToken(given: unknown, sentAt: number): ITokenInfo {
  const info = parseTokenInfo(given, sentAt)
  if (!isHeaderText(info.access_token)) {
    throw new InvalidResponseError('the access_token holds a character that HTTP does not allow')
  }
  if (!isJson(info))
    throw new InvalidResponseError('it cannot be written as JSON: it holds a BigInt, or itself')
  return info
}
