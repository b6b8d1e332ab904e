import { describe, expect, it } from 'vitest'
import {
  claims,
  createEmulatorBeforeEach,
  emulator,
  exchange,
  type Fields,
  getCode,
  getJwtToken,
  getUser,
  grantByAssertion,
  postForm,
  postJson,
  refreshOAuth,
  send,
  sign,
  startTime,
} from '../test/emulator-requests.test-helper.ts'

const hour = 3_600_000
createEmulatorBeforeEach()

describe('every request', () => {
  it('must have its parameters once and in the right format', async () => {
    expect((await postForm('grant_type=code&grant_type=code')).body.code).toBe('InvalidParameterWrongFormat')
    expect((await postForm({})).body.code).toBe('InvalidParameterMissing')
    expect((await postJson('/v2/oauth/token', {})).body.code).toBe('InvalidParameterWrongFormat')
    expect((await postJson('/v2/account/token', '{"app_id":')).body.code).toBe('InvalidRequestJSONFormat')
    expect((await postJson('/v2/account/token', '[]')).body.code).toBe('InvalidRequestJSONFormat')
    const asForm = await send('/v2/account/token', {
      method: 'POST',
      body: new URLSearchParams({ app_id: 'a' }),
    })
    expect(asForm.body.code).toBe('InvalidParameterWrongFormat')
  })

  it('gets a response with a request id and the time of the domain', async () => {
    emulator.clock.advance(3 * hour)
    const responses = [await getJwtToken(), await getUser('unknown'), await send('/elsewhere', {})]
    for (const { headers } of responses) {
      expect(headers.get('x-ca-request-id')).toMatch(/^[0-9A-F-]{36}$/)
      expect(headers.get('date')).toBe('Fri, 02 Jan 2026 06:04:05 GMT')
    }
    expect(new Set(responses.map(({ headers }) => headers.get('x-ca-request-id'))).size).toBe(3)
  })

  it('gets a response of the gateway if its path is unknown', async () => {
    const response = await emulator.fetch(new Request('http://domain.test/v2/oauth/token'))
    expect([response.status, await response.text(), response.headers.get('x-ca-error-code')]).toEqual([
      404,
      '',
      'I404NF',
    ])
  })

  it('is allowed from pages of other origins', async () => {
    const { status, headers } = await send('/v2/account/token', {
      method: 'OPTIONS',
      headers: { origin: 'http://page.test', 'access-control-request-headers': 'content-type' },
    })
    expect([status, headers.get('access-control-allow-origin')]).toEqual([204, '*'])
    expect(headers.get('access-control-allow-headers')).toBe('content-type')
  })

  it('is logged, and each secret has the same fingerprint everywhere', async () => {
    const code = await getCode({ state: 'the-state' })
    const { body } = await exchange(code)
    await refreshOAuth(body.refresh_token)
    await getUser(body.access_token)
    const [authorized, exchanged, refreshed, called] = emulator.requests
    expect(authorized).toMatchObject({ method: 'GET', path: '/v2/oauth/authorize', status: 302 })
    expect(authorized?.response).toMatch(
      /^http:\/\/127\.0\.0\.1:3000\/callback\?state=\*{3}[\w-]{8}\*{3}&code=\*{3}/,
    )
    expect(exchanged).toMatchObject({
      at: startTime,
      params: {
        grant_type: 'authorization_code',
        code: expect.stringMatching(/^\*{3}.{8}\*{3} \(32 characters\)$/),
      },
      response: { user_id: 'user-1' },
    })
    const response = exchanged?.response as Fields
    expect(refreshed?.params.refresh_token).toBe(response.refresh_token)
    expect(called?.authorization).toBe(`Bearer ${response.access_token}`)

    const assertion = await sign(claims())
    await grantByAssertion(assertion)
    expect(emulator.requests.at(-1)?.assertion).toMatchObject({
      header: { alg: 'RS256' },
      claims: { sub: 'user-1' },
    })
    const log = JSON.stringify(emulator.requests)
    const secrets = [code, body.access_token, body.refresh_token, assertion, 'webserver-app-secret']
    for (const secret of secrets) expect(log).not.toContain(secret)
  })

  it.each([
    ['JSON sent as a form', 'application/x-www-form-urlencoded', '{"refresh_token":"canary"}'],
    ['a body of an unknown type', 'text/plain', 'refresh_token=canary'],
    ['nested JSON', 'application/json', '{"app":{"refresh_token":"canary"}}'],
    ['an array', 'application/json', '{"refresh_token":["canary"]}'],
  ])('is logged without the secrets of %s', async (_what, type, body) => {
    await send('/v2/account/token', { method: 'POST', body, headers: { 'content-type': type } })
    expect(emulator.requests).toHaveLength(1)
    expect(JSON.stringify(emulator.requests)).not.toContain('canary')
  })
})
