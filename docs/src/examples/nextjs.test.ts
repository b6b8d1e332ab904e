import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { NextRequest } from 'next/server.js'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { jwtAppEnvironment } from './example-process.ts'

/* The route of the guide to Next.js, called as Next.js calls it. */

const origin = 'https://app.example.com'

let emulator: RunningEmulator
let route: typeof import('../../examples/nextjs/app/api/pds-token/route.ts')
let login: typeof import('../../examples/nextjs/lib/login.ts')['login']

beforeAll(async () => {
  emulator = await startEmulator({ domain_id: 'bj1' })
  vi.stubEnv('APP_ORIGIN', origin)
  for (const [name, value] of Object.entries(jwtAppEnvironment(emulator)))
    vi.stubEnv(name, value)
    // They read their settings when they are loaded.
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

it('gives a page the access token of its user alone', async () => {
  const answer = await post(cookieOf('user-1'))
  expect(answer.status).toBe(200)
  expect(answer.headers.get('cache-control')).toBe('no-store')
  const token = await answer.json()
  expect(token).toMatchObject({ user_id: 'user-1', access_token: expect.any(String) })
  expect(token).not.toHaveProperty('refresh_token')
  const again = await (await post(cookieOf('user-1'))).json()
  expect(again.access_token).toBe(token.access_token)
  const rejected = JSON.stringify({ rejected: token.access_token })
  const next = await (await post(cookieOf('user-1'), rejected)).json()
  expect(next.access_token).not.toBe(token.access_token)
})

it('asks for a login, refuses other sites, and says what it cannot read', async () => {
  expect((await post('')).status).toBe(401)
  expect((await post(cookieOf('user-1'), '{}', { origin: 'https://evil.example' })).status).toBe(403)
  expect((await post(cookieOf('user-1'), '{')).status).toBe(400)
  expect((await post(cookieOf('user-1'), 'null')).status).toBe(200)
})

it('answers a failure of the service as its own', async () => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  emulator.injectFault({ type: 'throttle', retryAfter: 3600, path: '/v2/oauth/token' })
  const answer = await post(cookieOf('user-2'))
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([503, 'no-store'])
  expect(log).toHaveBeenCalledOnce()
})
