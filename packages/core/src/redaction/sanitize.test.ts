import { inspect } from 'node:util'
import { sanitizeError, sanitizeText } from '@pds/core/internal'
import { describe, expect, it } from 'vitest'

describe('sanitizeError', () => {
  it('keeps what a developer looks for', () => {
    const reason = new RangeError('the KMS is on strike')
    const { name, message, stack } = sanitizeError(reason)
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
    const error = sanitizeError(reason, ['canary-token'])
    expect(error.message).toBe('***, ***, ***, ***')
    expect(inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error)).not.toContain('canary')
  })

  it.each([
    ['canary', 'string'],
    [{ message: 'canary' }, 'object'],
    [undefined, 'undefined'],
  ])('tells of %j only what it is', (reason, type) => {
    expect(sanitizeError(reason).message).toBe(`not an Error was thrown, but a ${type}`)
  })
})

describe('sanitizeText', () => {
  it.each([
    ['The user said no.', 'The user said no.'],
    [' two\r\nlines\t ', 'two lines'],
    // What a terminal would take for a command, and what turns the direction of a line.
    ['red \u001b[31m and \u202eback\u0000', 'red [31m and back'],
    ['for canary-state, and canary%2Dstate', '***'],
    ['for canary-state.', 'for ***.'],
    [`it was eyJhbGciOiJSUzI1NiJ9.${'a'.repeat(20)}`, 'it was ***'],
    ['', undefined],
    [' \n\u0000', undefined],
  ])('makes %j %j', (text, expected) => {
    expect(sanitizeText(text, ['canary-state', ''])).toBe(expected)
  })

  it('is no longer than a line of a log', () => {
    expect(sanitizeText('a '.repeat(5000), [])).toHaveLength(1000)
  })
})
