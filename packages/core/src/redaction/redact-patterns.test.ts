import { describe, expect, it } from 'vitest'
import { redactPatterns as redact } from './redact-patterns.ts'

describe('redactPatterns hides values after the name of a secret', () => {
  it.each([
    ['{"refresh_token":"r1","user":"u"}', '{"refresh_token":"***","user":"u"}'],
    [`got { 'access_token': 'a b', "id": 7 }`, `got { 'access_token': '***', "id": 7 }`],
    ['{"client_secret":"cut off', '{"client_secret":"***'],
    [String.raw`{"password":"a\"b","id":7}`, '{"password":"***","id":7}'],
    [
      String.raw`{"body":"{\"refresh_token\":\"r1\",\"id\":\"7\"}"}`,
      String.raw`{"body":"{\"refresh_token\":\"***\",\"id\":\"7\"}"}`,
    ],
    [
      String.raw`{\"a\":\"{\\\"token\\\":\\\"r\\\\\\\"1\\\",\\\"id\\\":7}\"}`,
      String.raw`{\"a\":\"{\\\"token\\\":\\\"***\\\",\\\"id\\\":7}\"}`,
    ],
    ['{"tokens":["a1","b2"],"id":7}', '{"tokens":***'],
    ['a form: code_verifier=v%20&x=y', 'a form: code_verifier=***&x=y'],
    ['POST /cb?a=1&code=c1&state=s', 'POST /cb?a=1&code=***&state=s'],
    ['exit code=1', 'exit code=1'],
    ['refresh_token: abc; retry', 'refresh_token: ***; retry'],
    ['clientSecret = abc, id = 7', 'clientSecret = ***, id = 7'],
    ["{ :token => 'abc', id => 7 }", "{ :token => '***', id => 7 }"],
    ['the API key: abc is wrong', 'the API key: *** is wrong'],
    ['token: 12345', 'token: ***'],
    ['authorization: Bearer abc def\nhost: x', 'authorization: ***\nhost: x'],
    ['cookie: a=b; c=d\r\nhost: x', 'cookie: ***\r\nhost: x'],
    ["headers: { Authorization: 'Basic abc', host: 'x' }", "headers: { Authorization: '***', host: 'x' }"],
    ['{"token_type":"Bearer","token":""}', '{"token_type":"Bearer","token":""}'],
    ['The input parameter refresh_token is not valid. ', 'The input parameter refresh_token is not valid. '],
  ])('%s', (text, shown) => {
    expect(redact(text)).toBe(shown)
  })
})

describe('redactPatterns hides credentials', () => {
  it.each([
    ['sent Bearer abc.def, failed', 'sent Bearer ***, failed'],
    ['sent "Basic dTpw"', 'sent "Basic ***"'],
    ["bearer 'abc'", "bearer '***'"],
    ['the Bearer token is missing', 'the Bearer token is missing'],
    ['Basic authentication failed', 'Basic authentication failed'],
    ['Bearer realm="pds"', 'Bearer realm="pds"'],
    ['connect to redis://user:p@ss@host:6379/0', 'connect to redis://***@host:6379/0'],
    ['connect to redis://:a/b@host', 'connect to redis://***@host'],
    ['at http://localhost:3000/pkg@1.0/index.js', 'at http://localhost:3000/pkg@1.0/index.js'],
    ['at https://host/@scope/pkg', 'at https://host/@scope/pkg'],
    ['a%20eyJhbGciOiJub25lIn0.e30.c, tokeneyJhbGciOiJub25lIn0.x', 'a%20***, token***'],
    ['-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----.', '***.'],
    ['-----BEGIN PRIVATE KEY-----\nabc', '***'],
  ])('%s', (text, shown) => {
    expect(redact(text)).toBe(shown)
  })
})

describe('the time is linear in the length of a text', () => {
  // Four times the length of the longest body. Quadratic time would take minutes.
  it.each([
    'eyJ',
    'token:',
    'token="',
    `token:"token:'`,
    'a:',
    ' ',
    ' =',
    '\\',
    '://',
    '://a:b',
    'Bearer ',
    '-----BEGIN ',
    '-----BEGIN PRIVATE KEY-----',
  ])('that repeats %j', (part) => {
    const text = part.repeat(2 ** 18 / part.length)
    expect(redact(text).length).toBeLessThanOrEqual(text.length + text.length / part.length)
  })
})
