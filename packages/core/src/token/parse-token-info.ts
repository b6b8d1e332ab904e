import type { ITokenInfo } from '@pds/types'
import { InvalidResponseError } from '../errors/attempt-errors.ts'
import { firstText } from '../errors/service-error.ts'
import { isBearer } from './check-token.ts'
import { trimTokens } from './trim-tokens.ts'

// The lifetime that the vendor documents, in seconds. RFC 6749 section 5.1 refers to the documentation if a response
// has no lifetime. The token is not rejected, because it may have cost a one-time credential.
const documentedLifetime = 7200

/**
 * Returns the token of a token response with its lifetime completed and its tokens trimmed. Other fields are unchanged.
 *
 * `expires_in` becomes a number of seconds, even if the server sent a string. `expire_time` is an ISO 8601 time. If one
 * of them is missing or invalid, it is computed from the other one and `sentAt`: the time of the request, in milliseconds
 * since the epoch. Unless that is `isServerTime`, `expire_time` says nothing about the lifetime.
 *
 * Throws `InvalidResponseError` if the response has no access token, or one that is not a `Bearer` token. The error is a
 * rejection if the response is an error of RFC 6749 section 5.2: some servers, for example GitHub, send these errors with
 * status 200. The vendor does not document this case.
 */
export function parseTokenInfo(data: unknown, sentAt: number, isServerTime = true): ITokenInfo {
  const fields: Record<string, unknown> = trimTokens(data as Record<string, unknown>)
  const { access_token, expires_in, expire_time, error, token_type } = fields
  if (typeof access_token !== 'string' || !access_token) {
    const isRejection = firstText(error) !== undefined
    throw new InvalidResponseError('the response is not a token: it has no access_token', isRejection)
  }
  if (!isBearer(token_type)) {
    throw new InvalidResponseError('the response has a token_type other than Bearer')
  }
  const expiresAt = Date.parse(isIsoTime(expire_time) ? expire_time : '')
  const remaining = Math.max(0, Math.floor((expiresAt - sentAt) / 1000))
  const seconds = toSeconds(expires_in) ?? (isServerTime && remaining >= 0 ? remaining : documentedLifetime)
  return {
    ...fields,
    access_token,
    expires_in: seconds,
    expire_time: Number.isNaN(expiresAt) ? toIsoTime(sentAt + seconds * 1000) : (expire_time as string),
  }
}

// Ten years, in seconds. A longer lifetime is a mistake, and may lead to an invalid date.
const maxLifetime = 316_224_000

function toSeconds(value: unknown): number | undefined {
  const seconds = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
  return typeof seconds === 'number' && seconds >= 0 && seconds <= maxLifetime ? seconds : undefined
}

/** Returns whether a value is an ISO 8601 time with a zone. `Date.parse` reads a time without a zone as local time. */
function isIsoTime(value: unknown): value is string {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:?\d\d)$/i.test(value)
}

/** Returns a time in the format of the service: whole seconds, for example `2022-02-16T07:59:14Z`. */
function toIsoTime(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`
}
