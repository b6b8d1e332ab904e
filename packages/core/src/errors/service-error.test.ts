import { describe, expect, it } from 'vitest'
import { createRedactor } from '../redaction/create-redactor.ts'
import { readServiceError } from './service-error.ts'

const secret = 'q7Xf2LmZ9Kd4RwT1'
const read = (text: string) => readServiceError(text, {}, createRedactor([secret]))

describe('readServiceError', () => {
  it('returns only the documented fields of a JSON object, redacted', () => {
    const known = { code: 'A.B', message: 'm', requestId: null, error_uri: 'https://host/a', error: 403 }
    const body = {
      ...known,
      Message: `not ${secret}`,
      state: 's',
      token: 'a',
      data: { code: 'x' },
      Code: ['x'],
    }
    expect(read(JSON.stringify(body))).toEqual({
      code: 'A.B',
      message: 'm',
      reqId: undefined,
      data: { ...known, Message: '***' },
    })
  })

  it.each([
    ['an array', '[{"code":"A"}]'],
    ['a string', '"code"'],
    ['null', 'null'],
    ['an object without a documented field', '{"token":"a"}'],
    ['an object with a prototype', '{"__proto__":{"code":"A"},"token":"a"}'],
  ])('returns nothing for %s', (_what, text) => {
    expect(read(text)).toEqual({ code: undefined, message: undefined, reqId: undefined })
  })

  it('truncates texts to 1000 characters, and hides a secret that is truncated by it', () => {
    const { message, data } = read(JSON.stringify({ message: `${'x '.repeat(496)}${secret}` }))
    expect([message, data]).toEqual(['***', { message: '***' }])
    expect(read(JSON.stringify({ message: 'x '.repeat(5000) })).data).toEqual({ message: 'x '.repeat(500) })
  })

  it.each(['5C3D9175B6FC201293AD4890', '0af7651916cd43dd8448eb211c80319c'])(
    'keeps the request id %s',
    (id) => {
      expect(read(JSON.stringify({ requestId: id })).reqId).toBe(id)
      expect(read(`<Error><RequestId>${id}</RequestId></Error>`).reqId).toBe(id)
    },
  )
})

// A body of 64 KiB that takes quadratic time would take seconds. These are longer, and would take hours.
describe('the time is linear in the length of a body', () => {
  const repeat = (part: string) => part.repeat(2 ** 22 / part.length)

  it.each([
    ['strings', `{"code":"A","list":[${repeat('"x",')}1]}`],
    ['fields', `{"code":"A",${repeat('"x":"eyJ",')}"y":1}`],
    ['start tags', `<Code>A</Code>${repeat('<Message>')}`],
    ['angle brackets', `<Code>A</Code><Message>${repeat('<')}</Message>`],
    ['entities', `<Code>A</Code><Message>${repeat('&amp;')}</Message>`],
  ])('with many %s', (_what, text) => {
    expect(read(text).code).toBe('A')
  })

  it('with many characters in each documented field', () => {
    const text = `q7Xf2Lm ${repeat('token:"%41\\u0061&amp;')}`
    const { data = {} } = read(JSON.stringify({ code: text, message: text, error: text, requestId: text }))
    for (const shown of Object.values(data)) expect(shown.length).toBeLessThanOrEqual(1000)
  })
})
