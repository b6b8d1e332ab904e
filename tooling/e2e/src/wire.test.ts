import { createVerify } from 'node:crypto'
import { PDSClient } from '@pds/client'
import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type RecordingProxy, startRecordingProxy } from './recording-proxy.ts'

/* The requests of the five token methods, byte for byte where the protocol fixes them. */

let emulator: RunningEmulator
let proxy: RecordingProxy
let client: PDSClient

const redirect_uri = 'http://127.0.0.1:3000/callback'
const web = { client_id: 'webserver-app', client_secret: 'webserver-app-secret', redirect_uri }

beforeAll(async () => {
  emulator = await startEmulator({ domain_id: 'bj1' })
  proxy = await startRecordingProxy(emulator.port)
  client = new PDSClient({ api_endpoint: proxy.api_endpoint })
})

afterAll(async () => {
  proxy.close()
  await emulator.close()
})

function key(): { domain_id: string; client_id: string; private_key_pem: string } {
  const { client_id, private_key_pem = '' } = emulator.app('jwt')
  return { domain_id: 'bj1', client_id, private_key_pem }
}

function lastRequest(): { line: string; headers: Map<string, string>; body: string } {
  const [head = '', body = ''] = proxy.requests.at(-1)?.split('\r\n\r\n') ?? []
  const [line = '', ...fields] = head.split('\r\n')
  const headers = new Map(
    fields.map((field) => [field.split(': ')[0]?.toLowerCase() ?? '', field.split(': ')[1] ?? '']),
  )
  return { line, headers, body }
}

function expectRequest(path: string, contentType: string, body: string): void {
  const request = lastRequest()
  expect(request.line).toBe(`POST ${path} HTTP/1.1`)
  expect(request.headers.get('content-type')).toBe(contentType)
  expect(request.headers.get('content-length')).toBe(String(body.length))
  // undici adds these for the cache mode no-store.
  expect(request.headers.get('cache-control')).toBe('no-cache')
  expect(request.headers.get('pragma')).toBe('no-cache')
  expect(request.headers.has('authorization')).toBe(false)
  expect(request.headers.has('cookie')).toBe(false)
  expect(request.body).toBe(body)
}

const form = 'application/x-www-form-urlencoded'
const jwtBearer =
  'grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&client_id=jwt-app&assertion='

function lastAssertion(): string {
  return new URLSearchParams(lastRequest().body).get('assertion') ?? ''
}

/** Verifies the signature with node:crypto and returns the decoded header and payload. */
function openAssertion(assertion: string): string[] {
  const [header = '', payload = '', signature = ''] = assertion.split('.')
  const verify = createVerify('RSA-SHA256').update(`${header}.${payload}`)
  expect(verify.verify(emulator.app('jwt').public_key_pem, signature, 'base64url')).toBe(true)
  return [header, payload].map((part) => Buffer.from(part, 'base64url').toString())
}

it('getUserJwtToken sends a signed assertion of the user', async () => {
  await client.getUserJwtToken({ ...key(), user_id: 'user-1' })
  const assertion = lastAssertion()
  expectRequest('/v2/oauth/token', form, jwtBearer + assertion)
  const [header, payload = ''] = openAssertion(assertion)
  expect(header).toBe('{"alg":"RS256","typ":"JWT"}')
  const { jti, exp, iat } = JSON.parse(payload)
  expect(payload).toBe(
    `{"iss":"jwt-app","sub":"user-1","sub_type":"user","aud":"bj1","jti":"${jti}","exp":${exp},"iat":${iat},"auto_create":false}`,
  )
  expect(exp - iat).toBe(600)
  expect(Math.abs(iat + 300 - Date.now() / 1000)).toBeLessThan(60)
})

it('getUserJwtToken sends the subdomain', async () => {
  await client.getUserJwtToken({ ...key(), user_id: 'user-1', subdomain_id: 'sub 1', auto_create: true })
  const assertion = lastAssertion()
  expectRequest('/v2/oauth/token', form, `${jwtBearer}${assertion}&subdomain_id=sub+1`)
  expect(JSON.parse(openAssertion(assertion)[1] ?? '')).toMatchObject({ auto_create: true })
})

it('getServiceJwtToken sends a signed assertion of the domain', async () => {
  await client.getServiceJwtToken(key())
  const assertion = lastAssertion()
  expectRequest('/v2/oauth/token', form, jwtBearer + assertion)
  const [, payload = ''] = openAssertion(assertion)
  const { jti, exp, iat } = JSON.parse(payload)
  expect(payload).toBe(
    `{"iss":"jwt-app","sub":"bj1","sub_type":"service","aud":"bj1","jti":"${jti}","exp":${exp},"iat":${iat}}`,
  )
})

it('refreshJwtToken sends JSON to /account/token', async () => {
  const { refresh_token = '' } = await client.getUserJwtToken({ ...key(), user_id: 'user-1' })
  await client.refreshJwtToken({ client_id: 'jwt-app', refresh_token })
  expectRequest(
    '/v2/account/token',
    'application/json',
    `{"app_id":"jwt-app","refresh_token":"${refresh_token}","grant_type":"refresh_token"}`,
  )
})

it('getTokenByCode and refreshToken send forms to /oauth/token', async () => {
  const code = emulator.createCode({ client_id: web.client_id })
  const { refresh_token = '' } = await client.getTokenByCode({ ...web, code })
  const app =
    'client_id=webserver-app&client_secret=webserver-app-secret&redirect_uri=http%3A%2F%2F127.0.0.1%3A3000%2Fcallback'
  expectRequest('/v2/oauth/token', form, `grant_type=authorization_code&${app}&code=${code}`)
  await client.refreshToken({ ...web, refresh_token })
  expectRequest('/v2/oauth/token', form, `grant_type=refresh_token&${app}&refresh_token=${refresh_token}`)
})

it('getTokenByCode of a public application sends a code verifier', async () => {
  const params = { client_id: 'native-app', redirect_uri, code: 'c', code_verifier: 'v~' }
  await expect(client.getTokenByCode(params)).rejects.toMatchObject({ code: 'InvalidParameter' })
  expectRequest(
    '/v2/oauth/token',
    form,
    'grant_type=authorization_code&client_id=native-app&redirect_uri=http%3A%2F%2F127.0.0.1%3A3000%2Fcallback&code=c&code_verifier=v%7E',
  )
})
