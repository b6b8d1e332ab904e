import { inspect } from 'node:util'
import { callerError } from '@pds/core'
import { describe, expect, it } from 'vitest'

describe('callerError', () => {
  it('keeps what a developer looks for', () => {
    const reason = new RangeError('the KMS is on strike')
    const { name, message, stack } = callerError(reason)
    expect({ name, message, stack }).toEqual({
      name: 'RangeError',
      message: reason.message,
      stack: reason.stack,
    })
  })

  it('leaves out what hangs on the error, and masks what it says', () => {
    const pem = '-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----'
    const reason = new Error(`canary-token, eyJhbGciOiJub25lIn0.canary.canary, ${pem}, ${pem.slice(0, 40)}`, {
      cause: new Error('canary'),
    })
    Object.assign(reason, { config: { headers: { authorization: 'canary' } }, toJSON: () => 'canary' })
    const error = callerError(reason, ['canary-token'])
    expect(error.message).toBe('***, ***, ***, ***')
    expect(inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error)).not.toContain('canary')
  })

  it.each([
    ['canary', 'string'],
    [{ message: 'canary' }, 'object'],
    [undefined, 'undefined'],
  ])('tells of %j only what it is', (reason, type) => {
    expect(callerError(reason).message).toBe(`not an Error was thrown, but a ${type}`)
  })
})
