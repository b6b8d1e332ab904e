import { oauthGrant } from '@pds/auth-oauth'
import { createTransport } from '@pds/core'
import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let emulator: RunningEmulator
let app: Parameters<typeof oauthGrant>[0] & { redirect_uri: string }
const redirect_uri = 'http://127.0.0.1:3000/callback'
const context = { signal: new AbortController().signal, timeout: 5000 }

beforeAll(async () => {
  emulator = await startEmulator()
  const { client_id, client_secret } = emulator.app('webserver')
  const transport = createTransport({ api_endpoint: emulator.api_endpoint })
  app = { transport, client_id, client_secret, redirect_uri }
})

afterAll(() => emulator.close())

async function signIn(): Promise<{ access_token: string; refresh_token: string }> {
  const { client_id, client_secret = '' } = app
  const code = emulator.createCode({ client_id })
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    client_id,
    client_secret,
    redirect_uri,
    code,
  })
  return (await fetch(`${emulator.api_endpoint}/v2/oauth/token`, { method: 'POST', body })).json()
}

describe('oauthGrant', () => {
  it('has no obtain, because it needs a sign-in', () => {
    expect(oauthGrant(app).obtain).toBeUndefined()
  })

  it('refreshes once with each refresh token', async () => {
    const { refresh } = oauthGrant(app)
    const token = await signIn()
    const next = await refresh?.(token.refresh_token, context)
    expect(next?.refresh_token).not.toBe(token.refresh_token)
    await expect(refresh?.(token.refresh_token, context)).rejects.toMatchObject({
      code: 'InvalidParameter.RefreshToken',
      outcome: 'responded',
    })
  })

  it('revokes a refresh token and retries after a lost response', async () => {
    const { refresh, revoke } = oauthGrant(app)
    const { refresh_token } = await signIn()
    emulator.injectFault({ type: 'drop', when: 'after', path: '/v2/account/revoke' })
    await revoke?.(refresh_token, context)
    expect(emulator.requests.at(-1)).toMatchObject({ path: '/v2/account/revoke', status: 204 })
    await expect(refresh?.(refresh_token, context)).rejects.toMatchObject({
      code: 'InvalidParameter.RefreshToken',
    })
  })

  it('derives its id from the issuer and the application', () => {
    const transport = createTransport({ api_endpoint: 'https://bj1.test' })
    const ids = [oauthGrant(app), oauthGrant({ ...app, client_id: 'x' }), oauthGrant({ ...app, transport })]
    expect(new Set(ids.map(({ id }) => id)).size).toBe(3)
    expect(oauthGrant({ ...app, redirect_uri: 'com.example.app:/callback' }).id).toBe(ids[0]?.id)
    for (const { id } of ids) expect(id).not.toContain(app.client_secret)
  })

  it('sends the redirect URI only if it is given, and the secret as client_auth says', async () => {
    const { redirect_uri: _omitted, ...rest } = app
    const { refresh_token } = await signIn()
    const next = await oauthGrant({ ...rest, client_auth: 'basic' }).refresh?.(refresh_token, context)
    const { params, deviations } = emulator.requests.at(-1) ?? {}
    expect(Object.keys(params ?? {})).toEqual(['grant_type', 'refresh_token'])
    expect(deviations).toEqual(expect.arrayContaining([expect.stringContaining('redirect_uri')]))
    await oauthGrant(app).refresh?.(next?.refresh_token ?? '', context)
    expect(emulator.requests.at(-1)?.params).toMatchObject({ redirect_uri })
  })

  it('has no revoke if the metadata of the server has no revocation endpoint', () => {
    const origin = 'https://login.test'
    const metadata = { issuer: origin, authorization_endpoint: `${origin}/a`, token_endpoint: `${origin}/t` }
    const grantOf = (more: object) =>
      oauthGrant({ ...app, transport: createTransport({ metadata: { ...metadata, ...more } }) })
    expect(grantOf({}).revoke).toBeUndefined()
    expect(grantOf({ revocation_endpoint: `${origin}/r` }).revoke).toBeTypeOf('function')
  })

  it('accepts redirect_url', async () => {
    const { redirect_uri: redirect_url, ...rest } = app
    const { refresh_token } = await signIn()
    expect(await oauthGrant({ ...rest, redirect_url }).refresh?.(refresh_token, context)).toHaveProperty(
      'access_token',
    )
  })

  it.each([
    [{ transport: undefined }, 'oauthGrant: transport is required: the result of createTransport'],
    [{ transport: {} }, 'oauthGrant: transport must be the result of createTransport (received an object)'],
    [{ transport: { transport: {} } }, '(received a PDSClient: pass its property transport)'],
    [{ clientSecret: 'canary' }, 'oauthGrant: clientSecret is not supported: did you mean client_secret?'],
    [{ client_secret: 'canary\n' }, '(received a string that ends with a line break)'],
    [{ client_id: undefined }, 'oauthGrant: client_id is required'],
    [{ client_secret: 7 }, 'oauthGrant: client_secret must be a non-empty string (received a number)'],
    [{ redirect_uri: '/callback' }, 'oauthGrant: redirect_uri must be an absolute URL'],
    [
      { client_auth: 'basic', client_secret: undefined },
      "oauthGrant: client_auth 'basic' needs a client_secret",
    ],
    [
      { redirect_url: 'https://elsewhere.test' },
      'oauthGrant: redirect_uri and redirect_url have different values',
    ],
  ])('rejects %j', (changes, message) => {
    expect(() => oauthGrant({ ...app, ...changes } as never)).toThrow(message)
  })
})
