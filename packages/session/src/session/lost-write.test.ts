import { memoryStore, type Store, type StoredRecord, type StoreScope } from '@pds/session'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { hour, recordEvents, startTestDomain, type TestDomain } from '../test/test-domain.test-helper.ts'

/* A store that loses its last writes, for example in a failover of Redis or a restored backup. */

let domain: TestDomain

beforeEach(async () => {
  domain = await startTestDomain()
})

afterEach(async () => {
  vi.useRealTimers()
  await domain.close()
})

/** A store that a test can set back to an earlier record, as a failover does. */
function forgetfulStore(scope: StoreScope = 'cluster') {
  const records = new Map<string, StoredRecord>()
  const { lease, release } = memoryStore()
  const history: Map<string, StoredRecord>[] = []
  const store: Store = {
    scope,
    read: async (key) => records.get(key),
    async compareAndSet(key, { epoch, data }, expectedRev, holder) {
      if ((records.get(key)?.rev ?? 0) !== expectedRev) return false
      history.push(new Map(records))
      records.set(key, { epoch, data, rev: expectedRev + 1 })
      if (holder) await release(key, holder.owner, holder.fence)
      return true
    },
    lease: async (...args) => {
      const granted = await lease(...args)
      return granted && { ...granted, record: records.get(args[0]) }
    },
    release,
  }
  return {
    store,
    /** Undoes the last writes. */
    undo(writes: number) {
      const earlier = history.splice(-writes)[0]
      records.clear()
      for (const [key, record] of earlier ?? []) records.set(key, record)
    },
    clear: () => records.clear(),
    state: () => {
      const [record] = records.values()
      return record && JSON.parse(record.data)
    },
  }
}

/** Lets sessions read their record again, because 5 seconds have passed. */
function passFiveSeconds(): void {
  vi.advanceTimersByTime(5001)
  domain.emulator.clock.advance(5001)
}

/** Signs a session in and lets it refresh its token once. */
async function refreshed(scope?: StoreScope, options: Parameters<TestDomain['oauth']>[0] = {}) {
  vi.useFakeTimers({ toFake: ['performance'] })
  const forgetful = forgetfulStore(scope)
  const session = domain.oauth({ store: forgetful.store, ...options })
  await session.setToken(await domain.signIn())
  domain.emulator.clock.advance(2 * hour)
  const token = await session.getToken()
  return { session, token, ...forgetful, state: forgetful.state }
}

describe.each([
  // The intent, and the new token.
  ['its last two writes', (store: ReturnType<typeof forgetfulStore>) => store.undo(2)],
  ['its last write', (store: ReturnType<typeof forgetfulStore>) => store.undo(1)],
  ['everything', (store: ReturnType<typeof forgetfulStore>) => store.clear()],
])('a store that loses %s', (_what, lose) => {
  it('gets the newer state back from a session that knows it', async () => {
    const { session, token, ...forgetful } = await refreshed()
    const events = recordEvents(session)
    lose(forgetful as never)
    passFiveSeconds()
    expect(await session.getAccessToken()).toBe(token.access_token)
    expect(forgetful.state().token.info).toMatchObject({ refresh_token: token.refresh_token })
    expect(domain.sends()).toBe(1)
    // A process that knew nothing uses it.
    const other = domain.oauth({ store: forgetful.store })
    expect(await other.getAccessToken()).toBe(token.access_token)
    expect(events).toEqual([])
  })

  it('gets it back before a refresh token is spent', async () => {
    const { session, token, ...forgetful } = await refreshed()
    lose(forgetful as never)
    vi.advanceTimersByTime(5001)
    expect(await session.getAccessToken({ rejected: token.access_token })).not.toBe(token.access_token)
    expect(domain.emulator.invalidTokenUses.refresh).toBe(0)
    expect(domain.sends()).toBe(2)
  })

  it('is asked again after a sleep: the service decides whether the sign-in lives', async () => {
    const { session, token, ...forgetful } = await refreshed()
    lose(forgetful as never)
    vi.advanceTimersByTime(60_000)
    domain.emulator.clock.advance(60_000)
    const refreshedAgain = new Promise((resolve) => session.subscribe('refreshed', resolve))
    // Until then, the living token is not dropped.
    expect(await session.getAccessToken()).toBe(token.access_token)
    await refreshedAgain
    expect(domain.emulator.invalidTokenUses.refresh).toBe(0)
    expect(forgetful.state()).toMatchObject({ status: 'ok', generation: 3 })
  })

  it('does not get a sign-in back that was revoked during a sleep', async () => {
    const { session, token, ...forgetful } = await refreshed()
    const other = domain.oauth({ store: forgetful.store })
    await other.signOut()
    lose(forgetful as never)
    forgetful.clear()
    vi.advanceTimersByTime(60_000)
    domain.emulator.clock.advance(2 * hour)
    await expect(session.getToken()).rejects.toMatchObject({ code: 'LoginRequired', cause: 'rejected' })
    expect(forgetful.state()).not.toHaveProperty('status', 'ok')
    expect(token).toHaveProperty('refresh_token')
  })

  it('gets a sign-out back, even after a sleep', async () => {
    const { session, ...forgetful } = await refreshed()
    await session.signOut()
    lose(forgetful as never)
    vi.advanceTimersByTime(3_600_000)
    domain.emulator.clock.advance(hour)
    await expect(session.getToken()).rejects.toMatchObject({ cause: 'signed_out' })
    expect(forgetful.state()).toMatchObject({ status: 'signed_out' })
    await expect(domain.oauth({ store: forgetful.store }).getToken()).rejects.toMatchObject({
      cause: 'signed_out',
    })
  })
})

it('a sign-in in an emptied store wins over the one before', async () => {
  const { session, store, clear } = await refreshed()
  clear()
  domain.emulator.clock.advance(1000)
  const next = await domain.signIn()
  await domain.oauth({ store }).setToken(next)
  passFiveSeconds()
  expect(await session.getAccessToken()).toBe(next.access_token)
})

it('a family is not revoked when the store has lost a write', async () => {
  const { session, token, store, undo } = await refreshed('cluster', { replayLostRefresh: false })
  undo(2)
  vi.advanceTimersByTime(5001)
  domain.emulator.clock.advance(2 * hour)
  expect(await session.getAccessToken()).not.toBe(token.access_token)
  expect(await domain.oauth({ store }).getToken()).toHaveProperty('access_token')
  expect(domain.emulator.invalidTokenUses.refresh).toBe(0)
})

describe('the emptied store of a browser', () => {
  it('gets nothing back: the tab keeps its token in memory', async () => {
    const { session, token, store, clear, state } = await refreshed('origin')
    clear()
    passFiveSeconds()
    expect(await session.getAccessToken()).toBe(token.access_token)
    expect(state()).toBeUndefined()
    // Also after a refresh.
    domain.emulator.clock.advance(2 * hour)
    vi.advanceTimersByTime(7_200_000)
    const next = await session.getAccessToken()
    expect(next).not.toBe(token.access_token)
    expect(state()).toBeUndefined()
    await expect(domain.oauth({ store }).getToken()).rejects.toMatchObject({ cause: 'no_token' })
    expect(domain.emulator.invalidTokenUses.refresh).toBe(0)
  })

  it('gets a new sign-in, which the tab adopts', async () => {
    const { session, store, clear } = await refreshed('origin')
    clear()
    passFiveSeconds()
    await session.getToken()
    domain.emulator.clock.advance(1000)
    const next = await domain.signIn()
    await domain.oauth({ store }).setToken(next)
    passFiveSeconds()
    expect(await session.getAccessToken()).toBe(next.access_token)
  })

  it('gets a sign-out, which ends the token in memory', async () => {
    const { session, clear, state } = await refreshed('origin')
    clear()
    passFiveSeconds()
    await session.getToken()
    await session.signOut()
    expect(state()).toMatchObject({ status: 'signed_out' })
    await expect(session.getToken()).rejects.toMatchObject({ cause: 'signed_out' })
  })
})

it('a late holder keeps the new refresh token of a server that keeps the access token', async () => {
  let access = 0
  const spent: string[] = []
  let respond: (token: object) => void = () => undefined
  const grant = {
    refresh: (refresh_token: string) => {
      spent.push(refresh_token)
      return new Promise<never>((resolve) => {
        respond = resolve as typeof respond
      })
    },
  }
  const store = memoryStore()
  const session = domain.oauth({ grant, store })
  const access_token = `same-${++access}`
  await session.setToken({ access_token, refresh_token: 'R0', expires_in: 60 })
  domain.emulator.clock.advance(40_000)
  // The first write of the token fails after another session has taken the lease over and written its intent.
  const { compareAndSet } = store
  let writes = 0
  store.compareAndSet = async (key, record, rev, holder) => {
    if (++writes !== 2) return compareAndSet(key, record, rev, holder)
    const stored = await store.read(key)
    await compareAndSet(
      key,
      { ...stored, data: stored?.data.replace(/"owner":"[^"]*"/, '"owner":"late"') } as never,
      rev,
    )
    return false
  }
  const caller = session.getToken()
  await expect.poll(() => spent.length).toBe(1)
  respond({ access_token, refresh_token: 'R1', expires_in: 7200 })
  expect(await caller).toMatchObject({ access_token, refresh_token: 'R1' })
  const fresh = domain.oauth({ grant, store })
  expect(await fresh.getToken()).toMatchObject({ access_token, refresh_token: 'R1' })
  expect(spent).toEqual(['R0'])
})
