import { secretsOfHeaders } from '#platform'
import type { CallReport } from '../call/call-report.ts'
import type { CallSettings } from '../call/call-settings.ts'
import { firstText } from '../errors/service-error.ts'
import { createRedactor } from '../redaction/create-redactor.ts'
import { secretsOfParams } from '../redaction/secrets.ts'
import type { PDSFetchResponse } from '../transport/fetch-types.ts'
import type { PDSPostRequest } from '../transport/post.ts'
import { createCallId } from './create-call-id.ts'
import { type DiagnosticsChannel, listFields, openChannel } from './open-channel.ts'
import type { ObservedCall, PDSRequestMessage, PDSRequestMessageBase } from './request-message.ts'

/** What the settings of an observed call have in addition. */
interface Observation {
  readonly callId: string
  readonly observed: ObservedCall
}

let channel: DiagnosticsChannel<PDSRequestMessage> | undefined

/**
 * Publishes the start of a call on the channel `pds:request`. Returns undefined if nothing observes the channel: the call
 * then has no messages.
 */
export function observeCall(
  request: PDSPostRequest<unknown>,
  url: URL,
  headers: Readonly<Record<string, string>>,
  options: { readonly callId?: string },
): Observation | undefined {
  channel ??= openChannel('pds:request', describe)
  if (!channel.isObserved) return undefined
  const callId = options.callId ?? createCallId()
  const call = { callId, method: request.method ?? 'post', url: redactUrl(url, headers, request) }
  const startedAt = performance.now()
  channel.publish(() => ({ type: 'start', ...call }))
  return { callId, observed: { ...call, startedAt } }
}

/** Publishes the success of a call. */
export function publishEnd(
  { observed }: CallSettings,
  report: () => CallReport,
  response: PDSFetchResponse,
): void {
  if (!observed) return
  channel?.publish(() => {
    const { attempt: attempts, status, headers } = report().responseEvent({ headers: {} }, response)
    return { type: 'end', ...timed(observed), attempts, status, reqId: firstText(headers['x-ca-request-id']) }
  })
}

/** Publishes the failure of an attempt that is retried after `delay` milliseconds, or without `delay` of the call. */
export function publishFailure(
  { observed }: CallSettings,
  report: () => CallReport,
  reason: unknown,
  delay?: number,
): void {
  if (!observed) return
  channel?.publish(() => {
    const { attempt, error } = report().retryEvent(reason, 0)
    const { code, message, outcome, status, reqId } = error
    const failure = { ...timed(observed), code, message, outcome, status, reqId }
    return delay === undefined
      ? { type: 'error', ...failure, attempts: attempt }
      : { type: 'retry', ...failure, attempt, delay }
  })
}

/** Returns the common fields of a message, with the time since the start of the call. */
function timed({ startedAt, ...call }: ObservedCall): PDSRequestMessageBase & { duration: number } {
  return { ...call, duration: Math.round(performance.now() - startedAt) }
}

/** Returns a URL without its query. A path may contain secrets too. */
function redactUrl(
  { origin, pathname, searchParams }: URL,
  headers: Readonly<Record<string, string>>,
  { params, client }: PDSPostRequest<unknown>,
): string {
  const query = [...searchParams].map(([name, value]) => ({ [name]: value }))
  const redact = createRedactor([
    ...secretsOfHeaders(headers),
    ...secretsOfParams([query, client, copyOf(params)]),
  ])
  return `${origin}/${redact(pathname.slice(1), true)}`
}

/** Returns parameters as they will be sent, or undefined if they are created for each attempt or cannot be written. */
function copyOf(params: PDSPostRequest<unknown>['params']): unknown {
  try {
    return typeof params === 'function' ? undefined : JSON.parse(JSON.stringify(params))
  } catch {
    return undefined
  }
}

/** Returns the line that `NODE_DEBUG=pds` prints for a call, or undefined for a message within the call. */
function describe(message: PDSRequestMessage): string | undefined {
  if (message.type === 'start' || message.type === 'retry') return undefined
  const { method, url, callId, status, attempts, duration, reqId } = message
  const result = message.type === 'end' ? '' : ` failed: ${message.code} (${message.outcome})`
  return `${method} ${url}${result} ${listFields({ callId, status, attempts, duration: `${duration} ms`, reqId })}`
}
