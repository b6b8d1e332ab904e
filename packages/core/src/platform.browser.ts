import type { RunLimited } from './call/concurrency-limiter.ts'
import type { Failure } from './errors/describe-failure.ts'
import { mustBe } from './errors/invalid-parameter.ts'
import type { PDSError } from './errors/pds-error.ts'
import type { Redact } from './redaction/create-redactor.ts'
import { fold } from './redaction/fold.ts'
import { isSecretName } from './redaction/secrets.ts'
import type { PDSFetchInit } from './transport/fetch-types.ts'
import type { ServerClock } from './transport/server-clock.ts'

/** Does nothing: browsers do not report why a connection failed. */
export function watchConnections(): void {}

/** Does nothing: without a reported reason, the connection may have been made. */
export function neverConnected(_error: unknown): boolean | undefined {
  return undefined
}

/** Returns no fields: the pages of gateways do not allow other origins to read them. */
export function readElements(_text: string, _redact: Redact): Record<string, unknown> {
  return {}
}

/** Returns a text that has no escapes, and undefined for a text with escapes, which is then hidden. */
export function decode(text: string): string[] | undefined {
  return /%[\da-f]{2}|\\|&#?\w+;/i.test(text) ? undefined : [text]
}

/** Returns a function that finds a word only if it is the whole text. */
export function createWordFinder(words: ReadonlySet<string>): (text: string) => boolean {
  return (text) => words.has(fold(text))
}

/** Returns no encodings: tokens and codes in base64 are hidden because of their length. */
export function encode(_secret: string): [encoded: string, step: number][] {
  return []
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

/** Returns a function that does nothing: a page has no private key to sign again with. */
export function createSignatureCheck(_clock: ServerClock): (status: number) => boolean {
  return () => false
}

/** Limits nothing: browsers limit their connections themselves. Each call waits for its own `Retry-After`. */
export function createLimiters(
  _concurrency: number | undefined,
  _clock: ServerClock,
): (authorization: object | undefined) => RunLimited {
  return () => (_endpoint, _deadline, run) => run((_attempt, send) => send())
}

/** Returns no header: browsers send their own user agent. */
export function userAgent(): { 'user-agent'?: string } {
  return {}
}

/**
 * Calls a function when a signal is aborted. Returns a function that cancels this.
 *
 * Only Node.js warns about many listeners on a signal, so here each call adds a listener.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  signal.addEventListener('abort', callback)
  return () => signal.removeEventListener('abort', callback)
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
  /([\w-]{1,40}(?: key)?)(?=["'`\\]{0,9}\s{0,9}[:=])|[?&]code=|eyJ|-----BEGIN|[Bb](?:earer|asic)\W|:\/\/[^\s/]*@/g

// Follows the message of a failed connection.
const failureHint = ': usual reasons are CORS, mixed content, blocked, offline'
