import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { jwtAppEnvironment } from './example-process.ts'

/* Tests the sessions of the back-end guides. The tests share one pool, which the last test closes. */

let emulator: RunningEmulator
let backEnd: typeof import('../../examples/back-end/pds-sessions.ts')

beforeAll(async () => {
  emulator = await startEmulator({ domain_id: 'bj1' })
  for (const [name, value] of Object.entries(jwtAppEnvironment(emulator))) vi.stubEnv(name, value)
  // The module reads its settings at import time.
  backEnd = await import('../../examples/back-end/pds-sessions.ts')
})

afterAll(async () => {
  vi.unstubAllEnvs()
  await emulator.close()
})

it('keeps at most 10,000 sessions open, and finds the token or sign-out of an evicted session again', async () => {
  const { beginSession, endSession, tokenForPage, users } = backEnd
  await beginSession('ann')
  await beginSession('lin')
  await endSession('lin')
  const token = await tokenForPage('ann', undefined)
  const sent = emulator.requests.length
  for (let i = 0; i < 10_000; i++) users.get(`user-${i}`)
  expect(users.stats()).toMatchObject({ open: 10_000, pinned: 0, evicted: 2 })
  expect(users.get('ann').state).toEqual({ status: 'unknown' })
  expect(await tokenForPage('ann', undefined)).toEqual({ ...token, expires_in: expect.any(Number) })
  await expect(tokenForPage('lin', undefined)).rejects.toMatchObject({ code: 'LoginRequired' })
  expect(users.stats()).toMatchObject({ open: 10_000, evicted: 4 })
  expect(emulator.requests).toHaveLength(sent)
})

it('completes the calls that are under way when it closes its sessions, and accepts no others', async () => {
  const { closeSessions, tokenForPage } = backEnd
  const ended: string[] = []
  const pending = tokenForPage('eva', undefined).finally(() => ended.push('call'))
  const closed = closeSessions().finally(() => ended.push('close'))
  await expect(tokenForPage('ann', undefined)).rejects.toThrow('the pool of sessions is closed')
  expect(await pending).toMatchObject({ user_id: 'eva', access_token: expect.any(String) })
  await closed
  expect(ended).toEqual(['call', 'close'])
})
