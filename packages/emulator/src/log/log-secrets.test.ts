import { describe, expect, it } from 'vitest'
import { TestBrowser } from '../pages/browser.test-helper.ts'
import {
  createEmulatorBeforeEach,
  emulator,
  grantByAssertion,
  redirect_uri,
  send,
  sign,
} from '../test/emulator-requests.test-helper.ts'
import { startTestDomain } from '../test/start-test-domain.test-helper.ts'

createEmulatorBeforeEach()

const secret = 'S3cret-of-30-characters.and/+='
/** A secret that looks like a parameter name. */
const word = 'f0e1d2c3b4a5968778695a4b3c2d1e0f'
const last = () => emulator.requests.at(-1)
const post = (path: string, type: string, body: string) =>
  send(path, { method: 'POST', body, headers: { 'content-type': type } })
const form = 'application/x-www-form-urlencoded'
const token = '/v2/oauth/token'
const multipart = `--b\r\ncontent-disposition: form-data; name="refresh_token"\r\n\r\n${secret}\r\n--b--\r\n`
const authorizeQuery = { client_id: 'webserver-app', response_type: 'code', login_type: 'default' }

/** Checks whether a log contains one of the secrets, unchanged or encoded as in a URL or in JSON. */
function shows(log: unknown): boolean {
  const text = JSON.stringify(log)
  return [secret, encodeURIComponent(secret), secret.slice(0, 20), word, 'secretword'].some((form) =>
    text.includes(form),
  )
}

const names = ['token', 'password', 'refreshToken', 'Refresh_Token', 'state', 'nonce', 'x', '__proto__']
const cases: [what: string, path: string, type: string, body: string][] = [
  ['a form that consists of a token', token, form, encodeURIComponent(secret)],
  ['a duplicated name', token, form, `${encodeURIComponent(secret)}=1&${encodeURIComponent(secret)}=2`],
  ['a form that consists of a word', token, form, word],
  ['a duplicated name that is a word', token, form, `${word}=1&${word}=2`],
  ['a JSON name that is a word', '/v2/account/token', 'application/json', JSON.stringify({ [word]: 1 })],
  ['a JSON array', '/v2/account/token', 'application/json', JSON.stringify([secret])],
  ['a JSON name', '/v2/account/token', 'application/json', JSON.stringify({ [secret]: 1 })],
  ['a JSON string', '/v2/account/token', 'application/json', JSON.stringify(secret)],
  [
    'an array with a public name',
    '/v2/account/token',
    'application/json',
    JSON.stringify({ app_id: [secret] }),
  ],
  ['a multipart body', token, 'multipart/form-data; boundary=b', multipart],
  ['a text body', token, 'text/plain', `a.b=${secret}`],
  ['a path', `/v2/user/get/${encodeURIComponent(secret)}`, form, ''],
  ['a word below the path of a call', '/v2/user/get/secretword', form, ''],
  ['an unknown path', `/v2/${encodeURIComponent(secret)}/get`, form, ''],
  [
    'the query of a redirect URI',
    token,
    form,
    String(new URLSearchParams({ redirect_uri: `http://u:${secret}@a/?t=${secret}#${secret}` })),
  ],
  [
    'a code challenge that is the verifier',
    token,
    form,
    String(new URLSearchParams({ code_challenge: secret, code_challenge_method: 'plain' })),
  ],
  ...names.map((name): [string, string, string, string] => [
    `the parameter ${name}`,
    token,
    form,
    String(new URLSearchParams([[name, secret]])),
  ]),
]

describe('the log does not show a secret', () => {
  it.each(cases)('in %s', async (_what, path, type, body) => {
    const response = await post(path, type, body)
    expect(shows([emulator.requests, response.body])).toBe(false)
    expect(emulator.requests).toHaveLength(1)
  })

  it('in a query or in the URL of a redirect', async () => {
    const query = new URLSearchParams({
      ...authorizeQuery,
      redirect_uri,
      user_id: 'user-1',
      state: secret,
      client_secret: secret,
      [secret]: secret,
    })
    expect((await send(`/v2/oauth/authorize?${query}`, {})).headers.get('location')).toContain('state=S3cret')
    expect(shows(emulator.requests)).toBe(false)
    const location = `https://u:${encodeURIComponent(secret)}@elsewhere.test/?access_token=${secret}&${encodeURIComponent(secret)}#${secret}`
    emulator.injectFault({ type: 'redirect', location })
    await send(token, {})
    expect(last()?.response).toMatch(/^https:\/\/\*{3}@elsewhere\.test\/\?access_token=\*{3}/)
    expect(shows(emulator.requests)).toBe(false)
  })

  it('in a message that repeats a secret of the request', async () => {
    emulator.injectFault({ type: 'status', status: 400, message: `The token ${secret} is wrong.` })
    await send(token, { method: 'POST', headers: { authorization: `Bearer ${secret}` } })
    expect(last()?.response).toMatchObject({
      code: 'InvalidParameter',
      message: expect.stringMatching(/^The token \*{3}[\w-]{8}\*{3} is wrong\.$/),
    })
  })

  it('in an unknown claim', async () => {
    await grantByAssertion(
      await sign({ iss: 'jwt-app', key: secret, aud: { secret } }, { header: { kid: 'k1' } }),
    )
    expect(last()?.assertion).toMatchObject({ header: { kid: 'k1' }, claims: { iss: 'jwt-app' } })
    expect(shows(last())).toBe(false)
  })

  it('in the redirect after a sign-in form', async () => {
    const running = await startTestDomain()
    const query = {
      ...authorizeQuery,
      redirect_uri,
      state: secret,
      client_secret: secret,
      code_verifier: secret,
    }
    const { status, location } = await new TestBrowser(running).submit({ user_id: 'ann' }, query)
    expect([status, location?.searchParams.get('client_secret')]).toEqual([303, secret])
    expect(running.requests.at(-1)?.response).toContain('client_id=webserver-app')
    const streamed = await fetch(`${running.api_endpoint}/_emulator/requests`)
    expect(shows([running.requests, await streamed.text()])).toBe(false)
    await running.close()
  })
})

describe('the log shows', () => {
  it('public values, and the names of secrets', async () => {
    const shown = { client_id: 'webserver-app', redirect_uri, scope: 'a,b', grant_type: 'magic' }
    await post(token, form, String(new URLSearchParams({ ...shown, refresh_token: 'r', x: 'y' })))
    const { refresh_token, ...others } = last()?.params ?? {}
    expect(others).toMatchObject(shown)
    expect(refresh_token).toMatch(/^\*{3}[\w-]{8}\*{3} \(1 characters\)$/)
    expect(Object.keys(others).filter((name) => name.startsWith('***'))).toHaveLength(1)
    await send('/v2/file/list_uploaded_parts', {})
    expect(last()?.path).toBe('/v2/file/list_uploaded_parts')
  })

  it('a request with deeply nested JSON', async () => {
    const depth = 400_000
    await post('/v2/account/token', 'application/json', `{"app_id":${'['.repeat(depth)}${']'.repeat(depth)}}`)
    expect(last()).toMatchObject({ status: 400, params: { app_id: expect.stringMatching(/^\*{3}/) } })
  })

  it('the beginning of long values, and the first of many fields', async () => {
    const many = Array.from({ length: 1000 }, (_, n) => [`n${n}`, ''] as [string, string])
    const long = 'l'.repeat(100_000)
    await post(token, form, String(new URLSearchParams([['client_id', long], ['scope', long], ...many])))
    expect(last()?.params.scope).toBe(`${long.slice(0, 2000)}… (100000 characters)`)
    expect(Object.keys(last()?.params ?? {})).toHaveLength(50)
    await send(`/${'word/'.repeat(1000)}?redirect_uri=http://a/${long}`, {})
    emulator.injectFault({ type: 'status', status: 400, code: long, message: long })
    await send('/', { method: 'POST' })
    emulator.injectFault({ type: 'redirect', location: `https://a/${long}` })
    await send('/', { method: 'POST' })
    for (const entry of emulator.requests) expect(JSON.stringify(entry).length).toBeLessThan(10_000)
  })
})
