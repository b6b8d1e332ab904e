import { textFlaw } from '#platform'
import { PDSError } from './pds-error.ts'

/**
 * Creates the error for an invalid argument, thrown before anything is sent. The message must not contain the value.
 */
export function invalidParameter(message: string): PDSError {
  return new PDSError(message, {
    code: 'InvalidParameter',
    outcome: 'not-sent',
  })
}

/** Creates the error for an invalid argument, with the valid values and the type of the received value. */
export function mustBe(
  name: string,
  wants: string,
  value: unknown,
  received: unknown = describe(value),
): PDSError {
  return invalidParameter(`${name} must be ${wants} (received ${received})`)
}

/** Returns the type of a value in words, and what is wrong with a text. The value may be a secret. */
function describe(value: unknown): string {
  if (value === '') return 'an empty string'
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object') return 'an object'
  const flaw = typeof value === 'string' && textFlaw(value)
  return `a ${typeof value}${flaw ? ` that ${flaw}` : ''}`
}
