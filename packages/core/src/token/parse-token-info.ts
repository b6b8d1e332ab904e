import type { ITokenInfo } from '@pds/types'
import { InvalidResponseError } from '../errors/attempt-errors.ts'

// What the vendor documents. RFC 6749 section 5.1 names the documentation as the place to look where an answer
// has no lifetime; a token that may have cost a one-time credential is not thrown away for it.
const documentedLifetime = 7200

/**
 * Checks an answer of a token call and completes its lifetime, keeping every other field as it came.
 *
 * `expires_in` is given in seconds as a number, also where the server sent a string; `expire_time` as an ISO 8601
 * time in UTC. Where one of them is missing or unusable it is worked out of the other and of `sentAt`, when the
 * request was sent by the server's clock, in milliseconds since the epoch. Throws `InvalidResponseError`.
 */
export function parseTokenInfo(data: unknown, sentAt: number): ITokenInfo {
  const { access_token, expires_in, expire_time } = Object(data)
  if (typeof access_token !== 'string' || !access_token) {
    throw new InvalidResponseError('the response is not a token: it has no access_token')
  }
  const expiresAt = isIsoTime(expire_time) ? Date.parse(expire_time) : Number.NaN
  const seconds =
    toSeconds(expires_in) ??
    (Number.isNaN(expiresAt) ? documentedLifetime : Math.max(0, Math.floor((expiresAt - sentAt) / 1000)))
  return {
    ...(data as object),
    access_token,
    expires_in: seconds,
    expire_time: Number.isNaN(expiresAt) ? toIsoTime(sentAt + seconds * 1000) : (expire_time as string),
  }
}

// Beyond this a lifetime is a mistake, and no date that a program can show.
const maxLifetime = 10 * 366 * 24 * 3600

function toSeconds(value: unknown): number | undefined {
  const seconds = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
  return typeof seconds === 'number' && seconds >= 0 && seconds <= maxLifetime ? seconds : undefined
}

/** Whether a time is in the form of the service. One without its zone would be read as that of this machine. */
function isIsoTime(value: unknown): value is string {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:?\d\d)$/i.test(value)
}

/** The service's own form: whole seconds, such as `2022-02-16T07:59:14Z`. */
function toIsoTime(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`
}
