import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { NextRequest } from 'next/server.js'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { jwtAppEnvironment } from './example-process.ts'

/* Calls the route of the Next.js guide like Next.js does. */

const origin = 'https://app.example.com'

let emulator: RunningEmulator
let route: typeof import('../../examples/nextjs/app/api/pds-token/route.ts')
let login: typeof import('../../examples/nextjs/lib/login.ts')['login']

beforeAll(async () => {
  emulator = await startEmulator({ domain_id: 'bj1' })
  vi.stubEnv('APP_ORIGIN', origin)
  for (const [name, value] of Object.entries(jwtAppEnvironment(emulator)))
    vi.stubEnv(name, value)
    // These modules read their settings at import time.
  ;({ login } = await import('../../examples/nextjs/lib/login.ts'))
  route = await import('../../examples/nextjs/app/api/pds-token/route.ts')
})

afterEach(() => {
  emulator.clearFaults()
  vi.restoreAllMocks()
})

afterAll(async () => {
  vi.unstubAllEnvs()
  await emulator.close()
})

const cookieOf = (user_id: string) => login.signIn(user_id).split(';')[0] ?? ''

function post(cookie: string, body = '{}', headers: Record<string, string> = {}): Promise<Response> {
  return route.POST(
    new NextRequest(`${origin}/api/pds-token`, {
      method: 'POST',
      headers: { origin, cookie, ...headers },
      body,
    }),
  )
}

it('returns only the access token of the user to a page', async () => {
  const response = await post(cookieOf('user-1'))
  expect(response.status).toBe(200)
  expect(response.headers.get('cache-control')).toBe('no-store')
  const token = await response.json()
  expect(token).toMatchObject({ user_id: 'user-1', access_token: expect.any(String) })
  expect(token).not.toHaveProperty('refresh_token')
  const repeated = await (await post(cookieOf('user-1'))).json()
  expect(repeated.access_token).toBe(token.access_token)
  const rejected = JSON.stringify({ rejected: token.access_token })
  const next = await (await post(cookieOf('user-1'), rejected)).json()
  expect(next.access_token).not.toBe(token.access_token)
})

it('requires a login, rejects other sites and reports invalid JSON', async () => {
  expect((await post('')).status).toBe(401)
  expect((await post(cookieOf('user-1'), '{}', { origin: 'https://evil.example' })).status).toBe(403)
  expect((await post(cookieOf('user-1'), '{')).status).toBe(400)
  expect((await post(cookieOf('user-1'), 'null')).status).toBe(200)
})

it('maps a failure of the service to its own error response', async () => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  emulator.injectFault({ type: 'throttle', retryAfter: 3600, path: '/v2/oauth/token' })
  const response = await post(cookieOf('user-2'))
  expect([response.status, response.headers.get('cache-control')]).toEqual([503, 'no-store'])
  expect(log).toHaveBeenCalledOnce()
})
