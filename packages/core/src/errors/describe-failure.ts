import type { Redact } from '../redaction/create-redactor.ts'
import { firstText } from './service-error.ts'

/** Why a connection failed. */
export interface Failure {
  /** The innermost cause, as one line. */
  reason: string
  /** The error with its causes. Absent if no object was thrown. */
  cause: Error | undefined
  /** Follows the message of the error: the usual reasons, if there is no better one. */
  hint?: string
}

const maxLinks = 6
// In characters. A longer message is no message, for example the body of a response.
const maxLength = 65_536

/**
 * Returns why a connection failed, without secrets.
 *
 * The `cause` has the name, code and message of the error and of its causes, at most six. Other properties are dropped,
 * because they may contain the request. `redact` removes the secrets from data.
 */
export function describeFailure(error: unknown, redact: Redact): Failure {
  const links: string[][] = []
  try {
    for (let link = error; Object(link) === link && links.length < maxLinks; ) {
      const { name, code, message, cause } = link as Record<string, unknown>
      links.push(
        [name, code, message].map((text) => (typeof text === 'string' ? text.slice(0, maxLength) : '')),
      )
      link = cause
    }
  } catch {
    // A custom fetch may throw a Proxy, or an error with a getter that throws.
  }
  let cause: Error | undefined
  // The messages of the outer errors, such as "fetch failed", do not say why.
  let reason: string | undefined
  for (const link of redact(links).reverse()) {
    // Some clients quote the URL. Its query may contain a secret in a parameter without a known name.
    const texts = link.map((text) => firstText(text.replaceAll(/\?[\w.-]+=[^\s)]*/g, '')))
    const [name = 'Error', code, message = ''] = texts
    reason ??= [code ?? name, message].filter(Boolean).join(': ')
    cause = Object.assign(new Error(message, cause && { cause }), { name }, code && { code })
  }
  return { reason: reason ?? typeof error, cause }
}
