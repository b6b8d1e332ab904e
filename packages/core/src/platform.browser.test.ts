import { describe, expect, it } from 'vitest'
import { createSecretFinder, readBody, redactOpaqueRuns, redactPatterns } from './platform.browser.ts'

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

describe('createSecretFinder of pages', () => {
  const secret = 'q7Xf2LmZ9Kd4RwT1'
  const find = (text: string, ...secrets: string[]) => createSecretFinder(secrets)(text)

  it.each([
    secret,
    `it is ${secret}, not valid`,
    secret.toUpperCase(),
    `${secret.slice(0, 8)}…`,
    secret.slice(-8),
    [...secret].join('\u200b'),
    // The text has escapes, which are not decoded.
    'ab%2fcd',
    String.raw`a\u0065b`,
    'a&#97;b',
  ])('finds a secret in %j', (text) => {
    expect(find(text, 'another-secret-3917', secret)).toBe(true)
  })

  it.each(['', 'it is not valid', secret.slice(0, 7), '100%'])('finds no secret in %j', (text) => {
    expect(find(text, secret, '')).toBe(false)
  })

  it('finds a secret with fewer than 8 letters and digits only as the whole text', () => {
    expect(['4711', '47-11', '-'].map((text) => find(text, '4711', '-'))).toEqual([true, true, true])
    expect(find('error 4711', '4711')).toBe(false)
  })
})

describe('redactOpaqueRuns of pages', () => {
  const opaque = 'q7Xf2LmZ9Kd4RwT1q7Xf'

  it.each([
    [`for ${opaque}.`, '', 'for ***.'],
    [`at https://host.test/a/${opaque}`, '', 'at https://host.***'],
    ['InvalidParameterNotSupported', 'code', 'InvalidParameterNotSupported'],
    ['123e4567-e89b-12d3-a456-426614174000', 'requestId', '123e4567-e89b-12d3-a456-426614174000'],
    [opaque, 'requestId', '***'],
  ])('turns %j in the field %j into %j', (text, name, shown) => {
    expect(redactOpaqueRuns(text, name)).toBe(shown)
  })
})

describe('readBody of pages', () => {
  const read = (response: Response, truncate?: boolean, signal = new AbortController().signal) =>
    readBody(response, 4, signal, truncate)

  it('returns a body of at most the limit, without its byte order mark', async () => {
    expect(await read(new Response('four'))).toBe('four')
    expect(await read(new Response('\ufefffour'))).toBe('four')
    expect(await read(new Response('longer'), true)).toBe('long')
    await expect(read(new Response('longer'))).rejects.toThrow('the response is longer than 4 bytes')
  })

  it('ends when the signal is aborted', async () => {
    const controller = new AbortController()
    const reading = read(new Response(new ReadableStream()), false, controller.signal)
    controller.abort(new Error('enough'))
    await expect(reading).rejects.toThrow('enough')
  })
})
