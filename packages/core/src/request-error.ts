import { HTTPError, TimeoutError } from 'ky'
import { systemCode } from '#platform'
import { CallEnded } from './call-limits.ts'
import { ConnectionFailed } from './connection-failed.ts'
import type { PDSFetchResponse } from './fetch.ts'
import {
  isPDSError,
  PDSError,
  type PDSErrorRequest,
  type PDSErrorResponse,
  type PDSOutcome,
} from './pds-error.ts'
import { redact } from './redact.ts'
import { isName } from './is-name.ts'
import { firstText, readServiceError } from './service-error.ts'
import { isUnexpectedAnswer, type UnexpectedAnswer } from './unexpected-answer.ts'

/** What the error of a call needs to know of it. */
export interface CallContext {
  request: PDSErrorRequest
  /** Each value that must not appear in an error. */
  secrets: readonly string[]
  outcome: PDSOutcome
  /** The limits of the call, in milliseconds. */
  timeout: number
  totalTimeout: number
  /** The last answer and its body, where one came. */
  response: PDSFetchResponse | undefined
  text: string
}

/** Makes a `PDSError` of whatever ended a call. ky's own errors hold the request: none of them is let out. */
export function requestError(error: unknown, context: CallContext): PDSError {
  const { request, outcome, timeout, totalTimeout, secrets } = context
  if (isPDSError(error)) return withOutcome(error, outcome)
  if (error instanceof HTTPError) return serviceError(error.response, context)
  if (isUnexpectedAnswer(error)) return unexpectedAnswer(error, context)

  const { origin } = new URL(request.url)
  // A signature, a credential or a connection that does not come is waited for within the same limits.
  const late = outcome === 'not-sent' ? `nothing could be sent to ${origin}` : `no answer from ${origin}`
  const [code, message]: [PDSError['code'], string] =
    error instanceof CallEnded && error.by === 'signal'
      ? ['Aborted', 'the call was aborted by its signal']
      : error instanceof CallEnded
        ? ['Timeout', `${late} within ${totalTimeout} ms (option totalTimeout)`]
        : error instanceof TimeoutError
          ? ['Timeout', `${late} within ${timeout} ms (option timeout)`]
          : ['NetworkError', `the connection to ${origin} failed (${redact(reasonOf(error), secrets)})`]
  return new PDSError(message, { code, outcome, request })
}

function reasonOf(error: unknown): string {
  const reason = error instanceof ConnectionFailed ? error.cause : error
  const name = reason instanceof Error && isName(reason.name) ? reason.name : typeof reason
  return systemCode(reason) ?? name
}

/** An error from the making of the request, such as a signer's, after earlier attempts that may have arrived. */
function withOutcome(error: PDSError, outcome: PDSOutcome): PDSError {
  if (error.outcome === outcome) return error
  const { message, code, cause } = error
  return new PDSError(message, { code, outcome, cause })
}

/** The error for an answer that is 2xx, but not what the service documents. It tells nothing of the body. */
function unexpectedAnswer(
  { message }: UnexpectedAnswer,
  { request, outcome, response, secrets }: CallContext,
) {
  const shown = response && showResponse(response, secrets)
  return new PDSError(message, {
    code: 'InvalidResponse',
    status: shown?.status,
    reqId: shown?.headers['x-ca-request-id'],
    outcome,
    request,
    response: shown,
  })
}

/** The gateway in front of the service sends no body but `x-ca-error-code` and `x-ca-error-message`. */
function serviceError(
  response: PDSFetchResponse,
  { request, secrets, outcome, text }: CallContext,
): PDSError {
  const { status, headers } = showResponse(response, secrets)
  const mask = <T>(shown: T) => redact(shown, secrets)
  const { data, ...body } = readServiceError(text, mask)
  // Entities are decoded by now.
  const said = mask(body)
  const undocumented = undocumentedAnswer(response)
  const message = said.message ?? firstText(headers['x-ca-error-message']) ?? undocumented
  return new PDSError(message, {
    code: said.code ?? firstText(headers['x-ca-error-code']) ?? 'InvalidResponse',
    status,
    reqId: said.requestId ?? headers['x-ca-request-id'],
    outcome,
    request,
    response: { status, headers, ...(data && { data }) },
  })
}

function undocumentedAnswer({ status, headers }: PDSFetchResponse): string {
  // Browsers show a redirect that is not followed as status 0, without its headers.
  const redirected = status === 0 || (status >= 300 && status < 400 && headers.get('location') !== null)
  return redirected
    ? 'the endpoint answered with a redirect, which a request with secrets must not follow: check the endpoint'
    : `the endpoint answered with status ${status} and no error that the service documents`
}

/** What may be told of a response. */
export function showResponse(
  { status, headers }: PDSFetchResponse,
  secrets: readonly string[],
): PDSErrorResponse {
  const withCredentials = ['set-cookie', 'location']
  const shown = [...headers].filter(([name]) => !withCredentials.includes(name))
  return { status, headers: redact(Object.fromEntries(shown), secrets) }
}
