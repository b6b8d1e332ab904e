import { inspect } from 'node:util'
import { expect } from 'vitest'

/** A part of every key and text of a test of errors. */
export const canary = 'canary'

/** Returns the message that a call rejects with, and checks that the error contains no part of the request. */
export async function messageOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(Error)
  const shown = inspect(error, { depth: 20, showHidden: true, getters: true, maxStringLength: null })
  expect(shown + JSON.stringify(error) + (error as Error).stack).not.toContain(canary)
  expect(Object.getPrototypeOf(error)).toBe(Error.prototype)
  expect(Reflect.ownKeys(error as Error).sort()).toEqual(['message', 'stack'])
  return (error as Error).message
}
