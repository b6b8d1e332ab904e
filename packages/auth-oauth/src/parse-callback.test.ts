import { inspect } from 'node:util'
import { type AuthorizationRequest, createAuthorizationUrl, parseCallback } from '@pds/auth-oauth'
import { createTransport, type PDSError } from '@pds/core'
import { describe, expect, it } from 'vitest'
import { timingSafeEqual } from './check-callback.ts'

const redirect_uri = 'https://app.example.com/callback?from=a%20b'
const request: AuthorizationRequest = {
  url: 'https://bj1.api.aliyunpds.com/v2/oauth/authorize',
  client_id: 'webserver-app',
  redirect_uri,
  state: 'canary-state-1',
  code_verifier: 'canary-verifier',
}
const good = '?from=a+b&code=canary-code&state=canary-state-1'
const callback = `https://app.example.com/callback${good}`
const response = {
  client_id: 'webserver-app',
  redirect_uri,
  code: 'canary-code',
  code_verifier: 'canary-verifier',
}

/** Returns the error for a callback, and checks that it contains no secret. */
function failure(callback: unknown, pending: unknown = request): PDSError {
  try {
    parseCallback(callback as string, pending as AuthorizationRequest)
  } catch (error) {
    expect(inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error)).not.toMatch(/canary/)
    return error as PDSError
  }
  return expect.fail('parseCallback accepted the callback')
}

describe('parseCallback accepts', () => {
  it.each<[string, string | URL | URLSearchParams | Request]>([
    ['an absolute URL', callback],
    ['a URL with a fragment', `${callback}#_=_`],
    ['a pasted URL', ` ${callback}\r\n`],
    ['a pasted query', `${good}\n`],
    ['a URL with more parameters', `${callback}&iss=x&new=y`],
    ['a URL in capitals', callback.replace('https://app.example.com', 'HTTPS://APP.EXAMPLE.COM:443')],
    ['a query', good],
    ['a query without ?', good.slice(1)],
    ['a query with a fragment', `${good}#state=x`],
    ['the path and query of Node.js', '/somewhere/else?code=canary-code&state=canary-state-1'],
    ['a URL', new URL(callback)],
    ['URLSearchParams', new URLSearchParams(good)],
    ['a Request', new Request(callback)],
  ])('%s', (_what, given) => {
    expect(parseCallback(given, request)).toEqual(response)
  })

  it('a stored request to which the application added fields, also as an instance of a class', () => {
    class SignIn {}
    const stored = Object.assign(new SignIn(), request, { returnTo: '/photos' })
    expect(parseCallback(callback, stored)).toEqual(response)
  })

  it('an object of another realm', () => {
    const foreign = { href: callback, searchParams: undefined } as unknown as URL
    expect(parseCallback(foreign, request)).toEqual(response)
  })

  it.each([
    ['com.example.app:/callback', 'com.example.app:/callback?'],
    ['com.example.app://callback', 'com.example.app://callback?'],
    ['http://127.0.0.1:51004/', 'http://127.0.0.1:51004?'],
    ['https://app.test/?code=x', 'https://app.test/?code=x&', 'CodeRepeated'],
    // A system may add or remove the root slash.
    ['com.example.app:/', 'com.example.app:?'],
    ['com.example.app:', 'com.example.app:/?'],
    ['myapp://callback', 'myapp://callback/?'],
    ['myapp://callback/', 'myapp://callback?'],
    ['myapp://callback?from=a', 'myapp://callback/?from=a&'],
    ['myapp:///callback', 'myapp:/callback?'],
    ['https://app.test', 'https://app.test/?'],
    // Only createAuthorizationUrl requires this machine for http:.
    ['http://app.test/callback', 'http://app.test/callback?'],
  ])('the redirect URI %s', (redirect_uri, prefix, code?: string) => {
    const callback = `${prefix}code=canary-code&state=canary-state-1`
    const pending = { ...request, redirect_uri }
    if (code) expect(failure(callback, pending)).toMatchObject({ code })
    else expect(parseCallback(callback, pending)).toMatchObject({ redirect_uri, code: 'canary-code' })
  })

  it('a request without PKCE, read from JSON', async () => {
    const transport = createTransport({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
    const params = { client_id: 'webserver-app', redirect_uri, pkce: false }
    const pending = JSON.parse(JSON.stringify(await createAuthorizationUrl(transport, params)))
    const { code_verifier, ...rest } = response
    expect(parseCallback(`?code=canary-code&state=${pending.state}`, pending)).toEqual(rest)
  })
})

describe('parseCallback rejects', () => {
  const callbackWith = (changes: Record<string, string | string[] | undefined>) => {
    const params = new URLSearchParams(good)
    for (const [name, value] of Object.entries(changes)) {
      params.delete(name)
      for (const item of [value ?? []].flat()) params.append(name, item)
    }
    return `https://app.example.com/callback?${params}`
  }
  const errorResponse = (error: string, error_description?: string) =>
    callbackWith({ code: undefined, error, ...(error_description && { error_description }) })

  it.each([
    ['http://app.example.com/callback', 'protocol'],
    ['https://app.example.com.evil.test/callback', 'hostname'],
    ['https://app.example.com:8443/callback', 'port'],
    ['https://app.example.com/callback/', 'pathname'],
    ['com.example.app:/callback', 'protocol'],
  ])('the URL %s', (url, part) => {
    expect(failure(url + good)).toMatchObject({
      code: 'RedirectUriMismatch',
      outcome: 'not-sent',
      message: `the callback and the redirect URI differ in the ${part}`,
    })
  })

  it.each([
    ['myapp://callback', 'myapp://callback/other', 'pathname'],
    ['myapp://callback/path', 'myapp://callback/path/', 'pathname'],
    ['myapp:callback', 'myapp:/callback', 'pathname'],
    ['myapp://callback', 'myapp://callbacks/', 'hostname'],
    ['myapp://callback', 'myapp:/callback', 'hostname'],
    ['https://app.test/callback/', 'https://app.test/callback', 'pathname'],
  ])('for the redirect URI %s the URL %s', (redirect_uri, url, part) => {
    expect(
      failure(`${url}?code=canary-code&state=canary-state-1`, { ...request, redirect_uri }),
    ).toMatchObject({
      code: 'RedirectUriMismatch',
      message: `the callback and the redirect URI differ in the ${part}`,
    })
  })

  it('a URL without a parameter of the redirect URI', () => {
    for (const from of [undefined, 'b']) {
      expect(failure(callbackWith({ from }))).toMatchObject({
        code: 'RedirectUriMismatch',
        message: 'the callback and the redirect URI differ in the query',
      })
    }
  })

  it('another URL of a Request, with a hint about proxies', () => {
    const behindProxy = new Request(callback.replace('https:', 'http:'))
    expect(failure(behindProxy).message).toContain('differ in the protocol')
    expect(failure(behindProxy).message).toContain('pass new URL(request.url).search')
    expect(parseCallback(new URL(behindProxy.url).search, request)).toEqual(response)
  })

  it.each([
    ['StateMissing', { state: undefined }],
    ['StateMissing', { state: '' }],
    ['StateRepeated', { state: ['canary-state-1', 'canary-state-1'] }],
    ['StateRepeated', { state: ['', 'canary-state-1'] }],
    ['StateMismatch', { state: 'canary-state-2' }],
    ['StateMismatch', { state: 'canary-state-1x' }],
    ['StateMismatch', { state: 'canary-state-' }],
    ['ErrorRepeated', { error: ['access_denied', 'canary'] }],
    ['ErrorRepeated', { error: 'access_denied', error_description: ['canary', 'canary'] }],
    ['CodeMissing', { code: undefined }],
    ['CodeMissing', { code: '' }],
    ['CodeMissing', { code: undefined, error: '' }],
    ['CodeRepeated', { code: ['canary-code', 'canary-code'] }],
    ['CodeRepeated', { code: ['', 'canary-code'] }],
  ])('with %s: %j', (code, changes) => {
    expect(failure(callbackWith(changes))).toMatchObject({ name: 'PDSError', code, outcome: 'not-sent' })
  })

  const issuer = 'https://login.test'
  it.each([
    ['IssuerMismatch', { iss: 'https://elsewhere.test' }, {}],
    ['IssuerMismatch', { iss: `${issuer}/` }, {}],
    ['IssuerMismatch', { iss: 'https://elsewhere.test', code: undefined, error: 'access_denied' }, {}],
    ['IssuerRepeated', { iss: [issuer, issuer] }, {}],
    ['IssuerMissing', {}, { iss_required: true }],
    ['IssuerMissing', { iss: '' }, { iss_required: true }],
  ])('with %s: %j', (code, changes, more) => {
    expect(failure(callbackWith(changes), { ...request, issuer, ...more })).toMatchObject({
      name: 'PDSError',
      code,
      outcome: 'not-sent',
    })
  })

  it('only an iss that differs from a known issuer (RFC 9207)', () => {
    const pending = { ...request, issuer }
    expect(parseCallback(callbackWith({ iss: issuer }), { ...pending, iss_required: true })).toEqual(response)
    expect(parseCallback(callback, pending)).toEqual(response)
    expect(parseCallback(callbackWith({ iss: ['x', 'y'] }), request)).toEqual(response)
  })

  it('the first of several faults, in the documented order', () => {
    const wrong: Record<string, string | string[] | undefined> = {
      from: 'b',
      state: 'canary-state-2',
      error: 'access_denied',
      code: ['a', 'b'],
    }
    const right = { from: 'a b', state: 'canary-state-1', error: undefined, code: 'canary-code' }
    const codes = Object.keys(wrong).map((_name, index) => {
      const fixed = Object.fromEntries(Object.entries(right).slice(0, index))
      return failure(callbackWith({ ...wrong, ...fixed })).code
    })
    expect(codes).toEqual(['RedirectUriMismatch', 'StateMismatch', 'access_denied', 'CodeRepeated'])
  })

  it('an error response, with the code and description of the server', () => {
    expect(failure(errorResponse('access_denied', 'The user\nsaid no.'))).toMatchObject({
      code: 'access_denied',
      type: 'ClientError',
      outcome: 'responded',
      message: 'The user said no.',
    })
    expect(failure(errorResponse('X_New.Denied-7')).code).toBe('X_New.Denied-7')
    expect(failure(errorResponse('login_required')).message).toBe(
      'the authorization response has the error login_required',
    )
  })

  it('an error response, with secrets redacted and a bounded one-line message', () => {
    const description = `of \u001b[31m ${'x '.repeat(5000)}`
    const error = failure(callbackWith({ error: 'e canary-state-1', error_description: description }))
    expect(error.code).toBe('***')
    expect(error.message).toMatch(/^of \[31m (x )+x?$/)
    expect(error.message).toHaveLength(1000)
    for (const text of ['state canary-state-1', 'Canary_Verifier', 'canary-\u001bcode', 'of canary-other']) {
      const codes = { code: ['canary-code', 'canary-other'], error: 'e', error_description: text }
      expect(failure(callbackWith(codes)).message).toBe('***')
    }
  })

  it.each([
    [null, 'client_id is required: a non-empty string'],
    ['canary', 'client_id is required'],
    [{ ...request, client_id: undefined }, 'client_id is required'],
    [
      { ...request, client_id: 'a\n' },
      'client_id must be a non-empty string (received a string that ends with a',
    ],
    [
      { ...request, redirect_uri: 7 },
      'redirect_uri must be an absolute URL without a fragment, with http: only on localhost (received a number)',
    ],
    [{ ...request, redirect_uri: 'canary' }, 'redirect_uri must be an absolute URL'],
    [{ ...request, state: '' }, 'state must be a non-empty string (received an empty string)'],
    [{ ...request, issuer: '' }, 'issuer must be a non-empty string'],
    [{ ...request, iss_required: 'yes' }, 'iss_required must be true or false'],
    [{ ...request, code_verifier: null }, 'code_verifier must be a non-empty string (received null)'],
  ])('the damaged request %j', (pending, message) => {
    expect(failure(callback, pending)).toMatchObject({
      code: 'InvalidParameter',
      message: expect.stringContaining(`parseCallback: request: ${message}`),
    })
  })

  it.each([
    ['canary-code\n', 'ends with a line break'],
    [' canary-code', 'starts with whitespace'],
    ['canary\u007fcode', 'contains a control character'],
  ])('the code %j', (code, flaw) => {
    expect(failure(callbackWith({ code }))).toMatchObject({
      code: 'InvalidParameter',
      outcome: 'not-sent',
      message: `parseCallback: code must be a non-empty string (received a string that ${flaw})`,
    })
  })

  it.each([undefined, null, 7, {}, { url: 7 }, { href: {} }])('the invalid callback %j', (given) => {
    expect(failure(given)).toMatchObject({
      code: 'InvalidParameter',
      message: 'parseCallback: callback must be a URL, a query string, URLSearchParams or a Request',
    })
  })
})

describe('timingSafeEqual', () => {
  it.each([
    ['', '', true],
    ['state', 'state', true],
    ['é\u0000', 'é\u0000', true],
    ['state', 'statE', false],
    ['State', 'state', false],
    ['stat', 'state', false],
    ['state', 'stat', false],
    ['', 'state', false],
    // NUL equals a missing character in the comparison, so the length must count.
    ['state\u0000', 'state', false],
    ['state', 'state\u0000', false],
  ])('of %j and %j is %j', (given, secret, expected) => {
    expect(timingSafeEqual(given, secret)).toBe(expected)
  })
})
