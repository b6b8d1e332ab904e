import { describe, expect, it } from 'vitest'
import { redact, secretsOfHeaders, secretsOfParams } from './redact.ts'

describe('the secrets of a request', () => {
  it('takes credentials by their names, however they are written', () => {
    const headers = { authorization: 'Bearer one', 'x-share-token': 'share', accept: 'text/plain' }
    expect(secretsOfHeaders(headers)).toEqual(['Bearer one', 'share'])
    expect(secretsOfParams({ client_id: 'client', code: 'the-code' })).toEqual(['the-code'])
  })

  it('takes the parts of a header that are credentials by themselves', () => {
    const headers = { authorization: 'Bearer the-access-token', cookie: 'sid=the-session-id; theme=dark' }
    const secrets = secretsOfHeaders(headers)
    expect(secrets).toEqual(expect.arrayContaining(['the-access-token', 'the-session-id']))
    expect(secrets).not.toContain('Bearer')
  })

  it('takes them at any depth, with all that stands below a secret name', () => {
    const params = {
      app: [{ client_secret: 'the-secret' }],
      refresh_token: { now: 'one-token' },
      page: 1,
      none: null,
    }
    expect(secretsOfParams(params)).toEqual(['the-secret', 'one-token'])
  })

  it('leaves out values that are too short to be secret', () => {
    expect(secretsOfParams({ code: 'abc' })).toEqual([])
    expect(secretsOfHeaders({ cookie: 'a=b' })).toEqual([])
  })
})

describe('redact', () => {
  it('masks secrets anywhere in JSON data, also form-encoded ones', () => {
    const data = { message: 'code=a%2Fbcd&x, a/bcd', list: ['a/bcd', 1, null], 'a/bcd': true }
    expect(redact(data, ['a/bcd'])).toEqual({
      message: 'code=***&x, ***',
      list: ['***', 1, null],
      '***': true,
    })
  })

  it('masks a secret in each way that it can be encoded in a form or an address', () => {
    const secret = "it's a/b+c~"
    const forms = [new URLSearchParams({ code: secret }).toString(), encodeURIComponent(secret)]
    for (const form of forms) expect(redact(form, [secret])).toMatch(/^(code=)?\*{3}$/)
  })

  it('takes a secret that cannot be encoded', () => {
    expect(redact('a half\ud800pair', ['half\ud800pair'])).toBe('a ***')
  })
})
