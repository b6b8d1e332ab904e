import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import {
  pgbouncerIsMissing,
  postgresIsMissing,
  type RunningPostgres,
  startPgbouncer,
  startPostgres,
} from '../../../packages/session-postgres/src/start-postgres.test-helper.ts'
import { testProcesses } from './sessions/process-tests.ts'
import { SessionFleet } from './sessions/session-fleet.ts'
import { type SharedSession, startSharedSession } from './sessions/shared-session.ts'

const hour = 3_600_000

describe.skipIf(postgresIsMissing)(postgresIsMissing || 'on PostgreSQL', () => {
  let server: RunningPostgres

  beforeAll(async () => {
    // Each process of a test has a pool of up to 10 connections.
    server = await startPostgres('max_connections=200')
  })

  afterAll(() => server.stop())

  testProcesses('pg', () => server.url)

  /** Shares a session of an OAuth application with processes, which use both clients. */
  async function share(
    url: string,
    subscriber: boolean,
    count = 4,
  ): Promise<{ shared: SharedSession; fleet: SessionFleet }> {
    const shared = await startSharedSession('oauth', 'pg', url)
    onTestFinished(() => shared.close())
    const { store, ...options } = shared.options
    const fleet = await SessionFleet.start(count)
    onTestFinished(() => fleet.end())
    const types = ['pg', 'postgres'] as const
    await fleet.open((index) => {
      const type = types[index % 2] ?? 'pg'
      return { ...options, store: { ...store, type, subscriber } }
    })
    return { shared, fleet }
  }

  /** Asserts that 50 callers of each process get the same token with one refresh. */
  async function expectOneRefresh(shared: SharedSession, fleet: SessionFleet): Promise<void> {
    const { results } = await fleet.run({ type: 'getToken', callers: 50 })
    expect(new Set(results.map((result) => JSON.stringify(result))).size).toBe(1)
    expect(results).toHaveLength(50 * fleet.processes.length)
    expect(results[0]).toHaveProperty('ok')
    expect(shared.sends()).toBe(1)
    expect(shared.emulator.invalidTokenUses).toEqual({ access: 0, refresh: 0 })
  }

  it('8 processes with 50 callers each refresh once with both clients', async () => {
    const { shared, fleet } = await share(server.url, false, 8)
    await expectOneRefresh(shared, fleet)
  })

  it('4 processes that listen hear of a sign-out without a call', async () => {
    const { shared, fleet } = await share(server.url, true)
    await fleet.run({ type: 'getToken', callers: 1 })
    await shared.session.signOut()
    for (const each of fleet.processes) {
      const heard = async () => (await each.run({ type: 'getToken', callers: 0 })).events
      await expect.poll(heard).toContainEqual({ type: 'signed_out', by: 'another', cause: undefined })
    }
  })

  it.each([false, true])(
    'no sign-in is lost when the server crashes, with listeners: %s',
    async (subscriber) => {
      const { shared, fleet } = await share(server.url, subscriber)
      await fleet.run({ type: 'getToken', callers: 10 })
      await server.crash()
      await server.start()
      // The service rejects the expired access token, so each session needs its refresh token.
      shared.emulator.clock.advance(3 * hour)
      const { results, events } = await fleet.run({ type: 'fetch', callers: 10 })
      expect(results).toEqual(Array(40).fill({ ok: '200' }))
      expect(events.filter(({ type }) => type === 'login_required')).toEqual([])
      expect(shared.sends()).toBe(2)
      expect(shared.emulator.invalidTokenUses.refresh).toBe(0)
    },
  )

  it.skipIf(pgbouncerIsMissing)(
    '8 processes refresh once through PgBouncer in transaction mode',
    async () => {
      const pooler = await startPgbouncer(server)
      onTestFinished(() => pooler.stop())
      const { shared, fleet } = await share(pooler.url, false, 8)
      await expectOneRefresh(shared, fleet)
    },
  )
})
