import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createSessions, type Store } from '@pds/session'
import { expect, it, vi } from 'vitest'

/* An evicted session leaves nothing in the process: no memory and no timer. */

setFlagsFromString('--expose-gc')
const gc: () => void = runInNewContext('gc')

function heapUsed(): number {
  // The second collection frees objects that the first one has made unreachable.
  gc()
  gc()
  return process.memoryUsage().heapUsed
}

/** A store outside of the process that has lost each record by the time it is read. */
const forgetfulStore: Store = {
  scope: 'cluster',
  read: async () => undefined,
  compareAndSet: async () => true,
  lease: async () => ({ fence: 1, record: undefined }),
  release: async () => undefined,
}

const token = JSON.stringify({
  access_token: 'a'.repeat(512),
  refresh_token: 'r'.repeat(32),
  expires_in: 7200,
})

function openPool(max: number, keepAlive = false) {
  return createSessions({
    // Parsed for each user, like the response of a service.
    grant: (key) => ({ id: key, obtain: async () => JSON.parse(token) }),
    ...{ store: forgetfulStore, max, keepAlive },
  })
}

it('100,000 users through a pool of 1,000 leave no memory', async () => {
  const users = openPool(1000)
  const getTokens = async (prefix: string, count: number) => {
    for (let index = 0; index < count; index++) await users.get(`${prefix}-${index}`).getAccessToken()
  }
  // Fills the pool, compiles the code and fills caches.
  await getTokens('warm', 5000)
  const before = heapUsed()
  await getTokens('user', 100_000)
  const left = heapUsed() - before
  expect(users.stats()).toMatchObject({ open: 1000, pinned: 0, evicted: 104_000 })
  // In bytes. An array with a reference to each user would need 800,000.
  expect(left).toBeLessThan(500_000)
  await users.close()
})

it('evicted sessions leave no timer, and a closed pool neither', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
  try {
    // Each open session has a timer.
    const users = openPool(100, true)
    for (let index = 0; index < 1000; index++) await users.get(`user-${index}`).getAccessToken()
    expect(users.stats()).toMatchObject({ open: 100, evicted: 900 })
    expect(vi.getTimerCount()).toBe(100)
    await users.close()
    expect(vi.getTimerCount()).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})
