import { secretsOfHeaders } from '#platform'
import { ResponseError } from '../errors/attempt-errors.ts'
import { attemptOutcome, type PDSOutcome } from '../errors/outcome.ts'
import type { PDSError } from '../errors/pds-error.ts'
import { requestError, showResponse } from '../errors/request-error.ts'
import { createRedactor, type Redact } from '../redaction/create-redactor.ts'
import { secretsOfParams } from '../redaction/secrets.ts'
import { throttleTime } from '../retry/retry-policy.ts'
import type { PDSRetryEvent } from '../transport/hooks.ts'
import type { Attempt, AttemptEvents } from './attempt.ts'
import type { CallSettings } from './call-settings.ts'

/** Describes a call in hooks and errors, without its secrets. */
export interface CallReport extends AttemptEvents {
  /** Notes that the last attempt has failed, and returns its outcome. */
  settle(reason: unknown): PDSOutcome
  /** Returns the `PDSError` of a failed attempt or call. */
  error(reason: unknown): PDSError
  retryEvent(reason: unknown, delay: number): PDSRetryEvent
}

/** Returns the report of a call. */
export function reportCall(
  { clock, headers, timeout, totalTimeout, url }: CallSettings,
  format: 'form' | 'json',
  attempts: readonly Attempt[],
): CallReport {
  let known: number | undefined
  let redactKnown: Redact
  let last: { reason: unknown; error: PDSError } | undefined

  /** Returns the parameters as they were sent, which a toJSON method may have changed. */
  const parse = (body = '{}'): Record<string, unknown> =>
    format === 'form' ? Object.fromEntries(new URLSearchParams(body)) : JSON.parse(body)

  const secrets = (): string[] => [
    ...secretsOfHeaders(headers),
    ...[...url.searchParams].flatMap(([name, value]) => secretsOfParams({ [name]: value })),
    ...attempts.flatMap((attempt) => [
      ...secretsOfHeaders(attempt.headers),
      ...secretsOfParams(parse(attempt.body)),
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

  const settle = (reason: unknown): PDSOutcome => {
    const attempt: Partial<Attempt> = attempts.at(-1) ?? {}
    attempt.outcome ??= attemptOutcome(attempt.progress, reason)
    return attempt.outcome
  }

  /** When the service accepts requests again, in milliseconds since the epoch by the local clock. */
  const retryAt = (reason: unknown): number | undefined => {
    const now = clock.localNow()
    const pause = reason instanceof ResponseError && throttleTime(reason.response, clock.toServerTime(now))
    return pause ? now + pause : undefined
  }

  const error = (reason: unknown): PDSError => {
    // Redacted once, although hooks and the renewal of a credential use it too.
    if (last && last.reason === reason) return last.error
    settle(reason)
    const outcomes = attempts.map(({ outcome }) => outcome)
    const { response, text = '' } = attempts.at(-1) ?? {}
    const created = requestError(reason, {
      request: request(),
      origin: url.origin,
      redact,
      // The outcome of a call is the worst one of its attempts.
      outcome: (['unknown', 'responded'] as const).find((worst) => outcomes.includes(worst)) ?? 'not-sent',
      timeout,
      totalTimeout,
      response,
      text,
      retryAt: retryAt(reason),
    })
    last = { reason, error: created }
    return created
  }

  return {
    settle,
    error,
    requestEvent() {
      const { headers: sent, body } = attempts.at(-1) ?? {}
      return { ...request(), attempt: count(), headers: redact(sent ?? {}), params: redact(parse(body)) }
    },
    responseEvent: ({ sentAt = 0 }, response) => ({
      ...request(),
      ...showResponse(response, redact),
      attempt: count(),
      duration: clock.localNow() - sentAt,
    }),
    retryEvent: (reason, delay) => ({ attempt: count(), error: error(reason), delay }),
  }
}
