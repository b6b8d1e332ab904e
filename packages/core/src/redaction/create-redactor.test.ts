import { describe, expect, it } from 'vitest'
import { createRedactor } from './create-redactor.ts'
import { redactPatterns } from './redact-patterns.ts'

const secret = 'q7Xf2LmZ9Kd4RwT1'
const redact = <T>(data: T, secrets: readonly string[] = [secret], isResponse = false): T =>
  createRedactor(secrets)(data, isResponse)

describe('createRedactor', () => {
  it('hides each string and number with a secret, also names of fields', () => {
    const data = { message: `it is ${secret}.`, list: [secret, 1, null, true], [secret]: 'a', n: 12_345_678 }
    expect(redact(data, [secret, '12345678'])).toEqual({
      message: '***',
      list: ['***', 1, null, true],
      '***': 'a',
      n: '***',
    })
  })

  it('hides all values below the name of a secret', () => {
    const data = { password: 7, share_pwd: 'x', tokens: ['a', { b: 'c' }], none_secret: null, plain: 'p' }
    expect(redact(data)).toEqual({
      password: '***',
      share_pwd: '***',
      tokens: ['***', { b: '***' }],
      none_secret: null,
      plain: 'p',
    })
  })

  it('hides a text whose parts form a secret after a part between them is hidden', () => {
    const redact = createRedactor([secret], redactPatterns)
    expect(redact(`${secret.slice(0, 5)} eyJhbGciOiJub25lIn0.x ${secret.slice(5)}`)).toBe('***')
    expect(redact(`no ${secret.slice(0, 5)} eyJhbGciOiJub25lIn0.x`)).toBe(`no ${secret.slice(0, 5)} ***`)
  })

  it('hides opaque texts only in responses', () => {
    const data = { message: `see ${'a1'.repeat(12)}`, 'x-ca-request-id': 'a1'.repeat(12) }
    expect(redact(data)).toEqual(data)
    expect(redact(data, [], true)).toEqual({ ...data, message: 'see ***' })
  })

  it('keeps what the service and its users need to read', () => {
    const data = {
      code: 'InvalidParameter.RefreshToken',
      message: 'The input parameter refresh_token is not valid. ',
      requestId: '6EF60BEC-0242-43AF-BB20-270359FB54A7',
      date: 'Thu, 01 Jan 2026 00:00:00 GMT',
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
      'www-authenticate': 'Bearer realm="pds", error="invalid_token"',
      'access-control-allow-headers': 'authorization,content-type,x-ca-request-id,x-share-token',
      error_uri: 'https://help.aliyun.com/document_detail/175927/obtain-an-access-token-1234567.html',
      url: 'https://bj1.api.aliyunpds.com/v2/account/token',
    }
    expect(redact(data, [secret], true)).toEqual(data)
  })

  it('hides values below a depth of 100', () => {
    const deep = JSON.parse(`${'['.repeat(5000)}"secret"${']'.repeat(5000)}`)
    expect(JSON.stringify(redact(deep))).toBe(`${'['.repeat(101)}"***"${']'.repeat(101)}`)
  })
})
