import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { approve, clients, type Registration } from './clients.ts'

/* Clients that were not written here, against the emulator as their OAuth 2.0 server. */

let emulator: RunningEmulator
const redirect_uri = 'http://127.0.0.1:3000/callback'

beforeEach(async () => {
  emulator = await startEmulator()
})

afterEach(() => emulator.close())

const registrations: [what: string, auth: 'basic' | 'post', registration: Registration][] = [
  [
    'client_secret_basic',
    'basic',
    { client_id: 'webserver-app', client_secret: 'webserver-app-secret', redirect_uri },
  ],
  [
    'client_secret_post',
    'post',
    { client_id: 'webserver-app', client_secret: 'webserver-app-secret', redirect_uri },
  ],
  ['a public application', 'post', { client_id: 'native-app', redirect_uri }],
]

const isValid = async (access_token: string) =>
  (
    await fetch(`${emulator.api_endpoint}/v2/user/get`, {
      method: 'POST',
      headers: { authorization: `Bearer ${access_token}` },
    })
  ).status === 200

describe.each(clients)('$name', (client) => {
  const own = registrations.filter(
    ([, , { client_secret }]) => client.name !== 'simple-oauth2' || client_secret,
  )
  it.each(own)('signs in, refreshes and revokes with %s', async (_what, auth, registration) => {
    const flows = await client.create(emulator.api_endpoint, registration, auth)
    const callback = await approve(emulator, await flows.start())
    const first = await flows.complete(callback)
    expect(await isValid(first.access_token)).toBe(true)
    const second = await flows.refresh(first)
    expect(second.refresh_token).not.toBe(first.refresh_token)
    expect([await isValid(first.access_token), await isValid(second.access_token)]).toEqual([false, true])
    await flows.revoke?.(second.refresh_token)
    expect(await isValid(second.access_token)).toBe(false)
    expect(emulator.sessions).toEqual([])
    expect(emulator.invalidTokenUses).toEqual({ access: 2, refresh: 0 })
    expect(emulator.requests.filter(({ status }) => status >= 500)).toEqual([])
  })

  it('rejects the callback of another sign-in', async () => {
    const [, , registration] = registrations[0] ?? []
    if (!registration || client.name === 'simple-oauth2') return
    const flows = await client.create(emulator.api_endpoint, registration, 'basic')
    const callback = await approve(emulator, await flows.start())
    callback.searchParams.set('state', 'another')
    await expect(flows.complete(callback)).rejects.toThrow()
  })
})
