import { describeFailure } from '#platform'
import { CallAbort } from '../call/call-deadline.ts'
import type { Redact } from '../redaction/create-redactor.ts'
import type { PDSFetchResponse } from '../transport/fetch-types.ts'
import { ConnectionError, isInvalidResponseError, isRejection, ResponseError } from './attempt-errors.ts'
import type { PDSOutcome } from './outcome.ts'
import {
  isPDSError,
  PDSError,
  type PDSErrorCode,
  type PDSErrorOptions,
  type PDSErrorRequest,
  type PDSErrorResponse,
} from './pds-error.ts'
import { firstText, readServiceError } from './service-error.ts'

/** The state of a failed call, for its error. */
export interface CallContext {
  request: PDSErrorRequest
  origin: string
  /** Removes the secrets of the call. */
  redact: Redact
  outcome: PDSOutcome
  /** The limits of the call, in milliseconds. */
  timeout: number
  totalTimeout: number
  /** The last response, if one arrived. */
  response: PDSFetchResponse | undefined
  /** The body of the last response. */
  text: string
  /** When the endpoint can be tried again, in milliseconds since the epoch, if it asked for a pause. */
  retryAt: number | undefined
}

/** Creates the `PDSError` of a failed call. Errors of fetch may contain the request, so they are never passed on. */
export function requestError(error: unknown, context: CallContext): PDSError {
  const { request, origin, outcome, redact, response, text, retryAt } = context
  const fail = (code: PDSErrorCode, message: string, more?: Partial<PDSErrorOptions>) =>
    new PDSError(message, { code, outcome, request, retryAt, ...more })

  if (isPDSError(error)) {
    // Thrown while the request was prepared, for example by a signer. Earlier attempts may have reached the server.
    const { message, cause } = error
    return error.outcome === outcome ? error : new PDSError(message, { ...error, outcome, cause })
  }
  const shown = response && showResponse(response, redact)
  const headers = shown?.headers ?? {}
  const reqId = firstText(headers['x-ca-request-id'])
  // An invalid 2xx response: its body may contain tokens, so the error has no part of it.
  if (isInvalidResponseError(error) && !isRejection(error))
    return fail('InvalidResponse', error.message, { status: shown?.status, reqId, response: shown })
  if (response && (isRejection(error) || error instanceof ResponseError)) {
    const { status } = response
    const { data, ...body } = readServiceError(text, redact)
    // The gateway in front of the service sends these headers and no usable body.
    return fail(
      body.code ?? firstText(headers['x-ca-error-code']) ?? 'InvalidResponse',
      body.message ??
        firstText(headers['x-ca-error-message']) ??
        (error instanceof ResponseError ? undocumentedResponse(response) : (error as Error).message),
      { status, reqId: body.requestId ?? reqId, response: { status, headers, ...(data && { data }) } },
    )
  }

  const by = error instanceof CallAbort ? error.by : undefined
  if (by === 'signal') return fail('Aborted', 'the call was aborted by its signal')
  // The limits also apply to the signature, the credential and the connection.
  const missing = outcome === 'not-sent' ? 'no request was sent to' : 'no response from'
  if (by) return fail('Timeout', `${missing} ${origin} within ${context[by]} ms (option ${by})`)
  const failure = error instanceof ConnectionError ? error.cause : error
  const { reason, cause, hint = '' } = describeFailure(failure, redact)
  return fail('NetworkError', `the connection to ${origin} failed (${reason})${response ? '' : hint}`, {
    cause,
  })
}

function undocumentedResponse({ status, headers }: PDSFetchResponse): string {
  // In browsers, a redirect that was not followed has status 0 and no headers.
  const redirected = status === 0 || (status >= 300 && status < 400 && headers.get('location') !== null)
  return redirected
    ? 'the endpoint responded with a redirect, which is never followed'
    : `the endpoint responded with status ${status} and no documented error`
}

/** Returns the status and the headers of a response without secrets. */
export function showResponse({ status, headers }: PDSFetchResponse, redact: Redact): PDSErrorResponse {
  const withCredentials = ['set-cookie', 'location']
  const shown = [...headers].filter(([name]) => !withCredentials.includes(name))
  return { status, headers: redact(Object.fromEntries(shown), true) }
}
