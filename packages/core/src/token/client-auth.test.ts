import { createTransport } from '@pds/core'
import { authenticateClient, requestToken } from '@pds/core/internal'
import { expect, it } from 'vitest'
import { failure, ok, serve } from '../test/scripted-server.test-helper.ts'

const client = { client_id: 'an app:1', client_secret: 'canary secret/+%中' }
const request = { path: '/token', format: 'form', client, params: { grant_type: 'refresh_token' } } as const

it('encodes the id and the secret as a form before base64 (RFC 6749 section 2.3.1)', async () => {
  const { received, api_endpoint } = await serve(ok)
  await requestToken(createTransport({ api_endpoint }), request)
  expect(received[0]?.body).toBe('grant_type=refresh_token')
  const [scheme, credentials = ''] = String(received[0]?.headers.authorization).split(' ')
  expect([scheme, atob(credentials)]).toEqual(['Basic', 'an+app%3A1:canary+secret%2F%2B%25%E4%B8%AD'])
})

it.each([
  ['in plain text', client.client_secret],
  ['encoded', 'canary+secret%2F%2B%25%E4%B8%AD'],
  ['in the credentials', btoa('an+app%3A1:canary+secret%2F%2B%25%E4%B8%AD')],
])('redacts the secret in errors and hooks, %s', async (_what, echo) => {
  const { api_endpoint } = await serve({
    status: 401,
    body: { error: 'x', error_description: `not ${echo}` },
  })
  const seen: unknown[] = []
  const hooks = { beforeRequest: (event: unknown) => void seen.push(event) }
  const error = await failure(requestToken(createTransport({ api_endpoint }), request, { hooks }))
  expect(error.message).toBe('*** [status: 401] [code: x]')
  expect(JSON.stringify([seen, error.response])).not.toContain(echo)
  expect(seen).toMatchObject([{ headers: { authorization: '***' } }])
})

it('does not replace an authorization header in the options of the call', async () => {
  const { received, api_endpoint } = await serve(ok)
  await requestToken(createTransport({ api_endpoint }), request, { headers: { Authorization: 'Basic own' } })
  expect(received[0]?.headers.authorization).toBe('Basic own')
})

it('separates the credentials from the parameters only with basic', () => {
  const params = { ...client, scope: 'all' }
  expect(authenticateClient('refreshToken', params)).toEqual({ params })
  expect(authenticateClient('refreshToken', { ...params, client_auth: 'post' })).toEqual({ params })
  expect(authenticateClient('refreshToken', { ...params, client_auth: 'basic' })).toEqual({
    client,
    params: { scope: 'all' },
  })
})

it('needs a secret with basic', () => {
  expect(() => authenticateClient('refreshToken', { client_id: 'app', client_auth: 'basic' })).toThrow(
    "refreshToken: client_auth 'basic' needs a client_secret",
  )
})
