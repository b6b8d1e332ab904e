import { encryptedStore, memoryStore, type Session, type Store } from '@pds/session'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { hour, recordEvents, startTestDomain, type TestDomain } from '../test/test-domain.test-helper.ts'

/* A record that cannot be read never locks a user out. */

let domain: TestDomain

beforeEach(async () => {
  domain = await startTestDomain()
})

afterEach(async () => {
  vi.useRealTimers()
  await domain.close()
})

const keyOf = (seed: number) => new Uint8Array(32).fill(seed)

/** A memory store whose record a test can replace, and which counts the writes of sessions. */
function damageable() {
  const store = memoryStore() as Required<Store>
  let storedUnder = ''
  let writes = 0
  return {
    store: {
      ...store,
      async compareAndSet(
        key: string,
        ...rest: Parameters<Store['compareAndSet']> extends [string, ...infer R] ? R : never
      ) {
        storedUnder = key
        writes++
        return store.compareAndSet(key, ...rest)
      },
    },
    get writes() {
      return writes
    },
    data: async () => (await store.read(storedUnder))?.data,
    /** Replaces the data of the record, in the next revision. */
    async replace(change: (data: string) => string) {
      const stored = await store.read(storedUnder)
      if (!stored) throw new Error('nothing is stored')
      const { epoch, data, rev } = stored
      await store.compareAndSet(storedUnder, { epoch, data: change(data) }, rev)
    },
  }
}

const damages: [string, (data: string) => string, RegExp][] = [
  ['truncated', (data) => data.slice(0, -20), /damaged/],
  ['empty', () => '', /damaged/],
  ['of another type', () => '[]', /damaged/],
  [
    'with a token that breaks headers',
    (data) => data.replace(/"access_token":"/, '"access_token":"a\\r\\nb'),
    /damaged/,
  ],
  ['in a newer format', (data) => data.replace('"format":1', '"format":2'), /update @pds\/session/],
]

describe.each(damages)('a record that is %s', (_what, change, message) => {
  async function damagedSession(kind: 'oauth' | 'jwt') {
    const damaged = damageable()
    const first = domain[kind]({ store: damaged.store })
    if (kind === 'oauth') await first.setToken(await domain.signIn())
    else await first.getToken()
    first.close()
    await damaged.replace(change)
    const session = domain[kind]({ store: damaged.store })
    return { session, events: recordEvents(session), ...damaged, damaged }
  }

  it('is reported once, and stays as it is', async () => {
    const { session, events, damaged } = await damagedSession('oauth')
    const before = await damaged.data()
    for (let call = 0; call < 3; call++) {
      await expect(session.getToken()).rejects.toMatchObject({
        code: 'StoreFailed',
        outcome: 'not-sent',
        message,
      })
    }
    expect(events).toMatchObject([{ type: 'error', error: { code: 'StoreFailed', message } }])
    expect(await session.status()).toMatchObject({ status: 'unknown', error: { message } })
    expect(await damaged.data()).toBe(before)
    expect(domain.sends()).toBe(0)
  })

  it('is replaced by setToken', async () => {
    const { session } = await damagedSession('oauth')
    const token = await domain.signIn()
    await session.setToken(token)
    expect(await session.getAccessToken()).toBe(token.access_token)
    expect(session.state).toMatchObject({ status: 'ok' })
    expect(session.state).not.toHaveProperty('error')
  })

  it('is replaced by signOut', async () => {
    const { session } = await damagedSession('oauth')
    await session.signOut()
    await expect(session.getToken()).rejects.toMatchObject({ cause: 'signed_out' })
  })

  it('does not stop a grant that obtains tokens', async () => {
    const { session, events } = await damagedSession('jwt')
    const token = await session.getAccessToken()
    expect(await session.getAccessToken()).toBe(token)
    expect(events.filter(({ type }) => type === 'error')).toHaveLength(1)
  })
})

it('a token that was obtained anew replaces a damaged record at most once in 30 seconds', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  const damaged = damageable()
  const session = domain.jwt({ store: damaged.store })
  await session.getToken()
  await damaged.replace(() => 'damaged')
  const next = domain.jwt({ store: damaged.store })
  await next.getToken()
  expect(await damaged.data()).toContain('"format":1')
  for (const isReplaced of [false, true]) {
    await damaged.replace(() => 'damaged')
    const writes = damaged.writes
    const another = domain.jwt({ store: damaged.store })
    const token = await another.getAccessToken()
    expect(await another.getAccessToken()).toBe(token)
    expect(damaged.writes).toBe(isReplaced ? writes + 1 : writes)
    vi.advanceTimersByTime(30_000)
  }
})

it('a token that was obtained anew never replaces a record in a newer format', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  const damaged = damageable()
  await domain.jwt({ store: damaged.store }).getToken()
  await damaged.replace((data) => data.replace('"format":1', '"format":2'))
  const before = await damaged.data()
  for (let hours = 0; hours < 3; hours++) {
    const session = domain.jwt({ store: damaged.store })
    const token = await session.getAccessToken()
    domain.emulator.clock.advance(3 * hour)
    expect(await session.getAccessToken()).not.toBe(token)
    vi.advanceTimersByTime(3_600_000)
  }
  expect(await damaged.data()).toBe(before)
})

describe('a record that no key decrypts', () => {
  const encrypted = (store: Store, seed: number) => encryptedStore(store, keyOf(seed))

  async function lostKey(
    kind: 'oauth' | 'jwt',
  ): Promise<{ session: Session; right: Session; writes: () => number }> {
    const damaged = damageable()
    const right = domain[kind]({ store: encrypted(damaged.store, 1) })
    if (kind === 'oauth') await right.setToken(await domain.signIn())
    else await right.getToken()
    return {
      session: domain[kind]({ store: encrypted(damaged.store, 2) }),
      right,
      writes: () => damaged.writes,
    }
  }

  it('is reported and stays as it is, for the process that has the key', async () => {
    const { session, right, writes } = await lostKey('oauth')
    const before = writes()
    domain.emulator.clock.advance(2 * hour)
    const events = recordEvents(session)
    for (let call = 0; call < 3; call++) {
      await expect(session.getToken()).rejects.toMatchObject({ code: 'DecryptionFailed' })
    }
    expect(events).toMatchObject([{ type: 'error', error: { code: 'DecryptionFailed' } }])
    expect(writes()).toBe(before)
    expect(domain.sends()).toBe(0)
    expect(await right.getToken()).toHaveProperty('access_token')
  })

  it('is replaced by setToken and by signOut', async () => {
    const { session } = await lostKey('oauth')
    const token = await domain.signIn()
    await session.setToken(token)
    expect(await session.getAccessToken()).toBe(token.access_token)
    const other = await lostKey('oauth')
    await other.session.signOut()
    await expect(other.session.getToken()).rejects.toMatchObject({ cause: 'signed_out' })
  })

  it('does not stop a grant that obtains tokens, which replaces it once in 30 seconds', async () => {
    const { session, right, writes } = await lostKey('jwt')
    const before = writes()
    const token = await session.getAccessToken()
    expect(writes()).toBe(before + 1)
    // The other process has its token in memory, and does not fight for the record.
    expect(await right.getAccessToken()).toEqual(expect.any(String))
    expect(await session.getAccessToken()).toBe(token)
    expect(writes()).toBe(before + 1)
  })
})

it('a living token is returned although its record was damaged meanwhile', async () => {
  const damaged = damageable()
  const session = domain.oauth({ store: damaged.store })
  const token = await domain.signIn()
  await session.setToken(token)
  const events = recordEvents(session)
  await damaged.replace((data) => data.slice(0, -9))
  expect(await session.getAccessToken()).toBe(token.access_token)
  expect(events).toMatchObject([{ type: 'error', error: { code: 'StoreFailed' } }])
  // The record may have held a newer refresh token, so the known one is not spent.
  domain.emulator.clock.advance(2 * hour)
  await expect(session.getToken()).rejects.toMatchObject({ code: 'StoreFailed' })
  expect(domain.sends()).toBe(0)
  const next = await domain.signIn()
  await session.setToken(next)
  expect(await session.getAccessToken()).toBe(next.access_token)
})
