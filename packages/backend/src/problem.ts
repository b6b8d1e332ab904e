import { isPDSError, type PDSError } from '@pds/core/internal'

/** A request that a route rejects: a status, a code and headers for the response. */
export class RequestProblem extends Error {
  readonly status: number
  readonly code: string
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, code: string, headers: Readonly<Record<string, string>> = {}) {
    super(`the request was rejected with status ${status} (${code})`)
    this.status = status
    this.code = code
    this.headers = headers
  }
}

/** What a page may know about an error. */
export interface Problem {
  readonly status: number
  readonly code: string
  readonly reqId?: string | undefined
  readonly headers: Readonly<Record<string, string>>
}

// In seconds: when a page may try again if the service did not say.
const defaultRetryAfter = 5

/** Returns what a page may know about an error: a status that says whose fault it is, the code and the request id. */
export function toProblem(error: unknown, now: number): Problem {
  if (error instanceof RequestProblem) return error
  if (!isPDSError(error)) return { status: 500, code: 'InternalError', headers: {} }
  const { code, reqId, retryAt } = error
  const status = statusOf(error)
  const seconds = retryAt === undefined ? defaultRetryAfter : Math.max(1, Math.ceil((retryAt - now) / 1000))
  return { status, code, reqId, headers: status === 503 ? { 'retry-after': String(seconds) } : {} }
}

/** Creates the response for a problem (RFC 9457). Its body has the code and the request id, and nothing else. */
export function problemResponse({ status, code, reqId, headers }: Problem): Response {
  return new Response(JSON.stringify({ code, reqId }), {
    status,
    headers: { ...headers, 'content-type': 'application/problem+json' },
  })
}

/** The callback belongs to another sign-in, was already handled, or is forged. */
const rejectedCallback = /^(SignInNotBegun|(State|Issuer|Code|Error)(Missing|Repeated|Mismatch))$/

function statusOf({ code, status }: PDSError): number {
  // The page shows the sign-in.
  if (code === 'LoginRequired') return 401
  if (code === 'access_denied') return 403
  if (rejectedCallback.test(code)) return 400
  // The service throttles requests or is unavailable.
  if (status === 429 || status === 503 || code === 'Throttled') return 503
  if (code === 'Timeout') return 504
  // The service rejected the request of this back end, failed, or was unreachable.
  if (status !== undefined || code === 'NetworkError') return 502
  // For example an invalid key, an invalid setting or an unreachable store.
  return 500
}
