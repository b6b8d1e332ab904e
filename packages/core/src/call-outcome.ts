import type { PDSOutcome } from './pds-error.ts'
import { systemCode } from './system-code.ts'

// System, undici, Bun and OpenSSL errors from before the first byte of a request can have left: name resolution,
// connection and TLS handshake. Browsers do not tell them apart, so there a failed connection is always unknown.
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

/** Keeps what is known of the fate of a call over all of its attempts. */
export class CallOutcome {
  #known: PDSOutcome = 'not-sent'
  #attempt: 'idle' | 'sent' | { status: number } = 'idle'

  /** An attempt leaves this machine. */
  sending(): void {
    this.#attempt = 'sent'
  }

  /** The status of its answer has come: whatever happens to the body, the server has decided. */
  arrived(status: number): void {
    this.#attempt = { status }
  }

  /** An attempt has ended, with an error or because the caller gave up. Gives the outcome of the whole call. */
  settle(error?: unknown): PDSOutcome {
    const attempt = this.#attempt
    this.#attempt = 'idle'
    // Once the fate of one attempt is unknown, so is that of the call.
    if (attempt === 'idle' || this.#known === 'unknown') return this.#known
    if (attempt === 'sent') this.#known = notSentCodes.has(systemCode(error) ?? '') ? 'not-sent' : 'unknown'
    else this.#known = outcomeOfStatus(attempt.status)
    return this.#known
  }
}

/**
 * A server that failed (5xx) may have carried the request out before; one that refuses it (4xx), moves it (3xx, or 0
 * as browsers show that), throttles it (429) or is unavailable (503) has not (RFC 9110 section 15). A call that
 * failed although its answer was a success has most likely spent what it sent.
 */
function outcomeOfStatus(status: number): PDSOutcome {
  const succeeded = status >= 200 && status < 300
  return succeeded || (status >= 500 && status !== 503) ? 'unknown' : 'answered'
}
