import { HTTPError } from 'ky'
import { systemCode } from '#platform'
import { redact } from '../redaction/redact.ts'
import type { PDSFetchResponse } from '../transport/fetch-types.ts'
import { CallAbort } from '../transport/timeout.ts'
import { ConnectionError, isInvalidResponseError } from './attempt-errors.ts'
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
  /** The values that must not appear in the error. */
  secrets: readonly string[]
  outcome: PDSOutcome
  /** The limits of the call, in milliseconds. */
  timeout: number
  totalTimeout: number
  /** The last response, if one arrived. */
  response: PDSFetchResponse | undefined
  /** The body of the last response. */
  text: string
}

/** Creates the `PDSError` of a failed call. Errors of ky contain the request, so they are never passed on. */
export function requestError(error: unknown, context: CallContext): PDSError {
  const { request, outcome, secrets, response, text } = context
  const fail = (code: PDSErrorCode, message: string, more?: Partial<PDSErrorOptions>) =>
    new PDSError(message, { code, outcome, request, ...more })

  if (isPDSError(error)) {
    // Thrown while the request was prepared, for example by a signer. Earlier attempts may have reached the server.
    const { message, code, cause } = error
    return error.outcome === outcome ? error : new PDSError(message, { code, outcome, cause })
  }
  const shown = response && showResponse(response, secrets)
  const headers = shown?.headers ?? {}
  const reqId = firstText(headers['x-ca-request-id'])
  // An invalid 2xx response: its body may contain tokens, so the error has no part of it.
  if (isInvalidResponseError(error))
    return fail('InvalidResponse', error.message, { status: shown?.status, reqId, response: shown })
  if (response && error instanceof HTTPError) {
    const { status } = response
    const { data, ...body } = readServiceError(text, (shown) => redact(shown, secrets))
    // The gateway in front of the service sends these headers and no usable body.
    return fail(
      body.code ?? firstText(headers['x-ca-error-code']) ?? 'InvalidResponse',
      body.message ?? firstText(headers['x-ca-error-message']) ?? undocumentedResponse(response),
      { status, reqId: body.requestId ?? reqId, response: { status, headers, ...(data && { data }) } },
    )
  }

  const by = error instanceof CallAbort ? error.by : undefined
  if (by === 'signal') return fail('Aborted', 'the call was aborted by its signal')
  const { origin } = new URL(request.url)
  // The limits also apply to the signature, the credential and the connection.
  const missing = outcome === 'not-sent' ? 'no request was sent to' : 'no response from'
  if (by) return fail('Timeout', `${missing} ${origin} within ${context[by]} ms (option ${by})`)
  return fail('NetworkError', `the connection to ${origin} failed (${redact(reasonOf(error), secrets)})`)
}

function reasonOf(error: unknown): string {
  const reason = error instanceof ConnectionError ? error.cause : error
  const names = [systemCode(reason), reason instanceof Error ? reason.name : undefined]
  return names.find(isName) ?? typeof reason
}

/** Returns whether a text looks like a code or a class name. A custom fetch may put any text there, even a secret. */
function isName(text: string | undefined): boolean {
  return text !== undefined && /^[a-z]\w{0,60}$/i.test(text)
}

function undocumentedResponse({ status, headers }: PDSFetchResponse): string {
  // In browsers, a redirect that was not followed has status 0 and no headers.
  const redirected = status === 0 || (status >= 300 && status < 400 && headers.get('location') !== null)
  return redirected
    ? 'the endpoint responded with a redirect, which is never followed: check the endpoint'
    : `the endpoint responded with status ${status} and no error that the service documents`
}

/** Returns the status and the headers of a response without secrets. */
export function showResponse(
  { status, headers }: PDSFetchResponse,
  secrets: readonly string[],
): PDSErrorResponse {
  const withCredentials = ['set-cookie', 'location']
  const shown = [...headers].filter(([name]) => !withCredentials.includes(name))
  return { status, headers: redact(Object.fromEntries(shown), secrets) }
}
