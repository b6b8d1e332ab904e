import { inspect } from 'node:util'
import { sanitizeError, sanitizeText } from '@pds/core/internal'
import { describe, expect, it } from 'vitest'

describe('sanitizeError', () => {
  it('keeps the name, the message and the stack', () => {
    const reason = new RangeError('the KMS is on strike')
    const { name, message, stack } = sanitizeError(reason)
    expect({ name, message, stack }).toEqual({
      name: 'RangeError',
      message: reason.message,
      stack: reason.stack,
    })
  })

  it('drops other properties and redacts the message', () => {
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
  ])('reports only the type of %j, which is not an Error', (reason, type) => {
    expect(sanitizeError(reason).message).toBe(`a value of type ${type} was thrown instead of an Error`)
  })
})

describe('sanitizeText', () => {
  it.each([
    ['The user said no.', 'The user said no.'],
    [' two\r\nlines\t ', 'two lines'],
    // Control characters for terminals, and one that changes the direction of the text.
    ['red \u001b[31m and \u202eback\u0000', 'red [31m and back'],
    ['for canary-state, and canary%2Dstate', '***'],
    ['for canary-state.', 'for ***.'],
    [`it was eyJhbGciOiJSUzI1NiJ9.${'a'.repeat(20)}`, 'it was ***'],
    ['', undefined],
    [' \n\u0000', undefined],
  ])('turns %j into %j', (text, expected) => {
    expect(sanitizeText(text, ['canary-state', ''])).toBe(expected)
  })

  it('truncates the text to 1000 characters', () => {
    expect(sanitizeText('a '.repeat(5000), [])).toHaveLength(1000)
  })
})
