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

describe('a refresh that the server rejects', () => {
  /** Returns a session with an expired token, whose server responds with an error until `recover` is called. */
  async function failWith(error: string, status: number) {
    domain = await startTestDomain()
    let isFailing = true
    const session = domain.oauth(
      {},
      {
        fetch: (url, init) =>
          isFailing ? Promise.resolve(Response.json({ error }, { status })) : fetch(url, init),
      },
    )
    await session.setToken(await domain.signIn())
    domain.emulator.clock.advance(3 * hour)
    const recover = () => {
      isFailing = false
      // Longer than the backoff.
      domain.emulator.clock.advance(hour)
    }
    return { session, recover, events: recordEvents(session) }
  }

  it.each(['invalid_grant', 'interaction_required', 'login_required', 'consent_required', 'TokenExpired'])(
    'with %s ends the sign-in',
    async (error) => {
      const { session, recover, events } = await failWith(error, 400)
      await expect(session.getToken()).rejects.toMatchObject({ code: 'LoginRequired', cause: 'rejected' })
      recover()
      await expect(session.getToken()).rejects.toMatchObject({ code: 'LoginRequired', cause: 'rejected' })
      expect(events.map(({ type }) => type)).toEqual(['login_required'])
      expect(domain.sends()).toBe(0)
    },
  )

  it.each([
    ['invalid_client', 401, 'check client_id, client_secret and client_auth'],
    ['invalid_client', 400, 'check client_id, client_secret and client_auth'],
    ['unauthorized_client', 400, 'check its grant types'],
    ['unsupported_grant_type', 400, 'check token_endpoint'],
    ['invalid_scope', 400, 'check scope'],
    ['invalid_request', 400, 'check the required parameters'],
    ['slow_down', 400, 'the server responded with the error slow_down'],
    ['access_denied', 403, 'the server responded with the error access_denied'],
    ['TeapotError', 418, 'the server responded with the error TeapotError'],
  ])(
    'with %s and status %i keeps the sign-in, and is not repeated before its backoff ends',
    async (...row) => {
      const [code, status, check] = row
      const { session, recover, events } = await failWith(code, status)
      const failures = []
      for (let caller = 0; caller < 20; caller++)
        failures.push(await session.getToken().catch((error) => error))
      for (const error of failures) {
        expect(error).toMatchObject({ code, status, outcome: 'responded', retryAt: expect.any(Number) })
        expect(error.message).toContain(check)
      }
      expect(events.map(({ type }) => type)).toEqual(['error'])
      recover()
      expect(await session.getToken()).toMatchObject({ access_token: expect.any(String) })
      expect(domain.sends()).toBe(1)
      expect(domain.emulator.invalidTokenUses.refresh).toBe(0)
    },
  )
})
