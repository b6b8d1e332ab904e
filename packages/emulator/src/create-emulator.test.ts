import { createSign, createVerify, generateKeyPairSync } from 'node:crypto'
import { createEmulator } from '@pds/emulator'
import { describe, expect, it } from 'vitest'
import {
  claims,
  createEmulatorBeforeEach,
  emulator,
  exchange,
  grantByAssertion,
  redirect_uri,
  sign,
} from './test/emulator-requests.test-helper.ts'

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
const public_key_pem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString()

describe('a custom domain', () => {
  createEmulatorBeforeEach({
    domain_id: 'bj1',
    apps: [{ type: 'jwt', client_id: 'jwt-app', public_key_pem }],
    users: [{ user_id: 'admin-1', role: 'admin' }],
  })

  it('has the given applications and users', async () => {
    const key = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    const assertion = await sign(claims({ sub: 'admin-1', aud: 'bj1' }), { key })
    expect((await grantByAssertion(assertion)).body).toMatchObject({ role: 'admin', domain_id: 'bj1' })
    expect(emulator.apps).toEqual([{ type: 'jwt', client_id: 'jwt-app', name: 'jwt-app', public_key_pem }])
    expect(emulator.users).toEqual([{ user_id: 'admin-1', user_name: 'admin-1', role: 'admin' }])
    expect(() => emulator.app('native')).toThrow('no application of type native')
    expect(() => emulator.app('jwt')).toThrow('registered with public keys only: find them in apps')
  })
})

describe('the default domain', () => {
  createEmulatorBeforeEach()

  it('has an application of each type, with a matching key pair', () => {
    expect(emulator.apps.map(({ type }) => type)).toEqual(['jwt', 'webserver', 'native', 'browser'])
    const { public_key_pem, private_key_pem = '' } = emulator.app('jwt')
    const signature = createSign('RSA-SHA256').update('data').sign(private_key_pem)
    expect(createVerify('RSA-SHA256').update('data').verify(public_key_pem, signature)).toBe(true)
  })

  it('issues a code without a browser', async () => {
    const code = emulator.createCode({ client_id: 'webserver-app' })
    expect((await exchange(code)).body.user_id).toBe('user-1')
    expect(emulator.requests).toHaveLength(1)
  })

  it.each([
    [{ client_id: 'unknown' }, 'client_id is not valid'],
    [{ client_id: 'jwt-app' }, 'it belongs to a JWT application'],
    [{ client_id: 'webserver-app', user_id: 'unknown' }, 'The user does not exist'],
    [
      { client_id: 'webserver-app', redirect_uri: 'https://elsewhere.test' },
      'did not register this redirect_uri',
    ],
    [
      { client_id: 'webserver-app', code_challenge: 'c' },
      'createCode: code_challenge and code_challenge_method=S256 must be',
    ],
  ])('issues no code for %o', (request, message) => {
    expect(() => emulator.createCode(request)).toThrow(message)
  })
})

it('rejects a web server application without a client secret', async () => {
  const app = { type: 'webserver', client_id: 'app', redirect_uris: [redirect_uri] } as const
  await expect(createEmulator({ apps: [app] })).rejects.toThrow(
    'apps: client_secret is required for the webserver application app',
  )
})
