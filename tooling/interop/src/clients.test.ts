import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { approve, clients, type Registration } from './clients.ts'
import { type AuthMethod, Results } from './results.ts'

/* Clients that were not written here, against the emulator as their OAuth 2.0 server. */

const results = new Results('clients', 'Node.js', clients)
let emulator: RunningEmulator

beforeEach(async () => {
  emulator = await startEmulator()
})

afterEach(() => emulator.close())

const redirect_uri = 'http://127.0.0.1:3000/callback'
const confidential = { client_id: 'webserver-app', client_secret: 'webserver-app-secret', redirect_uri }
const registrations: Record<AuthMethod, Registration> = {
  none: { client_id: 'native-app', redirect_uri },
  client_secret_basic: confidential,
  client_secret_post: confidential,
}

const isValid = async (access_token: string) =>
  (
    await fetch(`${emulator.api_endpoint}/v2/user/get`, {
      method: 'POST',
      headers: { authorization: `Bearer ${access_token}` },
    })
  ).status === 200

describe.each(clients)('$name', (client) => {
  const create = (auth: AuthMethod) => client.create(emulator.api_endpoint, registrations[auth], auth)

  it.each(client.auths)('signs in, refreshes and revokes with the client authentication %s', async (auth) => {
    const flows = await create(auth)
    const callback = await approve(emulator, await flows.start())
    const first = await flows.complete(callback)
    expect(await isValid(first.access_token)).toBe(true)
    results.pass(client.name, 'sign-in', auth)
    const second = await flows.refresh(first)
    expect(second.refresh_token).not.toBe(first.refresh_token)
    expect([await isValid(first.access_token), await isValid(second.access_token)]).toEqual([false, true])
    results.pass(client.name, 'refresh', auth)
    await flows.revoke(second.refresh_token)
    expect(await isValid(second.access_token)).toBe(false)
    expect(emulator.sessions).toEqual([])
    results.pass(client.name, 'revocation', auth)
    expect(emulator.invalidTokenUses).toEqual({ access: 2, refresh: 0 })
    expect(emulator.requests.filter(({ status }) => status >= 500)).toEqual([])
  })

  it.each(client.auths)(
    'checks the state of the callback, or leaves that to the application: %s',
    async (auth) => {
      const flows = await create(auth)
      const callback = await approve(emulator, await flows.start())
      callback.searchParams.set('state', 'another')
      const completed = flows.complete(callback)
      if (client.lacks['forged state']) await completed
      else await expect(completed).rejects.toThrow()
      expect(emulator.sessions).toHaveLength(client.lacks['forged state'] ? 1 : 0)
      results.pass(client.name, 'forged state', auth)
    },
  )
})

it('has its results in docs/interoperability.md', () => results.check())
