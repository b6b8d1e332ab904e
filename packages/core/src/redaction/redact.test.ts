import { describe, expect, it } from 'vitest'
import { redact } from './redact.ts'

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

  it.each([
    ['percent-encoded in lower case', 'ab%2fcd%2bef'],
    ['encoded twice', 'ab%252Fcd%252Bef'],
    ['escaped as in JSON', String.raw`ab\/cd\u002bef`],
    ['escaped in JSON that is escaped', String.raw`{\"a\":\"ab\\/cd\\u002bef\"}`],
    ['in HTML', 'ab&#x2F;cd&#43;ef'],
  ])('masks the whole text where a secret is %s', (_how, text) => {
    expect(redact({ text: `it is ${text}` }, ['ab/cd+ef'])).toEqual({ text: '***' })
  })

  it('masks a secret with white space that has lost it', () => {
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
  ])('masks what stands behind the name of a secret in a text: %s', (text, redacted) => {
    expect(redact(text, [])).toBe(redacted)
  })

  it('masks all that stands under a secret name', () => {
    const data = { password: 7, share_pwd: 'x', tokens: ['a', { b: 'c' }], none_secret: null, plain: 'p' }
    expect(redact(data, [])).toEqual({
      password: '***',
      share_pwd: '***',
      tokens: ['***', { b: '***' }],
      none_secret: null,
      plain: 'p',
    })
  })

  it('takes no empty text for a secret', () => {
    expect(redact({ message: 'as it is' }, ['', 'ab'])).toEqual({ message: 'as it is' })
  })

  it('reads what looks like many tokens once, and masks what begins like one', () => {
    const many = 'eyJ'.repeat(350_000)
    expect(redact(many, [])).toBe(many)
    expect(redact(`${many}.x`, [])).toBe('***')
    expect(redact('a%20eyJhbGciOiJub25lIn0.e30.c, tokeneyJhbGciOiJub25lIn0.x', [])).toBe('a%20***, token***')
  })

  it('masks what is deeper than any answer of the service', () => {
    const deep = JSON.parse(`${'['.repeat(5000)}"secret"${']'.repeat(5000)}`)
    expect(JSON.stringify(redact(deep, ['secret']))).toBe(`${'['.repeat(101)}"***"${']'.repeat(101)}`)
  })
})
