import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { runInRealm } from 'shared/browser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundlerNames, bundlers } from './bundlers.ts'
import { entryOf, writeEntry } from './entry.ts'

const names = {
  '@pds/core': ['createTransport'],
  '@pds/auth-oauth': ['createAuthorizationUrl', 'parseCallback', 'getTokenByCode', 'refreshToken'],
  '@pds/client': ['PDSClient'],
}
type Exported = typeof import('@pds/core') & typeof import('@pds/auth-oauth') & typeof import('@pds/client')

const app = { client_id: 'browser-app', redirect_uri: 'http://127.0.0.1:5173/callback' }

let emulator: RunningEmulator

beforeAll(async () => {
  emulator = await startEmulator()
})

afterAll(() => emulator.close())

describe.each(bundlerNames)('a bundle by %s for a page', (bundler) => {
  let page: Exported

  beforeAll(async () => {
    const { code } = await bundlers[bundler](writeEntry(entryOf({ names })), 'page')
    page = runInRealm(code).exported as Exported
  })

  it('exchanges a code and refreshes the token', async () => {
    const transport = page.createTransport({ api_endpoint: emulator.api_endpoint })
    const request = await page.createAuthorizationUrl(transport, app)
    const response = page.parseCallback(await signIn(request.url), request)
    const token = await page.getTokenByCode(transport, response)
    expect(token).toMatchObject({ user_id: 'user-1', expires_in: 7200 })

    const spent = { ...app, refresh_token: token.refresh_token ?? '' }
    const next = await page.refreshToken(transport, spent)
    const client = new page.PDSClient({ api_endpoint: emulator.api_endpoint, token_info: next })
    expect(await client.postAPI('/user/get', { user_id: 'user-1' })).toMatchObject({ user_id: 'user-1' })
    await expect(page.refreshToken(transport, spent)).rejects.toMatchObject({
      name: 'PDSError',
      code: 'InvalidParameter.RefreshToken',
      outcome: 'responded',
    })
  })

  it('throws instead of signing, and sends no request', async () => {
    const { client_id, private_key_pem = '' } = emulator.app('jwt')
    const key = { domain_id: emulator.domain_id, client_id, private_key_pem }
    const before = emulator.requests.length
    const client = new page.PDSClient({ api_endpoint: emulator.api_endpoint })
    await expect(client.getUserJwtToken({ ...key, user_id: 'user-1' })).rejects.toMatchObject({
      code: 'UnsupportedEnvironment',
      outcome: 'not-sent',
    })
    expect(emulator.requests).toHaveLength(before)
  })
})

/** Signs a user in without a page. Returns the address to which the service redirects the browser. */
async function signIn(url: string): Promise<string> {
  const response = await fetch(`${url}&user_id=user-1`, { redirect: 'manual' })
  return response.headers.get('location') ?? ''
}
