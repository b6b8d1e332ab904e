import { setTimeout as realTimeout } from 'node:timers'
import { createSession, createSessions, memoryStore } from '@pds/session'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { recordEvents, startTestDomain, type TestDomain } from '../test/test-domain.test-helper.ts'

const grant = { obtain: async () => ({ access_token: 'a', expires_in: 7200 }) }

it('memoryStore rejects unknown options', () => {
  expect(() => memoryStore({ clok: Date.now } as never)).toThrow(
    'memoryStore: clok is not supported: did you mean clock?',
  )
  expect(() => memoryStore({ clock: 5 } as never)).toThrow('memoryStore: clock must be a function')
})

it.each(['getToken', 'getAccessToken'] as const)('%s rejects unknown and invalid options', async (name) => {
  const session = createSession({ key: 'k', grant })
  const messageOf = (options: object) => session[name](options).then(String, (error: Error) => error.message)
  // The session would return the rejected token again.
  expect(await messageOf({ reject: 'a' })).toBe(
    `${name}: options.reject is not supported: did you mean rejected?`,
  )
  expect(await messageOf({ rejected: { access_token: 'a' } })).toBe(
    `${name}: options.rejected must be an access token (received an object)`,
  )
  expect(await messageOf({ signal: {} })).toBe(
    `${name}: options.signal must be an AbortSignal (received an object)`,
  )
  expect(await session[name]({ rejected: undefined, signal: undefined })).toBeDefined()
})

it('a session and a pool need random values, which a page without HTTPS lacks', () => {
  const { subtle, getRandomValues } = crypto
  for (const found of [undefined, { subtle, getRandomValues }]) {
    vi.stubGlobal('crypto', found)
    onTestFinished(() => void vi.unstubAllGlobals())
    for (const create of [
      () => createSession({ key: 'k', grant }),
      () => createSessions({ grant: () => grant }),
    ]) {
      expect(create).toThrow(
        expect.objectContaining({
          name: 'PDSError',
          code: 'UnsupportedEnvironment',
          outcome: 'not-sent',
          message:
            'a session needs crypto.randomUUID: serve the page over HTTPS, or set globalThis.crypto in React Native',
        }),
      )
    }
  }
})

describe('createSession rejects the options', () => {
  it.each([
    [{ grant }, 'key is required: a non-empty string'],
    [{ key: 'k' }, 'grant is required: a grant with obtain or refresh, for example from'],
    [{ key: '', grant }, 'key must be a non-empty string (received an empty string)'],
    [
      { key: 'k\n', grant },
      'createSession: key must be a non-empty string (received a string that ends with a line',
    ],
    [{ key: 'k', grant: {} }, 'grant must be a grant with obtain or refresh'],
    [{ key: 'k', grant: { obtain: 'x' } }, 'grant must be a grant'],
    [{ key: 'k', grant, store: {} }, 'store must be a store, for example from sqliteStore'],
    [{ key: 'k', grant, stroe: memoryStore() }, 'createSession: stroe is not supported: did you mean store?'],
    [{ key: 'k', grant, origins: 'https://a.test' }, 'origins must be an array of origins'],
    [
      { key: 'k', grant, origins: ['http://a.test'] },
      'origins is http://a.test: secrets are sent over https: only',
    ],
    [
      { key: 'k', grant, origins: ['http://a.localhost'] },
      'createSession: origins is http://a.localhost: secrets',
    ],
    [
      { key: 'k', grant, origins: ['https://{host}'] },
      "createSession: origins is https://{host}: replace '{host}'",
    ],
    [
      { key: 'k', grant, requestTimeout: 0 },
      'requestTimeout must be a number of milliseconds from 1 (received 0)',
    ],
    [
      { key: 'k', grant, leaseTime: 10_999 },
      'leaseTime must be at least 11000, which is requestTimeout + 1000',
    ],
    [
      { key: 'k', grant, waitTimeout: Number.NaN },
      'waitTimeout must be a number of milliseconds from 1 (received NaN)',
    ],
    [{ key: 'k', grant, keepAlive: 1 }, 'keepAlive must be true or false (received 1)'],
    [null, 'options must be a plain object (received null)'],
  ])('%j', (options, message) => {
    expect(() => createSession(options as never)).toThrow(message)
  })
})

describe('sessions', () => {
  let domain: TestDomain

  beforeEach(async () => {
    domain = await startTestDomain()
  })

  afterEach(async () => {
    await domain.close()
  })

  it('with the same key share nothing if their grants differ in application or user', async () => {
    const store = memoryStore()
    const oauth = domain.oauth({ store })
    await oauth.setToken(await domain.signIn())
    const jwt = domain.jwt({ store })
    const [oauthToken, jwtToken] = [await oauth.getAccessToken(), await jwt.getAccessToken()]
    expect(oauthToken).not.toBe(jwtToken)
    expect(domain.sends()).toBe(1)
    await jwt.signOut()
    expect(await oauth.getAccessToken()).toBe(oauthToken)
  })

  it('with different keys share nothing', async () => {
    const store = memoryStore()
    const oauth = domain.oauth({ store })
    await oauth.setToken(await domain.signIn())
    await expect(domain.oauth({ store, key: 'user-2' }).getToken()).rejects.toMatchObject({
      cause: 'no_token',
    })
  })

  it('read and send nothing before their first use', async () => {
    const read = vi.fn()
    const store = { ...memoryStore(), read }
    domain.oauth({ store }).close()
    await new Promise((resolve) => setImmediate(resolve))
    expect(read).not.toHaveBeenCalled()
    expect(domain.emulator.requests).toEqual([])
  })

  it('return a fresh token without reading the store', async () => {
    const store = memoryStore()
    const read = vi.spyOn(store, 'read')
    const { watch: _watch, ...withoutWatch } = store
    const session = domain.jwt({ store: withoutWatch })
    await session.getToken()
    const { calls } = read.mock
    const before = calls.length
    for (let caller = 0; caller < 1000; caller++) await session.getAccessToken()
    expect(calls.length).toBe(before)
  })

  it('read a store without watch again after 5 seconds', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const { watch: _watch, ...store } = memoryStore()
    const [one, other] = [domain.oauth({ store }), domain.oauth({ store })]
    await one.setToken(await domain.signIn())
    const token = await other.getAccessToken()
    const events = recordEvents(other)
    await one.signOut()
    vi.advanceTimersByTime(5000)
    expect(await other.getAccessToken()).toBe(token)
    vi.advanceTimersByTime(1)
    await expect(other.getToken()).rejects.toMatchObject({ cause: 'signed_out' })
    vi.useRealTimers()
    expect(events).toEqual([{ type: 'signed_out', by: 'another' }])
  })

  it('watch the store before they read it first', async () => {
    const store = memoryStore()
    const [one, other] = [domain.oauth({ store }), domain.oauth({ store })]
    await one.setToken(await domain.signIn())
    const digest = crypto.subtle.digest.bind(crypto.subtle)
    const spy = vi.spyOn(crypto.subtle, 'digest')
    // The first digest ends after later ones, as it may on a busy machine.
    spy.mockImplementationOnce(async (...data) => {
      for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve))
      return digest(...data)
    })
    await other.getToken()
    await one.signOut()
    spy.mockRestore()
    await expect(other.getToken()).rejects.toMatchObject({ cause: 'signed_out' })
  })

  it('that wait for a lease continue when the store reports a change', async () => {
    // Timers never fire, so only the notification ends the pause.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const store = memoryStore()
    const sessions = [domain.oauth({ store }), domain.oauth({ store })]
    await sessions[0]?.setToken(await domain.signIn())
    domain.emulator.clock.advance(7_200_000)
    const tokens = Promise.all(sessions.map((session) => session.getAccessToken()))
    const late = new Promise((_resolve, reject) =>
      realTimeout(reject, 10_000, new Error('no change')).unref(),
    )
    expect(new Set((await Promise.race([tokens, late])) as string[]).size).toBe(1)
    vi.useRealTimers()
  })
})
