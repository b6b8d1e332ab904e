import { isHTTPError } from 'ky'
import type { PDSOutcome } from './pds-error.ts'

// System and undici errors from before the first byte of a request can have left: name resolution, connection
// and TLS handshake.
const notSentCodes = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'ConnectionRefused',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'EADDRNOTAVAIL',
  'EAI_AGAIN',
  'EAI_FAIL',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

/**
 * What the error of one attempt says of its request.
 *
 * A server that failed (5xx) may have carried the request out before; one that refuses it (4xx), throttles it
 * (429) or is unavailable (503) has not (RFC 9110 section 15). Of a failed connection only the errors of its
 * making are known to be harmless; browsers do not tell them apart, so there it is always unknown.
 */
export function outcomeOfError(error: unknown): PDSOutcome {
  if (isHTTPError(error)) {
    const { status } = error.response
    return status >= 500 && status !== 503 ? 'unknown' : 'answered'
  }
  return notSentCodes.has(systemCode(error) ?? '') ? 'not-sent' : 'unknown'
}

/** The system's code of a failed connection, from an error or the first of its causes that has one. */
export function systemCode(error: unknown): string | undefined {
  let current = error
  for (let depth = 0; depth < 5 && typeof current === 'object' && current !== null; depth++) {
    const { code, cause } = current as { code?: unknown; cause?: unknown }
    if (typeof code === 'string') return code
    current = cause
  }
  return undefined
}
