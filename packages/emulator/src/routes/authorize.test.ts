import { describe, expect, it } from 'vitest'
import {
  authorize,
  createEmulatorBeforeEach,
  redirect_uri,
  send,
} from '../test/emulator-requests.test-helper.ts'

createEmulatorBeforeEach()

describe('the authorization endpoint with a user_id', () => {
  it.each([
    ['an unknown application', { client_id: 'unknown' }, 400],
    ['a JWT application', { client_id: 'jwt-app' }, 400],
    ['an unregistered redirect URI', { redirect_uri: 'http://127.0.0.1:3000/callback/' }, 400],
    ['an unknown user', { user_id: 'unknown' }, 404],
  ])('does not redirect for %s', async (_what, changes, expected) => {
    const { status, callback } = await authorize(changes)
    expect({ status, callback }).toEqual({ status: expected, callback: undefined })
  })

  it.each([
    ['unsupported_response_type', { response_type: 'token' }],
    ['invalid_request', { login_type: 'telepathy' }],
    ['invalid_request', { code_challenge: 'c'.repeat(43) }],
    ['invalid_request', { code_challenge: 'c'.repeat(43), code_challenge_method: 'plain' }],
    ['invalid_request', { code_challenge: 'short', code_challenge_method: 'S256' }],
    ['invalid_request', { code_challenge_method: 'S256' }],
  ])('redirects with %s for %o', async (error, changes) => {
    const { callback } = await authorize({ ...changes, state: 's' })
    expect([callback?.get('error'), callback?.get('state'), callback?.get('code')]).toEqual([
      error,
      's',
      null,
    ])
  })

  it('sends its code with no-store', async () => {
    const query = { client_id: 'webserver-app', redirect_uri, response_type: 'code', login_type: 'default' }
    const { status, headers } = await send(
      `/v2/oauth/authorize?${new URLSearchParams({ ...query, user_id: 'user-1' })}`,
      {},
    )
    expect([status, headers.get('cache-control')]).toEqual([302, 'no-store'])
  })
})
