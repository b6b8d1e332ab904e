import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { PDSError } from '@pds/core'
import { createSession, memoryStore } from '@pds/session'
import type { Grant } from '@pds/types'
import { afterAll, beforeAll, expect, it } from 'vitest'

/* Renewals that fail before their request is sent leave nothing in memory, however often a caller tries again. */

setFlagsFromString('--expose-gc')
const gc: () => void = runInNewContext('gc')

// Most of the time was spent on the stacks of the errors.
const { stackTraceLimit } = Error
beforeAll(() => {
  Error.stackTraceLimit = 0
})
afterAll(() => {
  Error.stackTraceLimit = stackTraceLimit
})

const failures = 30_000
// In bytes: with an entry for each failure, 3,000,000 remained.
const tolerance = 500_000

function heapUsed(): number {
  // The second collection frees objects that the first one has made unreachable.
  gc()
  gc()
  return process.memoryUsage().heapUsed
}

const fail = () =>
  Promise.reject(new PDSError('connection refused', { code: 'NetworkError', outcome: 'not-sent' }))
const brokenStore = () => Promise.reject(new Error('disk full'))
const expired = {
  access_token: 'a',
  refresh_token: 'r',
  expires_in: 7200,
  expire_time: '2026-01-02T03:04:05Z',
  token_type: 'Bearer',
}

it.each<[string, Grant, { isStoreBroken: boolean }]>([
  ['refreshes that are not sent', { refresh: fail }, { isStoreBroken: false }],
  ['grants that cannot obtain a token', { obtain: fail }, { isStoreBroken: false }],
  ['grants that can do neither', { refresh: fail, obtain: fail }, { isStoreBroken: false }],
  ['stores that do not grant the lease', { refresh: fail }, { isStoreBroken: true }],
])('30,000 renewals leave nothing with %s', async (_name, grant, { isStoreBroken }) => {
  const store = memoryStore()
  const session = createSession({ key: 'user-1', grant, store })
  await session.setToken(expired)
  if (isStoreBroken) store.lease = brokenStore
  let failed = 0
  const failOften = async (count: number) => {
    for (let index = 0; index < count; index++) {
      await session.getAccessToken().catch(() => {
        failed++
      })
    }
  }
  // Compiles the code and fills caches.
  await failOften(3000)
  const before = heapUsed()
  await failOften(failures)
  expect(heapUsed() - before).toBeLessThan(tolerance)
  expect(failed).toBe(3000 + failures)
  session.close()
})
