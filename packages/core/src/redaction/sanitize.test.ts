import { inspect } from 'node:util'
import { runInNewContext } from 'node:vm'
import { isInvalidResponseError, isPDSError, sanitizeError, sanitizeText } from '@pds/core/internal'
import { describe, expect, it } from 'vitest'

const fail = () => {
  throw new Error('canary')
}

/** Returns an error with a getter that throws. */
function throwing(error: Error, name: string): Error {
  return Object.defineProperty(error, name, { get: fail })
}

/** Returns traps for a Proxy on which every operation throws. */
function throwingTraps(): ProxyHandler<object> {
  return new Proxy({}, { get: () => fail })
}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable(new Error('canary'), {})
  revoke()
  return proxy
}

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
    const texts = [
      'eyJhbGciOiJub25lIn0.canary.canary',
      pem,
      'Bearer canary',
      'https://canary:canary@host',
      'password: canary',
      'code_verifier=canary',
      "{ 'token' => 'canary' }",
      JSON.stringify({ body: JSON.stringify({ refresh_token: 'canary' }) }),
      pem.slice(0, 34),
    ]
    const reason = new Error(texts.join(', '), { cause: new Error('canary') })
    Object.assign(reason, { config: { headers: { authorization: 'canary' } }, toJSON: () => 'canary' })
    const error = sanitizeError(reason)
    expect(error.message).toBe(
      String.raw`***, ***, Bearer ***, https://***@host, password: ***, code_verifier=***, { 'token' => '***' }, {"body":"{\"refresh_token\":\"***\"}"}, ***`,
    )
    expect(error.stack).toContain(`Error: ${error.message}\n    at `)
    expect(inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error)).not.toContain('canary')
  })

  it('hides a message with one of the secrets, and keeps the calls of the stack', () => {
    const reason = new TypeError('rejected: q7Xf2LmZ\n9Kd4RwT1')
    const { message, stack = '' } = sanitizeError(reason, ['q7Xf2LmZ9Kd4RwT1'])
    expect(message).toBe('***')
    expect(stack).toBe(reason.stack?.replace(/^.*?(?=\n {4}at )/s, '***'))
    expect(stack.split('\n').length).toBeGreaterThan(2)
    reason.stack = 'rejected: q7Xf2LmZ9Kd4RwT1'
    expect(sanitizeError(reason, ['q7Xf2LmZ9Kd4RwT1']).stack).toBe('***')
  })

  it('truncates the message and the stack to 10000 characters', () => {
    const { message, stack } = sanitizeError(new Error('x '.repeat(1e6)))
    expect([message.length, stack?.length]).toEqual([10_000, 10_000])
  })

  it.each<[string, unknown, string]>([
    ['a getter that throws', throwing(new Error('canary'), 'message'), 'object'],
    ['a stack that throws', throwing(new Error('canary'), 'stack'), 'object'],
    ['a Proxy that throws', new Proxy(new Error('canary'), throwingTraps()), 'object'],
    ['a Proxy of a function', new Proxy(() => 'canary', throwingTraps()), 'function'],
    ['a revoked Proxy', revoked(), 'object'],
  ])('lets no raw error out of %s', (_what, reason, type) => {
    expect(sanitizeError(reason).message).toBe(`a value of type ${type} was thrown instead of an Error`)
    expect([isPDSError(reason), isInvalidResponseError(reason)]).toEqual([false, false])
  })

  it('ignores fields that are not strings', () => {
    const reason = Object.assign(new Error('a'), { name: { canary: 1 }, message: ['canary'], stack: 7 })
    expect(inspect(sanitizeError(reason), { showHidden: true })).not.toContain('canary')
  })

  it.each([
    ['canary', 'string'],
    [{ message: 'canary' }, 'object'],
    [undefined, 'undefined'],
  ])('reports only the type of %j, which is not an Error', (reason, type) => {
    expect(sanitizeError(reason).message).toBe(`a value of type ${type} was thrown instead of an Error`)
  })
})

it('sanitizeError reads an error of another realm', () => {
  const { name, message } = sanitizeError(runInNewContext("new RangeError('too long')"))
  expect({ name, message }).toEqual({ name: 'RangeError', message: 'too long' })
})

describe('sanitizeText', () => {
  it.each([
    ['The user said no.', 'The user said no.'],
    [' two\r\nlines\t ', 'two lines'],
    // Control characters for terminals, and one that changes the direction of the text.
    ['red \u001b[31m and \u202eback\u0000', 'red [31m and back'],
    ['for canary-state, and canary%2Dstate', '***'],
    ['for canary-state.', '***'],
    [`for ${'a1'.repeat(10)}.`, 'for ***.'],
    [`it was eyJhbGciOiJSUzI1NiJ9.${'a'.repeat(20)}`, 'it was ***.***'],
    ['', undefined],
    [' \n\u0000', undefined],
  ])('turns %j into %j', (text, expected) => {
    expect(sanitizeText(text, ['canary-state', ''])).toBe(expected)
  })

  it('truncates the text to 1000 characters', () => {
    expect(sanitizeText('a '.repeat(5000), [])).toHaveLength(1000)
  })
})
