import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let emulator: RunningEmulator
const startTime = Date.parse('2026-01-02T03:04:05Z')

beforeEach(async () => {
  emulator = await startEmulator({ clock: () => startTime })
})

afterEach(() => emulator.close())

async function control(method: string, path: string, json?: unknown) {
  const response = await fetch(`${emulator.api_endpoint}/_emulator/${path}`, {
    method,
    ...(json !== undefined && {
      body: JSON.stringify(json),
      headers: { 'content-type': 'application/json' },
    }),
  })
  const text = await response.text()
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
}

async function signIn(user_id = 'user-1', client_id = 'native-app') {
  const redirect_uri = 'http://127.0.0.1:3000/callback'
  const { body } = await control('POST', 'codes', { client_id, redirect_uri, user_id })
  const form = { grant_type: 'authorization_code', client_id, redirect_uri, code: body.code }
  const response = await fetch(`${emulator.api_endpoint}/v2/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams(form),
  })
  return (await response.json()) as { access_token: string; refresh_token: string; user_id: string }
}

const isValid = async ({ access_token }: { access_token: string }) =>
  (
    await fetch(`${emulator.api_endpoint}/v2/user/get`, {
      method: 'POST',
      headers: { authorization: `Bearer ${access_token}` },
    })
  ).status === 200

describe('over HTTP, another process', () => {
  it('reads and moves the clock', async () => {
    expect(await control('GET', 'clock')).toEqual({ status: 200, body: { now: startTime } })
    const token = await signIn()
    expect((await control('POST', 'clock', { advance: 7_200_000 })).body).toEqual({
      now: startTime + 7_200_000,
    })
    expect(emulator.clock.now()).toBe(startTime + 7_200_000)
    expect(await isValid(token)).toBe(false)
    expect((await control('DELETE', 'clock')).body).toEqual({ now: startTime })
    expect(await isValid(token)).toBe(true)
  })

  it('creates users and codes', async () => {
    expect(await control('POST', 'users', { user_id: 'ann', role: 'admin' })).toEqual({
      status: 201,
      body: [
        { user_id: 'user-1', user_name: 'User 1', role: 'user' },
        { user_id: 'ann', user_name: 'ann', role: 'admin' },
      ],
    })
    expect((await control('GET', 'users')).body).toEqual(emulator.users)
    expect(await signIn('ann')).toMatchObject({ user_id: 'ann', role: 'admin' })
  })

  it('lists and ends sessions', async () => {
    emulator.createUser({ user_id: 'ann' })
    const [first, second, third] = [await signIn(), await signIn('ann'), await signIn('ann')]
    const { body } = await control('GET', 'sessions')
    expect(body).toEqual(emulator.sessions)
    expect(body[0]).toEqual({
      session_id: expect.stringMatching(/^[\da-f]{32}$/),
      client_id: 'native-app',
      user_id: 'user-1',
      scope: ['ALL'],
      startedAt: startTime,
      accessExpiresAt: startTime + 7_200_000,
      refreshExpiresAt: startTime + 604_800_000,
    })
    expect((await control('DELETE', `sessions?session_id=${body[2].session_id}`)).body).toEqual({ ended: 1 })
    expect([await isValid(first), await isValid(second), await isValid(third)]).toEqual([true, true, false])
    expect((await control('DELETE', 'sessions?user_id=ann&client_id=jwt-app')).body).toEqual({ ended: 0 })
    expect((await control('DELETE', 'sessions?user_id=ann')).body).toEqual({ ended: 1 })
    expect([await isValid(first), await isValid(second)]).toEqual([true, false])
    expect(emulator.endSessions()).toBe(1)
    expect(emulator.sessions).toEqual([])
    expect(await isValid(first)).toBe(false)
  })

  it('does not list a session whose refresh token has expired', async () => {
    await signIn()
    emulator.clock.advance(604_800_000)
    expect((await control('GET', 'sessions')).body).toEqual([])
  })

  it('reads everything that a test in the process can read', async () => {
    const token = await signIn()
    await signIn()
    emulator.endSessions({ session_id: emulator.sessions[0]?.session_id ?? '' })
    await isValid(token)
    expect(await control('GET', '')).toEqual({
      status: 200,
      body: {
        domain_id: 'local',
        now: startTime,
        apps: JSON.parse(JSON.stringify(emulator.apps)),
        users: emulator.users,
        sessions: emulator.sessions,
        faults: [],
        invalidTokenUses: { access: 1, refresh: 0 },
      },
    })
  })

  it('clears the log', async () => {
    await signIn()
    expect((await control('DELETE', 'requests')).status).toBe(204)
    expect(emulator.requests).toEqual([])
    await signIn()
    expect(emulator.requests).toHaveLength(1)
    emulator.clearRequests()
    expect(emulator.requests).toEqual([])
  })

  it.each([
    ['clock', { advance: 'soon' }, /^advance: milliseconds must be a number .* \(received string\)$/],
    ['clock', { advance: 1e20 }, /^advance: milliseconds must be a number that leads to a valid date/],
    ['clock', { advanced: 1 }, /^clock has no field advanced: it has advance$/],
    ['clock', [1], /^clock must be an object \(received array\)$/],
    ['users', {}, /^users: user_id must be a non-empty string \(received undefined\)$/],
    ['users', { user_id: 'user-1' }, /^users: the domain already has a user with the id user-1$/],
    [
      'users',
      { user_id: 'a', role: 'king' },
      /^users: role must be user, admin or superadmin \(received string\)$/,
    ],
    ['users', { user_id: 'a', user_name: 1 }, /^users: user_name must be a string \(received 1\)$/],
    ['users', { user_id: 'a', password: 'x' }, /^user has no field password: it has user_id,/],
    ['codes', { client_id: 'unknown' }, /client_id is not valid/],
    ['codes', { client_id: 'native-app', user_id: 'unknown' }, /The user does not exist/],
    ['codes', { client_id: 'native-app', redirect_uri: 'https://elsewhere.test' }, /did not register/],
    ['codes', { client_id: 'native-app', code_challenge: 'x' }, /^createCode: code_challenge and/],
    ['codes', { client_id: 5 }, /client_id/],
  ])('gets an error for a wrong request to %s: %j', async (path, json, message) => {
    const { status, body } = await control('POST', path, json)
    expect([400, 404]).toContain(status)
    expect(body.message).toMatch(message)
  })

  it('gets an error for an unknown filter, and ends no session', async () => {
    await signIn()
    const { status, body } = await control('DELETE', 'sessions?user=user-1')
    expect([status, body.message]).toEqual([
      400,
      'sessions has no field user: it has session_id, client_id, user_id',
    ])
    expect(emulator.sessions).toHaveLength(1)
  })
})
