import { createEmulator, type Emulator, type EmulatorOptions } from '@pds/emulator'
import { describe, expect, it } from 'vitest'

const startTime = Date.parse('2026-01-02T03:04:05Z')
const client = { client_id: 'native-app', redirect_uri: 'http://127.0.0.1:3000/callback' }

/** Creates an emulator with the state of another one, as a new process would. */
async function restart(emulator: Emulator, options: EmulatorOptions = {}): Promise<Emulator> {
  const state = JSON.parse(JSON.stringify(await emulator.exportState()))
  return createEmulator({ clock: () => startTime, ...options, state })
}

async function post(emulator: Emulator, form: Record<string, string>) {
  const body = new URLSearchParams({ ...client, ...form })
  const response = await emulator.fetch('http://domain.test/v2/oauth/token', { method: 'POST', body })
  return { httpStatus: response.status, ...(await response.json()) }
}

const signIn = (emulator: Emulator, user_id = 'user-1') =>
  post(emulator, {
    grant_type: 'authorization_code',
    code: emulator.createCode({ ...client, user_id }),
  })
const refresh = (emulator: Emulator, refresh_token: string) =>
  post(emulator, { grant_type: 'refresh_token', refresh_token })
const statusOf = async (emulator: Emulator, access_token: string) =>
  (
    await emulator.fetch('http://domain.test/v2/user/get', {
      method: 'POST',
      headers: { authorization: `Bearer ${access_token}` },
    })
  ).status

describe('the state of an emulator', () => {
  it('keeps users, sessions and the clock', async () => {
    const first = await createEmulator({ clock: () => startTime })
    first.createUser({ user_id: 'ann', nick_name: 'Ann', role: 'admin' })
    first.clock.advance(60_000)
    const token = await signIn(first, 'ann')
    const second = await restart(first)
    expect([second.clock.now(), second.users, second.sessions]).toEqual([
      startTime + 60_000,
      first.users,
      first.sessions,
    ])
    expect(await statusOf(second, token.access_token)).toBe(200)
    const next = await refresh(second, token.refresh_token)
    expect(next).toMatchObject({ httpStatus: 200, user_id: 'ann', default_drive_id: token.default_drive_id })
    expect((await signIn(second, 'ann')).is_first_login).toBe(false)
    expect(await statusOf(second, token.access_token)).toBe(401)
    // The next user gets another drive.
    second.createUser({ user_id: 'bob' })
    const drives = [token, await signIn(second), await signIn(second, 'bob')].map(
      (each) => each.default_drive_id,
    )
    expect(new Set(drives).size).toBe(3)
  })

  it('keeps spent, revoked and expired tokens invalid', async () => {
    const first = await createEmulator({ clock: () => startTime })
    const token = await signIn(first)
    const next = await refresh(first, token.refresh_token)
    const ended = await signIn(first)
    first.endSessions({ session_id: first.sessions.at(-1)?.session_id ?? '' })
    const second = await restart(first)
    expect((await refresh(second, token.refresh_token)).httpStatus).toBe(400)
    expect((await refresh(second, ended.refresh_token)).httpStatus).toBe(400)
    expect(second.invalidTokenUses).toEqual({ access: 0, refresh: 2 })
    expect((await refresh(second, next.refresh_token)).httpStatus).toBe(200)
    second.clock.advance(604_800_000)
    expect((await second.exportState()).grants).toEqual([])
  })

  it('keeps the grace period of a spent token', async () => {
    const rotation = { grace: 1000 }
    const first = await createEmulator({ clock: () => startTime, rotation })
    const token = await signIn(first)
    const next = await refresh(first, token.refresh_token)
    const second = await restart(first, { rotation })
    expect((await refresh(second, token.refresh_token)).refresh_token).toBe(next.refresh_token)
    second.clock.advance(1000)
    expect((await refresh(second, token.refresh_token)).httpStatus).toBe(400)
  })

  it('adds configured users, and rejects other JSON', async () => {
    const first = await createEmulator({ clock: () => startTime })
    const second = await restart(first, { users: [{ user_id: 'user-1', role: 'admin' }, { user_id: 'ann' }] })
    expect(second.users.map(({ user_id, role }) => [user_id, role])).toEqual([
      ['user-1', 'user'],
      ['ann', 'user'],
    ])
    for (const state of [[], {}, 'x', null, { version: 2, users: [], grants: [] }]) {
      await expect(createEmulator({ state: state as never })).rejects.toThrow(
        'state must be what exportState returned',
      )
    }
  })
})

describe('the private key of an application', () => {
  it('stays the same between starts', async () => {
    const { private_key_pem, public_key_pem } = (await createEmulator()).app('jwt')
    const apps = [{ type: 'jwt', client_id: 'jwt-app', private_key_pem }] as const
    expect((await createEmulator({ apps })).app('jwt')).toMatchObject({ private_key_pem, public_key_pem })
    await expect(createEmulator({ apps: [{ ...apps[0], public_key_pem }] })).rejects.toThrow(
      'apps: pass public_key_pem or private_key_pem for jwt-app, not both',
    )
  })
})

it('tells a listener of each request', async () => {
  const paths: string[] = []
  const emulator = await createEmulator({ onRequest: ({ path }) => paths.push(path) })
  await signIn(emulator)
  expect(paths).toEqual(emulator.requests.map(({ path }) => path))
  expect(paths).toHaveLength(1)
})
