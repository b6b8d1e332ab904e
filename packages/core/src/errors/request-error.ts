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
  const { request, outcome, secrets, response, text } = context
  const fail = (code: PDSErrorCode, message: string, more?: Partial<PDSErrorOptions>) =>
    new PDSError(message, { code, outcome, request, ...more })

  if (isPDSError(error)) {
    // From the making of the request, such as a signer's, after earlier attempts that may have arrived.
    const { message, code, cause } = error
    return error.outcome === outcome ? error : new PDSError(message, { code, outcome, cause })
  }
  const shown = response && showResponse(response, secrets)
  const headers = shown?.headers ?? {}
  const reqId = firstText(headers['x-ca-request-id'])
  // An answer that is 2xx, but not what the service documents: nothing is told of its body.
  if (isInvalidResponseError(error))
    return fail('InvalidResponse', error.message, { status: shown?.status, reqId, response: shown })
  if (response && error instanceof HTTPError) {
    const { status } = response
    const { data, ...said } = readServiceError(text, (shown) => redact(shown, secrets))
    // The gateway in front of the service sends no body but these headers.
    return fail(
      said.code ?? firstText(headers['x-ca-error-code']) ?? 'InvalidResponse',
      said.message ?? firstText(headers['x-ca-error-message']) ?? undocumentedResponse(response),
      { status, reqId: said.requestId ?? reqId, response: { status, headers, ...(data && { data }) } },
    )
  }

  const by = error instanceof CallAbort ? error.by : undefined
  if (by === 'signal') return fail('Aborted', 'the call was aborted by its signal')
  const { origin } = new URL(request.url)
  // A signature, a credential or a connection that does not come is waited for within the same limits.
  const late = outcome === 'not-sent' ? 'nothing could be sent to' : 'no response from'
  if (by) return fail('Timeout', `${late} ${origin} within ${context[by]} ms (option ${by})`)
  return fail('NetworkError', `the connection to ${origin} failed (${redact(reasonOf(error), secrets)})`)
}

function reasonOf(error: unknown): string {
  const reason = error instanceof ConnectionError ? error.cause : error
  const named = [systemCode(reason), reason instanceof Error ? reason.name : undefined]
  return named.find(isName) ?? typeof reason
}

/** Whether this can be the name of a code or a class: what a fetch of one's own puts there may be anything. */
function isName(text: string | undefined): boolean {
  return text !== undefined && /^[a-z]\w{0,60}$/i.test(text)
}

function undocumentedResponse({ status, headers }: PDSFetchResponse): string {
  // Browsers show a redirect that is not followed as status 0, without its headers.
  const redirected = status === 0 || (status >= 300 && status < 400 && headers.get('location') !== null)
  return redirected
    ? 'the endpoint answered with a redirect, which is not followed: check the endpoint'
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
