import { expect } from 'vitest'

/** Expects that a property of `fromEnv` throws an error with this message. */
export function expectInvalid(read: () => unknown, message: string): void {
  const fields = { name: 'PDSError', code: 'InvalidParameter', outcome: 'not-sent' }
  expect(read).toThrow(expect.objectContaining({ ...fields, message: `fromEnv: ${message}` }))
}
