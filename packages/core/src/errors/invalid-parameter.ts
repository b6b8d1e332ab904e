import { PDSError } from './pds-error.ts'

/** The error for a wrong argument, before anything is sent. The message names the argument, never its value. */
export function invalidParameter(message: string): PDSError {
  return new PDSError(message, {
    code: 'InvalidParameter',
    outcome: 'not-sent',
  })
}

/** The error for an argument that is not what it must be; it got what `describe` says. */
export function mustBe(
  name: string,
  wants: string,
  value: unknown,
  got: unknown = describe(value),
): PDSError {
  return invalidParameter(`${name} must be ${wants}, got ${got}`)
}

/** What a value is, for an error message: its type, never the value, which may be a secret. */
function describe(value: unknown): string {
  if (value === '') return 'an empty string'
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
