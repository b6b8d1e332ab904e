import { describe, expect, it } from 'vitest'
import { redactPatterns } from './platform.browser.ts'

describe('redactPatterns of pages hides the rest of a text after', () => {
  it.each([
    ['{"refresh_token":"r1","user":"u"}', '{"***'],
    [`got { 'access_token': 'a b', "id": 7 }`, `got { '***`],
    [String.raw`{"body":"{\"refresh_token\":\"r1\",\"id\":\"7\"}"}`, String.raw`{"body":"{\"***`],
    ['a form: code_verifier=v%20&x=y', 'a form: ***'],
    ['POST /cb?a=1&code=c1&state=s', 'POST /cb?a=1***'],
    ['clientSecret = abc, id = 7', '***'],
    ["{ :token => 'abc', id => 7 }", '{ :***'],
    ['the API key: abc is wrong', 'the ***'],
    ['authorization: Bearer abc def\nhost: x', '***'],
    ['cookie: a=b; c=d\r\nhost: x', '***'],
    ['sent Bearer abc.def, failed', 'sent ***'],
    ["bearer 'abc'", '***'],
    ['sent "Basic dTpw"', 'sent "***'],
    ['connect to redis://user:p@ss@host:6379/0', 'connect to redis***'],
    ['a%20eyJhbGciOiJub25lIn0.e30.c', 'a%20***'],
    ['two\n-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----.', 'two\n***'],
  ])('the start of a secret: %s', (text, shown) => {
    expect(redactPatterns(text)).toBe(shown)
  })

  it.each([
    'exit code=1',
    'the code: Forbidden',
    'Failed to fetch: the input parameter refresh_token is not valid',
    'at getToken (http://localhost:5173/src/token.ts:12:5)',
    'refreshToken@http://localhost:3000/pkg@1.0/index.js:1:2',
  ])('nothing else: %s', (text) => {
    expect(redactPatterns(text)).toBe(text)
  })

  it.each(['eyJ', 'token:', 'a', 'a:', ' ', '"', '\\', '://', '://a', ' key', 'Bearer'])(
    'in linear time: %j',
    (part) => {
      const text = part.repeat(2 ** 18 / part.length)
      expect(redactPatterns(text).length).toBeLessThanOrEqual(text.length + 3)
    },
  )
})
