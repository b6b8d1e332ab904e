import { isHTTPError, isTimeoutError } from 'ky'
import { systemCode } from './outcome-of-error.ts'
import { PDSError, type PDSErrorRequest, type PDSErrorResponse, type PDSOutcome } from './pds-error.ts'
import { redact } from './redact.ts'

/** What the error for an answer needs to know of its request. */
export interface AnswerContext {
  request: PDSErrorRequest
  /** Each value that must not appear in an error. */
  secrets: readonly string[]
}

/** The same, with what is known of the fate of the call. */
export interface CallContext extends AnswerContext {
  outcome: PDSOutcome
}

/** Makes a `PDSError` of whatever ended a call. ky's own errors hold the request: none of them is let out. */
export function requestError(error: unknown, timeout: number, context: CallContext): PDSError {
  if (isHTTPError(error)) return serviceError(error.response, error.data, context)
  const { request, outcome } = context
  const { origin } = new URL(request.url)
  if (isTimeoutError(error)) {
    const message = `no answer from ${origin} within ${timeout} ms (option timeout)`
    return new PDSError(message, { code: 'Timeout', outcome, request })
  }
  const reason = systemCode(error) ?? (error instanceof Error ? error.name : typeof error)
  return new PDSError(`the connection to ${origin} failed (${reason})`, {
    code: 'NetworkError',
    outcome,
    request,
  })
}

/** The error for an answer that is 2xx, but not what the service documents. It tells nothing of the body. */
export function invalidResponse(message: string, response: Response, context: AnswerContext): PDSError {
  const shown = showResponse(response, context.secrets)
  return new PDSError(message, {
    code: 'InvalidResponse',
    status: shown.status,
    reqId: shown.headers['x-ca-request-id'],
    // A one-time credential has most likely been spent, and what it bought was lost.
    outcome: 'unknown',
    request: context.request,
    response: shown,
  })
}

/**
 * Reads the error answers that are known: the service sends JSON with `code`, `message` and `requestId`, in its
 * documents also capitalised; its gateway sends no body but `x-ca-error-code` and `x-ca-error-message`.
 */
function serviceError(
  response: Response,
  body: unknown,
  { request, secrets, outcome }: CallContext,
): PDSError {
  const { status, headers } = showResponse(response, secrets)
  const data = redact(parseIfJson(body), secrets)
  const fields = (typeof data === 'object' && data !== null ? data : {}) as Record<string, unknown>
  const message =
    firstText(fields.message, fields.Message, headers['x-ca-error-message']) ?? undocumentedAnswer(status)
  return new PDSError(message, {
    code: firstText(fields.code, fields.Code, headers['x-ca-error-code']) ?? 'InvalidResponse',
    status,
    reqId: firstText(fields.requestId, fields.RequestId, headers['x-ca-request-id']),
    outcome,
    request,
    response: { status, headers, data },
  })
}

function undocumentedAnswer(status: number): string {
  // Browsers show a redirect that is not followed as status 0.
  const redirected = status === 0 || (status >= 300 && status < 400)
  return redirected
    ? 'the endpoint answered with a redirect, which a token request must not follow: check the endpoint'
    : `the endpoint answered with status ${status} and no error that the service documents`
}

function showResponse({ status, headers }: Response, secrets: readonly string[]): PDSErrorResponse {
  const withCredentials = ['set-cookie', 'location']
  const shown = [...headers].filter(([name]) => !withCredentials.includes(name))
  return {
    status,
    headers: redact(Object.fromEntries(shown), secrets) as Record<string, string>,
  }
}

function parseIfJson(body: unknown): unknown {
  if (typeof body !== 'string') return body
  try {
    return JSON.parse(body)
  } catch {
    return body
  }
}

function firstText(...candidates: unknown[]): string | undefined {
  return candidates.find((value): value is string => typeof value === 'string' && value.trim() !== '')?.trim()
}
