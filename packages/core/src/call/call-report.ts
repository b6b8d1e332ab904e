import { describeFailure, secretsOfHeaders } from '#platform'
import { AttemptFailure, isInvalidResponseError } from '../errors/attempt-errors.ts'
import { describeRejection } from '../errors/describe-rejection.ts'
import { attemptOutcome } from '../errors/outcome.ts'
import {
  isPDSError,
  PDSError,
  type PDSErrorCode,
  type PDSErrorOptions,
  type PDSErrorResponse,
} from '../errors/pds-error.ts'
import { firstText, readServiceError, type ServiceError } from '../errors/service-error.ts'
import { createRedactor, type Redact } from '../redaction/create-redactor.ts'
import { secretsOfParams } from '../redaction/secrets.ts'
import { throttleTime } from '../retry/retry-policy.ts'
import type { PDSFetchResponse } from '../transport/fetch-types.ts'
import type { PDSRetryEvent, WithoutId } from '../transport/hooks.ts'
import type { PDSPostRequest } from '../transport/post.ts'
import type { Attempt, AttemptEvents } from './attempt.ts'
import type { CallSettings } from './call-settings.ts'

/** Describes a call in hooks and errors, without its secrets. */
export interface CallReport extends AttemptEvents {
  /** Returns the `PDSError` of a failed attempt or call. */
  error(reason: unknown): PDSError
  retryEvent(reason: unknown, delay: number): WithoutId<PDSRetryEvent>
}

/** Returns the report of a call. */
export function reportCall(
  settings: CallSettings,
  { format, client }: Pick<PDSPostRequest<unknown>, 'format' | 'client'>,
  attempts: readonly Attempt[],
): CallReport {
  const { clock, url } = settings
  let known: number | undefined
  let redactKnown: Redact

  /** Returns the parameters as they were sent, which a toJSON method may have changed. */
  const parse = (body = '{}'): Record<string, unknown> =>
    format === 'form' ? Object.fromEntries(new URLSearchParams(body)) : JSON.parse(body)

  const secrets = (): string[] => [
    ...attempts.flatMap((attempt) => secretsOfHeaders(attempt.headers)),
    ...secretsOfParams([
      ...[...url.searchParams].map(([name, value]) => ({ [name]: value })),
      ...attempts.map(({ body }) => parse(body)),
      client,
    ]),
  ]

  /** Redacts data of the call. The secrets of all attempts are indexed once, and again when an attempt adds some. */
  const redact: Redact = (data, isResponse) => {
    const found = secrets()
    // Secrets are only added.
    if (known !== found.length) redactKnown = createRedactor(found)
    known = found.length
    return redactKnown(data, isResponse)
  }

  /** A path may contain secrets too. */
  const request = (): { method: 'POST'; url: string } => ({
    method: 'POST',
    url: `${url.origin}/${redact(url.pathname.slice(1))}`,
  })

  /** Returns the number of attempts that were sent, or were about to be. */
  const count = () => attempts.filter(({ body }) => body !== undefined).length

  /** Returns the status and the headers of a response. */
  const show = ({ status, headers }: PDSFetchResponse): PDSErrorResponse => {
    const shown = [...headers].filter(([name]) => !['set-cookie', 'location'].includes(name))
    return { status, headers: redact(Object.fromEntries(shown), true) }
  }

  /** When the service accepts requests again, in milliseconds since the epoch by the local clock. */
  const retryAt = (response: PDSFetchResponse): number | undefined => {
    const now = clock.localNow()
    const pause = throttleTime(response, clock.toServerTime(now))
    return pause ? now + pause : undefined
  }

  const error = (reason: unknown): PDSError => {
    const last = attempts.at(-1) as Attempt
    last.outcome ??= attemptOutcome(last, reason)
    const outcomes = attempts.map(({ outcome }) => outcome)
    // The outcome of a call is the worst one of its attempts.
    const outcome =
      (['unknown', 'responded'] as const).find((worst) => outcomes.includes(worst)) ?? 'not-sent'
    if (isPDSError(reason)) {
      // Thrown while the request was prepared, for example by a signer. Earlier attempts may have reached the server.
      const { message, cause } = reason
      return reason.outcome === outcome ? reason : new PDSError(message, { ...reason, outcome, cause })
    }
    const fail = (code: PDSErrorCode, message: string, more?: Partial<PDSErrorOptions>) =>
      new PDSError(message, { code, outcome, request: request(), ...more })

    const { response, text = '' } = last
    if (response && isInvalidResponseError(reason)) {
      const { status, headers: received } = show(response)
      const isRejected = reason.isRejection
      // The body of an invalid 2xx response may contain tokens, so the error has no part of it.
      const { code, message, reqId, data }: ServiceError = isRejected
        ? readServiceError(text, received, redact)
        : { reqId: firstText(received['x-ca-request-id']) }
      return fail(code ?? 'InvalidResponse', describeRejection(code, message) || reason.message, {
        status,
        reqId,
        retryAt: isRejected ? retryAt(response) : undefined,
        response: { status, headers: received, ...(data && { data }) },
      })
    }
    const { by, cause: failure } = reason instanceof AttemptFailure ? reason : { cause: reason }
    if (by === 'signal') return fail('Aborted', 'the call was aborted by its signal')
    if (by === 'timeout' || by === 'totalTimeout') {
      // The limits also apply to the signature, the credential and the connection.
      const missing = outcome === 'not-sent' ? 'no request was sent to' : 'no response from'
      return fail('Timeout', `${missing} ${url.origin} within ${settings[by]} ms (option ${by})`)
    }
    // Errors of fetch may contain the request, so they are never passed on.
    const { reason: why, cause, hint = '' } = describeFailure(failure, redact)
    return fail('NetworkError', `the connection to ${url.origin} failed (${why})${response ? '' : hint}`, {
      cause,
    })
  }

  return {
    error,
    requestEvent() {
      const { headers, body } = attempts.at(-1) as Attempt
      return { ...request(), attempt: count(), headers: redact(headers), params: redact(parse(body)) }
    },
    responseEvent: ({ sentAt = 0 }, response) => ({
      ...request(),
      ...show(response),
      attempt: count(),
      duration: clock.localNow() - sentAt,
    }),
    retryEvent: (reason, delay) => ({ attempt: count(), error: error(reason), delay }),
  }
}
