import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  authorize,
  createEmulatorBeforeEach,
  emulator,
  exchange,
  getCode,
  getUser,
  refreshOAuth,
} from '../test/emulator-requests.test-helper.ts'

createEmulatorBeforeEach()

describe('a code', () => {
  it('is exchanged for a token with either grant type', async () => {
    const { status, body } = await exchange(await getCode())
    expect({ status, user: body.user_id }).toEqual({ status: 200, user: 'user-1' })
    expect((await exchange(await getCode(), { grant_type: 'code' })).status).toBe(200)
  })

  it('is sent with the state', async () => {
    const { status, callback } = await authorize({ state: 'a state' })
    expect({ status, state: callback?.get('state') }).toEqual({ status: 302, state: 'a state' })
  })

  it('can be used once, and a second use revokes the tokens of the first', async () => {
    const code = await getCode()
    const first = await exchange(code)
    expect((await getUser(first.body.access_token)).status).toBe(200)
    expect((await exchange(code)).body.message).toContain('used before')
    expect((await getUser(first.body.access_token)).status).toBe(401)
    expect((await refreshOAuth(first.body.refresh_token)).status).toBe(400)
  })

  it('is exchanged by exactly one of many concurrent requests', async () => {
    const code = await getCode()
    const responses = await Promise.all(Array.from({ length: 8 }, () => exchange(code)))
    const successful = responses.filter(({ status }) => status === 200)
    expect(successful).toHaveLength(1)
    // The other requests used the code a second time.
    expect((await getUser(successful[0]?.body.access_token)).status).toBe(401)
    expect((await refreshOAuth(successful[0]?.body.refresh_token)).status).toBe(400)
  })

  it('is valid for 10 minutes', async () => {
    const [inTime, late] = [await getCode(), await getCode()]
    emulator.clock.advance(599_000)
    expect((await exchange(inTime)).status).toBe(200)
    emulator.clock.advance(1000)
    expect((await exchange(late)).body.code).toBe('InvalidParameterExpired')
  })

  const cases: [what: string, code: string, changes: Record<string, string>][] = [
    ['an unknown application', 'InvalidParameter.ClientId', { client_id: 'unknown' }],
    ['a JWT application', 'InvalidParameterNotMatch', { client_id: 'jwt-app' }],
    ['a wrong secret', 'InvalidParameterNotMatch', { client_secret: 'wrong' }],
    ['an empty secret', 'InvalidParameterEmpty', { client_secret: '' }],
    ['another redirect URI', 'InvalidParameterNotMatch', { redirect_uri: 'http://localhost:3000/callback' }],
    ['an unknown code', 'InvalidParameter', { code: 'unknown' }],
    ['a verifier without a challenge', 'InvalidParameterNotMatch', { code_verifier: 'v'.repeat(43) }],
    ['an unknown grant type', 'InvalidParameterNotSupported', { grant_type: 'password' }],
    [
      'a grant type that is a property of Object.prototype',
      'InvalidParameterNotSupported',
      { grant_type: 'toString' },
    ],
  ]
  it.each(cases)('is rejected for %s, and stays valid', async (_what, expected, changes) => {
    const code = await getCode()
    const { status, body } = await exchange(code, changes)
    expect({ status, code: body.code }).toEqual({ status: 400, code: expected })
    expect((await exchange(code)).status).toBe(200)
  })

  it('is bound to its application', async () => {
    const code = await getCode({ client_id: 'native-app' })
    expect((await exchange(code)).status).toBe(400)
  })

  it('is redirected to any loopback port of a native application, but not of others', async () => {
    const elsewhere = { redirect_uri: 'http://127.0.0.1:49152/callback' }
    expect((await authorize({ client_id: 'native-app', ...elsewhere })).status).toBe(302)
    expect((await authorize({ client_id: 'webserver-app', ...elsewhere })).status).toBe(400)
  })

  it('is bound to the code challenge', async () => {
    const verifier = 'v'.repeat(43)
    const challenge = {
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    }
    const code = await getCode(challenge)
    expect((await exchange(code)).body.code).toBe('InvalidParameterMissing')
    expect((await exchange(code, { code_verifier: 'w'.repeat(43) })).body.code).toBe(
      'InvalidParameterNotMatch',
    )
    expect((await exchange(code, { code_verifier: verifier })).status).toBe(200)
  })
})
