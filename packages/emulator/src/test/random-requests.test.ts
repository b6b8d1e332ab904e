import { startEmulator } from '@pds/emulator'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type RawRequest, rawRequest, sendRaw } from './random-requests.test-helper.ts'

const post = { method: 'POST', headers: [], body: new Uint8Array() } satisfies Partial<RawRequest>
const authorizeWithPort = (port: string) => ({
  ...post,
  method: 'GET',
  target: `/v2/oauth/authorize?${new URLSearchParams({
    client_id: 'native-app',
    redirect_uri: `http://127.0.0.1:${port}/callback`,
    response_type: 'code',
    login_type: 'default',
    user_id: 'user-1',
  })}`,
})

describe('the emulator', () => {
  it.each([
    ['TRACE', { ...post, method: 'TRACE', target: '/v2/user/get' }, 404],
    ['TRACE of the live page', { ...post, method: 'TRACE', target: '/' }, 404],
    ['an unknown method', { ...post, method: 'PROPFIND', target: '/v2/user/get' }, 404],
    [
      'a GET request with a body',
      { ...post, method: 'GET', target: '/v2/user/get', body: Buffer.from('{}') },
      404,
    ],
    ['a redirect URI with the port 65536', authorizeWithPort('65536'), 400],
    ['a redirect URI with a long port', authorizeWithPort('9'.repeat(400)), 400],
    ['a redirect URI with the port 65535', authorizeWithPort('65535'), 302],
  ] as [string, RawRequest, number][])(
    'responds to %s without an internal error',
    async (_what, request, status) => {
      const emulator = await startEmulator()
      expect(await sendRaw(emulator, request)).toBe(status)
      await emulator.close()
    },
  )

  it('responds to random requests without an internal error', async () => {
    const emulator = await startEmulator({ api: { '/v2/drive/list': () => ({ items: [] }) } })
    for (const request of fc.sample(rawRequest, { seed: 20_261_130, numRuns: 1000 })) {
      const status = await sendRaw(emulator, request)
      expect(
        status < 500,
        JSON.stringify({ ...request, body: Buffer.from(request.body).toString('latin1') }),
      ).toBe(true)
    }
    await emulator.close()
  })
})
