import { firstText } from '../errors/service-error.ts'
import { redact } from './redact.ts'

/**
 * A text of somebody else as it may stand in an error, for code that makes a method: on one line, of no more than 1000
 * characters, without those that steer a terminal, and with each secret masked, the given ones and what looks like one.
 *
 * Undefined where nothing is left of it.
 */
export function safeText(text: string, secrets: readonly string[]): string | undefined {
  // Most callbacks tell no error, and redacting nothing takes as long as redacting a text.
  return text === '' ? undefined : firstText(redact(text, secrets))
}
