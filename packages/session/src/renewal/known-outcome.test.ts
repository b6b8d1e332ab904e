import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { hour, recordEvents, startTestDomain, type TestDomain } from '../test/test-domain.test-helper.ts'

/* A refresh that fails, while it is known that the service has not spent the refresh token, or has rejected it. */

let domain: TestDomain

afterEach(async () => {
  await domain.close()
})

describe('a request that no connection carried', () => {
  /** Starts a server that closes each TLS handshake. */
  async function startClosingServer(): Promise<{ url: string; close(): void }> {
    const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    return {
      url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
      close: () => server.close(),
    }
  }

  it('leaves the refresh token usable with replayLostRefresh: false', async () => {
    domain = await startTestDomain()
    const broken = await startClosingServer()
    let isBroken = true
    const session = domain.oauth(
      { replayLostRefresh: false },
      { fetch: (url, init) => fetch(isBroken ? broken.url : url, init) },
    )
    await session.setToken(await domain.signIn())
    domain.emulator.clock.advance(3 * hour)
    const events = recordEvents(session)
    await expect(session.getToken()).rejects.toMatchObject({ code: 'NetworkError', outcome: 'not-sent' })
    broken.close()
    isBroken = false
    // Longer than the pause after a failure.
    domain.emulator.clock.advance(hour)
    expect(await session.getToken()).toMatchObject({ access_token: expect.any(String) })
    expect(domain.sends()).toBe(1)
    expect(domain.emulator.invalidTokenUses.refresh).toBe(0)
    expect(events.map(({ type }) => type)).not.toContain('login_required')
  })
})

describe('an OAuth 2.0 error with status 200', () => {
  const respond = (error: string) => async () => Response.json({ error })

  it('that rejects the refresh token ends the sign-in, as with status 400', async () => {
    domain = await startTestDomain()
    const session = domain.oauth({ replayLostRefresh: false }, { fetch: respond('invalid_grant') })
    await session.setToken(await domain.signIn())
    domain.emulator.clock.advance(3 * hour)
    await expect(session.getToken()).rejects.toMatchObject({ code: 'LoginRequired', cause: 'rejected' })
  })

  it('that rejects the application keeps the refresh token, as with status 400', async () => {
    domain = await startTestDomain()
    let isMisconfigured = true
    const session = domain.oauth(
      { replayLostRefresh: false },
      {
        fetch: (url, init) =>
          isMisconfigured ? respond('incorrect_client_credentials')() : fetch(url, init),
      },
    )
    await session.setToken(await domain.signIn())
    domain.emulator.clock.advance(3 * hour)
    await expect(session.getToken()).rejects.toMatchObject({
      code: 'incorrect_client_credentials',
      outcome: 'responded',
    })
    isMisconfigured = false
    domain.emulator.clock.advance(hour)
    expect(await session.getToken()).toMatchObject({ access_token: expect.any(String) })
    expect(domain.sends()).toBe(1)
  })
})
