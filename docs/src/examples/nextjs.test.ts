import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { nextHandlers } from '@pds/backend/next'
import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { NextRequest } from 'next/server.js'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import * as route from '../../examples/nextjs/app/pds/[...route]/route.ts'
import { pds } from '../../examples/nextjs/lib/pds.ts'
import { POST as logIn } from '../../examples/nextjs-own-login/app/login/route.ts'
import { pds as ownLogin } from '../../examples/nextjs-own-login/lib/pds.ts'
import { jwtAppEnvironment } from './example-process.ts'

/*
 * The routes of the Next.js guide, with the requests of Next.js. The tests of the packed packages build and serve the
 * examples. The modules were loaded without settings, as `next build` loads them.
 */

const origin = 'https://app.example.com'
const folder = mkdtempSync(path.join(tmpdir(), 'pds-next-example-'))
const app = {
  client_id: 'web-app',
  client_secret: 'the secret of the application',
  redirect_uris: [`${origin}/pds/callback`],
}

let emulator: RunningEmulator

beforeAll(async () => {
  const users = [{ user_id: 'ann', user_name: 'Ann Lee' }]
  emulator = await startEmulator({
    users,
    apps: [
      { type: 'webserver', ...app },
      { type: 'jwt', client_id: 'jwt-app' },
    ],
  })
})

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

afterAll(async () => {
  await emulator.close()
  rmSync(folder, { recursive: true })
})

function setVariables(variables: Record<string, string>): void {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
}

/** Sends a request as a page of the application does. */
function post(cookie: string, body?: string): NextRequest {
  const headers = { origin, cookie, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' }
  return new NextRequest(`${origin}/pds/token`, { method: 'POST', headers, ...(body && { body }) })
}

const cookiesOf = (response: Response) =>
  response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ')

describe('the route of the Next.js guide', () => {
  it('rejects requests without the settings, and names the missing one', async () => {
    await expect(route.POST(post(''))).rejects.toThrow('PDS_API_ENDPOINT')
  })

  it('signs a user in and gives pages and server components the session', async () => {
    setVariables({
      PDS_API_ENDPOINT: emulator.api_endpoint,
      PDS_CLIENT_ID: app.client_id,
      PDS_CLIENT_SECRET: app.client_secret,
      PDS_REDIRECT_URI: `${origin}/pds/callback`,
      COOKIE_SECRET: 'a secret with more than 32 characters',
      SESSIONS_FILE: path.join(folder, 'sessions.db'),
    })
    const started = await route.GET(new NextRequest(`${origin}/pds/sign-in?returnTo=/`))
    const consent = await fetch(`${started.headers.get('location')}&user_id=ann`, { redirect: 'manual' })
    const callback = new NextRequest(String(consent.headers.get('location')), {
      headers: { cookie: cookiesOf(started) },
    })
    const signedIn = await route.GET(callback)
    expect([signedIn.status, signedIn.headers.get('location')]).toEqual([303, '/'])
    const cookie = cookiesOf(signedIn)
    const token = await (await route.POST(post(cookie))).json()
    expect(token).toMatchObject({ user_id: 'ann', access_token: expect.any(String) })
    expect(token).not.toHaveProperty('refresh_token')
    const session = await pds.sessionOf(new Headers({ cookie }))
    expect(await session?.status()).toMatchObject({ status: 'ok', user: { name: 'Ann Lee' } })
    await session?.signOut()
    expect((await route.POST(post(cookie))).status).toBe(401)
  })
})

const loginRequest = () => new Request(`${origin}/login`, { method: 'POST', body: '{"user_id":"ann"}' })

describe('the route with a login of the application', () => {
  it('gives the pages of a user a token until the user signs out', async () => {
    setVariables({
      ...jwtAppEnvironment(emulator),
      APP_ORIGIN: origin,
      LOGIN_SECRET: 'another secret',
      SESSIONS_FILE: path.join(folder, 'own-login.db'),
    })
    const { POST } = nextHandlers(ownLogin)
    expect((await POST(post(''))).status).toBe(401)
    const login = await logIn(loginRequest())
    expect(login.headers.get('set-cookie')).toMatch(/; HttpOnly; SameSite=Strict; Secure$/)
    const cookie = cookiesOf(login)
    const { access_token } = await (await POST(post(cookie))).json()
    const renewed = await (await POST(post(cookie, JSON.stringify({ rejected: access_token })))).json()
    expect(renewed).toMatchObject({ user_id: 'ann', access_token: expect.not.stringContaining(access_token) })
    const forged = cookie.replace(/=\w+/, `=${Buffer.from('bob').toString('base64url')}`)
    expect((await POST(post(forged))).status).toBe(401)
    const session = await ownLogin.sessionOf(new Headers({ cookie }))
    await session?.signOut()
    expect((await POST(post(cookie))).status).toBe(401)

    const log = vi.spyOn(console, 'error').mockReturnValue()
    emulator.injectFault({ type: 'throttle', retryAfter: 3600, path: '/v2/oauth/token' })
    expect((await logIn(loginRequest())).status).toBe(503)
    expect(log).toHaveBeenCalledOnce()
  })
})
