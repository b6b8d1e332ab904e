/* The tests that Vitest and Jest run. Their functions are globals in both. */
import { createPrivateKey, createPublicKey, createSign, createVerify, webcrypto } from 'node:crypto'
import { getServiceJwtToken, getUserJwtToken, jwtGrant, refreshJwtToken, signAssertion } from '@pds/auth-jwt'
import { createAuthorizationUrl, parseCallback } from '@pds/auth-oauth'
import { PDSClient } from '@pds/client'
import { createTransport, isPDSError } from '@pds/core'
import { startEmulator } from '@pds/emulator'
import { createSession } from '@pds/session'

const { afterAll, beforeAll, expect, test } = globalThis

let emulator
let transport
let app
let pem

beforeAll(async () => {
  emulator = await startEmulator()
  const { client_id, private_key_pem } = emulator.app('jwt')
  pem = private_key_pem
  app = { domain_id: emulator.domain_id, client_id }
  transport = createTransport({ api_endpoint: emulator.api_endpoint })
})
afterAll(() => emulator.close())

test('the environment is the expected one', () => {
  expect(typeof globalThis.window).toBe(process.env.EXPECTED_WINDOW)
})

const rs256 = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
const importKey = () => {
  const der = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' })
  return webcrypto.subtle.importKey('pkcs8', der, rs256, false, ['sign'])
}
const encrypt = (type, cipher) =>
  createPrivateKey(pem).export({ type, format: 'pem', cipher, passphrase: 'secret' })

const keys = {
  'PKCS#8': () => ({ private_key_pem: pem }),
  'PKCS#1': () => ({ private_key_pem: createPrivateKey(pem).export({ type: 'pkcs1', format: 'pem' }) }),
  'encrypted PKCS#8': () => ({ private_key_pem: encrypt('pkcs8', 'aes-256-cbc'), passphrase: 'secret' }),
  'encrypted PKCS#1': () => ({ private_key_pem: encrypt('pkcs1', 'aes-256-cbc'), passphrase: 'secret' }),
  'a KeyObject': () => ({ private_key: createPrivateKey(pem) }),
  'a CryptoKey': async () => ({ private_key: await importKey() }),
  'a signer': () => ({ signer: (data) => createSign('RSA-SHA256').update(data).sign(pem) }),
  'a signer of WebCrypto': async () => {
    const key = await importKey()
    return { signer: async (data) => new Uint8Array(await webcrypto.subtle.sign(rs256, key, data)) }
  },
}

for (const [kind, makeKey] of Object.entries(keys)) {
  test(`signs with ${kind} and obtains a token`, async () => {
    const key = await makeKey()
    const assertion = await signAssertion(transport, { sub_type: 'service', ...app, ...key })
    const [header, claims, signature] = assertion.split('.')
    const verify = createVerify('RSA-SHA256').update(`${header}.${claims}`)
    expect(verify.verify(createPublicKey(pem), signature, 'base64url')).toBe(true)
    expect((await getServiceJwtToken(transport, { ...app, ...key })).role).toBe('superadmin')
  })
}

test('obtains and refreshes the token of a user', async () => {
  const params = { ...app, private_key_pem: pem, user_id: 'user-1' }
  const options = { signal: new AbortController().signal, timeout: 60_000 }
  const { refresh_token } = await getUserJwtToken(transport, params, options)
  const { client_id } = app
  expect((await refreshJwtToken(transport, { client_id, refresh_token })).user_id).toBe('user-1')
})

test('reports an aborted call and an error of the service', async () => {
  const params = { ...app, private_key_pem: pem, user_id: 'nobody' }
  const rejection = (options) => getUserJwtToken(transport, params, options).catch((error) => error)
  const controller = new AbortController()
  controller.abort()
  expect((await rejection({ signal: controller.signal })).code).toBe('Aborted')
  const error = await rejection()
  expect([isPDSError(error), error.status]).toEqual([true, 404])
})

test('a session sends requests to the API', async () => {
  const grant = jwtGrant({ transport, ...app, private_key_pem: pem, user_id: 'user-1' })
  const session = createSession({ key: 'user-1', grant })
  const address = `${emulator.api_endpoint}/v2/user/get`
  const headers = new Headers({ 'content-type': 'application/json' })
  const init = { method: 'POST', headers, body: '{"user_id":"user-1"}' }
  for (const target of [address, new URL(address), new Request(address)]) {
    expect((await session.fetch(target, init)).status).toBe(200)
  }
  session.close()
})

test('a client sends requests to the API', async () => {
  const client = new PDSClient({ api_endpoint: emulator.api_endpoint })
  client.setToken(await client.getServiceJwtToken({ ...app, private_key_pem: pem }))
  expect((await client.postAPI('/user/get', { user_id: 'user-1' })).user_id).toBe('user-1')
})

test('a callback of a sign-in is parsed', async () => {
  const redirect_uri = 'http://127.0.0.1:8080/callback'
  const request = await createAuthorizationUrl(transport, { client_id: 'native-app', redirect_uri })
  const callback = new URL(redirect_uri)
  callback.searchParams.set('state', request.state)
  callback.searchParams.set('code', 'a-code')
  for (const url of [callback, callback.href]) expect(parseCallback(url, request).code).toBe('a-code')
})
