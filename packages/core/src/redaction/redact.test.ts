import { describe, expect, it } from 'vitest'
import { redact } from './redact.ts'

describe('redact', () => {
  it('redacts secrets anywhere in JSON data, also form-encoded', () => {
    const data = { message: 'code=a%2Fbcd&x, a/bcd', list: ['a/bcd', 1, null], 'a/bcd': true }
    expect(redact(data, ['a/bcd'])).toEqual({
      message: 'code=***&x, ***',
      list: ['***', 1, null],
      '***': true,
    })
  })

  it('redacts a secret that is encoded for a form or a URL', () => {
    const secret = "it's a/b+c~"
    const forms = [new URLSearchParams({ code: secret }).toString(), encodeURIComponent(secret)]
    for (const form of forms) expect(redact(form, [secret])).toMatch(/^(code=)?\*{3}$/)
  })

  it('accepts a secret with a lone surrogate', () => {
    expect(redact('a half\ud800pair', ['half\ud800pair'])).toBe('a ***')
  })

  it.each([
    ['percent-encoded in lower case', 'ab%2fcd%2bef'],
    ['encoded twice', 'ab%252Fcd%252Bef'],
    ['escaped in JSON', String.raw`ab\/cd\u002bef`],
    ['escaped twice in JSON', String.raw`{\"a\":\"ab\\/cd\\u002bef\"}`],
    ['in HTML', 'ab&#x2F;cd&#43;ef'],
  ])('redacts the whole text if a secret is %s', (_how, text) => {
    expect(redact({ text: `it is ${text}` }, ['ab/cd+ef'])).toEqual({ text: '***' })
  })

  it('redacts a secret whose white space was changed', () => {
    expect(redact('it is pass word', ['pass \n word'])).toBe('***')
  })

  it.each([
    ['{"refresh_token":"r1","user":"u"}', '{"refresh_token":"***","user":"u"}'],
    [`got { 'access_token': 'a b', "id": 7 }`, `got { 'access_token': '***', "id": 7 }`],
    ['{"client_secret":"cut off', '{"client_secret":"***'],
    ['a form: code_verifier=v%20&x=y', 'a form: code_verifier=***&x=y'],
    [
      'The input parameter refresh_token: it is not valid',
      'The input parameter refresh_token: it is not valid',
    ],
    ['{"token_type":"Bearer","token":""}', '{"token_type":"Bearer","token":""}'],
  ])('redacts values after a secret name in a text: %s', (text, redacted) => {
    expect(redact(text, [])).toBe(redacted)
  })

  it('redacts all values below a secret name', () => {
    const data = { password: 7, share_pwd: 'x', tokens: ['a', { b: 'c' }], none_secret: null, plain: 'p' }
    expect(redact(data, [])).toEqual({
      password: '***',
      share_pwd: '***',
      tokens: ['***', { b: '***' }],
      none_secret: null,
      plain: 'p',
    })
  })

  it('ignores empty and short secrets', () => {
    expect(redact({ message: 'as it is' }, ['', 'ab'])).toEqual({ message: 'as it is' })
  })

  it('reads token-like texts in linear time and redacts JWTs', () => {
    const many = 'eyJ'.repeat(350_000)
    expect(redact(many, [])).toBe(many)
    expect(redact(`${many}.x`, [])).toBe('***')
    expect(redact('a%20eyJhbGciOiJub25lIn0.e30.c, tokeneyJhbGciOiJub25lIn0.x', [])).toBe('a%20***, token***')
  })

  it('redacts values below a depth of 100', () => {
    const deep = JSON.parse(`${'['.repeat(5000)}"secret"${']'.repeat(5000)}`)
    expect(JSON.stringify(redact(deep, ['secret']))).toBe(`${'['.repeat(101)}"***"${']'.repeat(101)}`)
  })
})
