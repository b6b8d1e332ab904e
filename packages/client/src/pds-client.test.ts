import * as authJwt from '@pds/auth-jwt'
import * as authOauth from '@pds/auth-oauth'
import { isPDSError, PDSClient } from '@pds/client'
import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { afterAll, beforeAll, expect, it } from 'vitest'

let emulator: RunningEmulator
let client: PDSClient

beforeAll(async () => {
  emulator = await startEmulator()
  client = new PDSClient({ api_endpoint: emulator.api_endpoint })
})

afterAll(() => emulator.close())

it('has each token function of the flow packages as a method', () => {
  const functions = Object.keys({ ...authJwt, ...authOauth }).filter((name) => name !== 'signAssertion')
  const methods = Object.getOwnPropertyNames(PDSClient.prototype).filter((name) => name !== 'constructor')
  expect(methods.sort()).toEqual(functions.sort())
})

it('hands on its transport, for use with the functions', async () => {
  const { client_id, private_key_pem = '' } = emulator.app('jwt')
  const key = { domain_id: emulator.domain_id, client_id, private_key_pem }
  const token = await authJwt.getServiceJwtToken(client.transport, key)
  expect(token.role).toBe('superadmin')
})

it('hands on the options of a call', async () => {
  const { client_id, private_key_pem = '' } = emulator.app('jwt')
  const key = { domain_id: emulator.domain_id, client_id, private_key_pem }
  const signal = AbortSignal.abort()
  const refreshing = { client_id, refresh_token: 'r' }
  const oauth = { client_id: 'native-app', redirect_uri: 'http://127.0.0.1:3000/callback' }
  const calls = [
    client.getUserJwtToken({ ...key, user_id: 'user-1' }, { signal }),
    client.getServiceJwtToken(key, { signal }),
    client.refreshJwtToken(refreshing, { signal }),
    client.getTokenByCode({ ...oauth, code: 'c' }, { signal }),
    client.refreshToken({ ...oauth, refresh_token: 'r' }, { signal }),
  ]
  const aborted = { status: 'rejected', reason: { code: 'Aborted', outcome: 'not-sent' } }
  expect(await Promise.allSettled(calls)).toMatchObject(Array(5).fill(aborted))

  const response = await client.getServiceJwtToken(key, { returnResponse: true })
  expect(response).toMatchObject({ status: 200, data: { role: 'superadmin' } })
  expect(response.headers['x-ca-request-id']).toBe(emulator.requests.at(-1)?.requestId)
})

it('is refused a wrong configuration', () => {
  let error: unknown
  try {
    new PDSClient({})
  } catch (caught) {
    error = caught
  }
  expect(isPDSError(error) && error.code).toBe('InvalidParameter')
})
