import type { CallReport } from './call/call-report.ts'
import type { CallSettings } from './call/call-settings.ts'
import type { RunLimited } from './call/concurrency-limiter.ts'
import type { DiagnosticsChannel } from './diagnostics/open-channel.ts'
import type { ObservedCall } from './diagnostics/request-message.ts'
import type { Failure } from './errors/describe-failure.ts'
import { mustBe } from './errors/invalid-parameter.ts'
import type { PDSError } from './errors/pds-error.ts'
import type { Redact } from './redaction/create-redactor.ts'
import { fold } from './redaction/fold.ts'
import { isWords } from './redaction/is-words.ts'
import { isSecretName } from './redaction/secrets.ts'
import type { PDSFetchInit, PDSFetchResponse } from './transport/fetch-types.ts'
import type { PDSPostRequest } from './transport/post.ts'
import type { ServerClock } from './transport/server-clock.ts'

// Reads a body to its end: a page loads large data only from servers that it trusts.
export { readText as readBody } from './call/read-text.ts'

/** Does nothing: browsers do not report why a connection failed. */
export function watchConnections(): void {}

/** Does nothing: without a reported reason, the connection may have been made. */
export function neverConnected(_error: unknown): boolean | undefined {
  return undefined
}

/** Returns no fields: the pages of gateways do not allow other origins to read them. */
export function readElements(_text: string, _redact: Redact): Record<string, unknown> | undefined {
  return undefined
}

/**
 * Returns a function that finds the secrets in a text: 8 letters and digits in a row of a longer secret, or a whole shorter
 * one. It also finds something in each text with escapes, which may contain a secret.
 */
export function createSecretFinder(secrets: readonly string[]): (text: string) => boolean {
  const folded = secrets.map(fold).filter(Boolean)
  const runs = new Set(folded.flatMap(runsOf))
  return (text) =>
    text !== '' &&
    (/%[\da-f]{2}|\\|&#?\w+;/i.test(text) ||
      secrets.includes(text) ||
      folded.includes(fold(text)) ||
      runsOf(fold(text)).some((run) => runs.has(run)))
}

/** Returns each 8 characters in a row. */
function runsOf(text: string): string[] {
  return Array.from({ length: Math.max(0, text.length - 7) }, (_, at) => text.slice(at, at + 8))
}

/**
 * Replaces each run of 20 or more letters, digits and `+/_=-` in the text of a response, except words and request ids,
 * also in URLs.
 */
export function redactOpaqueRuns(text: string, name: string): string {
  const isId = /request-?id$|trace/i.test(name)
  return text.replaceAll(/[\w+/=-]{20,}/g, (run) =>
    isWords(run) || (isId && /^[\da-f-]{1,55}$/i.test(run)) ? run : '***',
  )
}

/**
 * Hides the rest of a text from the first place where a secret may start: a value after the name of a secret, a
 * credential, a JWT or a private key.
 */
export function redactPatterns(text: string): string {
  const secret = [...text.matchAll(secretStarts)].find(([, name]) => !name || isSecretName(name))
  return secret ? `${text.slice(0, secret.index)}***` : text
}

/** Returns the name and the message of an error. With the fetch of a browser, it has no cause. */
export function describeFailure(error: unknown, redact: Redact): Failure {
  let reason: string = typeof error
  let cause: unknown
  try {
    cause = Object(error).cause
    if (Object(error) === error) reason = redact(`${cause ?? error}`)
  } catch {
    // A custom fetch may throw a Proxy, or an error with a getter that throws.
  }
  return { reason, cause: new Error(reason), ...(!cause && { hint: failureHint }) }
}

/** Returns the values of secret headers, without schemes. A page cannot set cookies, and does not use `Basic`. */
export function secretsOfHeaders(headers: Readonly<Record<string, string>>): string[] {
  return Object.entries(headers)
    .filter(([name]) => isSecretName(name))
    .map(([, value]) => value.replace(/^Bearer /i, ''))
}

/** Returns the cache mode of requests. */
export function cacheMode(): Pick<PDSFetchInit, 'cache'> {
  return { cache: 'no-store' }
}

/** Creates the error for an invalid endpoint, with an example instead of the mistake. */
export function endpointError(name: string, wants: string, value: unknown, _version?: string): PDSError {
  return mustBe(name, wants, value)
}

/** Does nothing: browsers ignore these headers. */
export function rejectHeaderOfFetch(
  _target: Headers | URLSearchParams,
  _option: string,
  _name: string,
): void {}

/** Returns no function: a page has no private key to sign again with. */
export function createSignatureCheck(_clock: ServerClock): ((status: number) => boolean) | undefined {
  return undefined
}

/** Limits nothing: browsers limit their connections themselves. Each call waits for its own `Retry-After`. */
export function createLimiters(
  _concurrency: number | undefined,
  _clock: ServerClock,
): (authorization: object | undefined) => RunLimited {
  return () => (_endpoint, _deadline, run) => run((_attempt, send) => send())
}

/** Returns a random id. It is only used for hooks. */
export function createCallId(): string {
  return `${Math.random()}`
}

/** Returns a channel that nothing observes: browsers have no diagnostics channels. */
export function openChannel<Message extends object>(
  _name: string,
  _describe: (message: Message) => string | undefined,
): DiagnosticsChannel<Message> {
  return { isObserved: false, publish() {} }
}

/** Returns nothing: browsers print no lines. */
export function listFields(_fields: Readonly<Record<string, unknown>>): string {
  return ''
}

/** Does nothing: browsers have no diagnostics channels. */
export function observeCall(
  _request: PDSPostRequest<unknown>,
  _url: URL,
  _headers: Readonly<Record<string, string>>,
  _options: { readonly callId?: string },
): { readonly callId: string; readonly observed: ObservedCall } | undefined {
  return undefined
}

/** Does nothing: browsers have no diagnostics channels. */
export function publishEnd(
  _settings: CallSettings,
  _report: () => CallReport,
  _response: PDSFetchResponse,
): void {}

/** Does nothing: browsers have no diagnostics channels. */
export function publishFailure(
  _settings: CallSettings,
  _report: () => CallReport,
  _reason: unknown,
  _delay?: number,
): void {}

/** Returns no header: browsers send their own user agent. */
export function userAgent(): { 'user-agent'?: string } | undefined {
  return undefined
}

/**
 * Calls a function when a signal is aborted, or now if it is aborted already. Returns a function that cancels this.
 *
 * Only Node.js warns about many listeners on a signal, so here each call adds a listener.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  if (signal.aborted) callback()
  else signal.addEventListener('abort', callback)
  return () => signal.removeEventListener('abort', callback)
}

/** Returns nothing: the message does not recognize a client. */
export function receivedClient(_value: unknown): string | undefined {
  return undefined
}

/** Returns the known names. */
export function replacementFor(_name: string, known: readonly string[]): string {
  return `the names are ${known.join(', ')}`
}

/** Returns why a text cannot be an id, a code, a secret or a token, without details, or undefined. */
export function textFlaw(text: string): string | undefined {
  const isClean = text.trim() === text && !/[\p{Cc}\p{Cs}]/u.test(text)
  return isClean ? undefined : 'has control characters or outer whitespace'
}

// A name before a colon or an equals sign, or the start of something that is secret without a name.
const secretStarts =
  /([\w-]{1,40}(?: key)?)(?=["'`\\\s]{0,9}[:=])|[?&]code=|eyJ|-----BEGIN|(?:bearer|basic)\W|:\/\/[^\s/]*@/gi

// Follows the message of a failed connection.
const failureHint = ': usual reasons are CORS, mixed content, blocked, offline'
