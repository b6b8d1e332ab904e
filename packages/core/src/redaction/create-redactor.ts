import { createSecretFinder, redactOpaqueRuns } from '#platform'
import { isSecretName } from './secrets.ts'

// Data of requests is not deeper. The limit protects the stack.
const maxDepth = 100

const redacted = '***'

/** Returns a copy of JSON data with `***` in place of secrets. `isResponse` is for data that a server sent. */
export type Redact = <T>(data: T, isResponse?: boolean) => T

/**
 * Returns a function that redacts JSON data. The secrets are indexed when it is created, so create it once for a call.
 *
 * It hides each string and number that contains one of the secrets, and the values of fields with the name of a secret.
 * In a response, it also hides opaque texts; see `redactOpaqueRuns`. `redactPatterns` hides further parts of texts.
 */
export function createRedactor(
  secrets: readonly string[],
  redactPatterns: (text: string) => string = (text) => text,
): Redact {
  const hasSecret = createSecretFinder(secrets)

  return <T>(data: T, isResponse = false) => {
    const redactText = (text: string, name = ''): string => {
      if (hasSecret(text)) return redacted
      const shown = redactPatterns(text)
      const result = isResponse ? redactOpaqueRuns(shown, name) : shown
      // Without the hidden parts, the parts around them may form a secret.
      return result !== text && hasSecret(result) ? redacted : result
    }
    const redactValue = (value: unknown, depth: number, isSecret: boolean, name?: string): unknown => {
      if (typeof value === 'string') return isSecret ? redacted : redactText(value, name)
      if (typeof value === 'number') return isSecret || hasSecret(`${value}`) ? redacted : value
      if (typeof value !== 'object' || value === null) return value
      if (depth > maxDepth) return redacted
      if (Array.isArray(value)) return value.map((item) => redactValue(item, depth + 1, isSecret, name))
      return Object.fromEntries(
        Object.entries(value).map(([key, field]) => [
          redactText(key),
          redactValue(field, depth + 1, isSecret || isSecretName(key), key),
        ]),
      )
    }
    return redactValue(data, 0, false) as T
  }
}
