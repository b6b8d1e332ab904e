import type { Store } from '@pds/session'
import { storeTests } from '@pds/session/testing'
import { type PostgresStore, postgresStore } from '@pds/session-postgres'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { connectClient, type TestClient } from './clients.test-helper.ts'
import {
  pgbouncerIsMissing,
  postgresIsMissing,
  type RunningPostgres,
  startPgbouncer,
  startPostgres,
} from './start-postgres.test-helper.ts'
import { until, untilSubscribed, watching } from './watching.test-helper.ts'

const record = (data: string) => ({ epoch: 1, data })
const channel = 'pds_public_pds_sessions'

describe.skipIf(postgresIsMissing)(`postgresStore with listen ${postgresIsMissing || ''}`, () => {
  let server: RunningPostgres
  let admin: Client
  beforeAll(async () => {
    server = await startPostgres()
    admin = new Client(server.url)
    await admin.connect()
  })
  afterAll(async () => {
    await admin?.end()
    await server?.stop()
  })

  /** Terminates the connections that listen. Those of pools run other statements. */
  const terminateListeners = () =>
    admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query ILIKE 'listen %'")

  describe.each(Object.entries(connectClient))('over %s', (_name, connect) => {
    const clients: TestClient[] = []
    const stores: PostgresStore[] = []
    const [one, other] = [() => stores[0] as PostgresStore, () => stores[1] as PostgresStore]
    beforeAll(async () => {
      clients.push(connect(server.url), connect(server.url))
      stores.push(...clients.map(({ query, listen }) => postgresStore({ query, listen })))
      await one().migrate()
      for (const store of stores) await untilSubscribed(store)
    })
    afterAll(async () => {
      await Promise.all(stores.map((store) => store.close()))
      await Promise.all(clients.map((client) => client.close()))
      await admin.query('DELETE FROM pds_sessions')
    })
    let opened = 0

    describe('fulfils the Store contract', () => {
      it.each(storeTests(() => stores[opened++ % 2] as Store))('$name', ({ run }) => run())
    })

    it('hears of the writes of another store, and of a store without listen', async () => {
      const { calls } = await watching(one(), 'heard')
      let before = calls()
      await other().compareAndSet('heard', record('a'), 0)
      await until(() => calls() > before)
      before = calls()
      await postgresStore({ query: (clients[1] as TestClient).query }).compareAndSet('heard', record('b'), 1)
      await until(() => calls() > before)
      expect(one().isWatching?.('heard')).toBe(true)
    })

    it('hears of long keys, and of keys with any characters', async () => {
      for (const key of ['x'.repeat(20_000), 'a\0\ud800', '\uFDD0']) {
        const { calls } = await watching(one(), key)
        const before = calls()
        await other().compareAndSet(key, record('a'), 0)
        await until(() => calls() > before)
      }
    })

    it('hears of no write that failed, and of no lease', async () => {
      const { calls } = await watching(one(), 'quiet')
      const before = calls()
      await other().compareAndSet('quiet', record('a'), 5)
      const fence = (await other().lease('quiet', 'one', 60_000))?.fence as number
      await other().release('quiet', 'one', fence)
      await other().compareAndSet('quiet', record('a'), 0)
      // Notifications arrive in the order of the commits.
      await until(() => calls() > before)
      expect(calls()).toBe(before + 1)
    })

    it('hears of the removal of an unused session', async () => {
      const { calls } = await watching(one(), 'removed')
      let before = calls()
      await other().compareAndSet('removed', record('a'), 0)
      await until(() => calls() > before)
      before = calls()
      await admin.query("UPDATE pds_sessions SET used_at = now() - interval '31 days' WHERE key = 'removed'")
      const { query } = clients[1] as TestClient
      await postgresStore({ query, expireAfter: 2_592_000_000 }).lease('any', 'one', 1000)
      await until(() => calls() > before)
      expect(await one().read('removed')).toBeUndefined()
    })

    it('sends keys, but no data', async () => {
      const monitor = new Client(server.url)
      await monitor.connect()
      onTestFinished(() => monitor.end())
      const payloads: string[] = []
      monitor.on('notification', ({ channel, payload }) => payloads.push(`${channel} ${payload}`))
      await monitor.query(`LISTEN ${channel}`)
      const data = JSON.stringify({ access: 'canary', refresh: 'canary' })
      const { fence = 0 } = (await one().lease('user:1', 'canary owner', 60_000)) ?? {}
      await one().compareAndSet('user:1', { epoch: 0, data }, 0, { owner: 'canary owner', fence })
      await until(() => payloads.length > 0)
      const changes = payloads.filter((payload) => !/ check:[\da-f-]{36} \d+ [\d.]+$/.test(payload))
      expect(changes).toEqual([`${channel} key:user:1`])
    })

    it('calls all watchers after its connection was terminated', async () => {
      const watched = [await watching(one(), 'killed 1'), await watching(one(), 'killed 2')]
      const before = watched.map(({ calls }) => calls())
      await terminateListeners()
      for (const [index, { calls }] of watched.entries()) {
        await until(() => {
          // The store subscribes again when it is asked.
          one().isWatching?.('killed 1')
          return calls() > (before[index] ?? 0)
        })
      }
      await until(() => one().isWatching?.('killed 1'))
      const { calls } = watched[1] as { calls(): number }
      const again = calls()
      await other().compareAndSet('killed 2', record('a'), 0)
      await until(() => calls() > again)
    })
  })

  it.skipIf(pgbouncerIsMissing)('hears of writes through PgBouncer on a direct connection', async () => {
    const pooler = await startPgbouncer(server)
    const [pooled, direct] = [connectClient.pg(pooler.url), connectClient.pg(server.url)]
    const store = postgresStore({ query: pooled.query, listen: direct.listen })
    onTestFinished(async () => {
      await store.close()
      await Promise.all([pooled.close(), direct.close()])
      await pooler.stop()
    })
    await store.migrate()
    const { calls } = await watching(store, 'pooled')
    const before = calls()
    await store.compareAndSet('pooled', record('a'), 0)
    await until(() => calls() > before)
  })

  it('does not say that it watches if listen has another server than query', async () => {
    const another = await startPostgres()
    const [client, elsewhere] = [connectClient.pg(server.url), connectClient.pg(another.url)]
    const store = postgresStore({ query: client.query, listen: elsewhere.listen })
    onTestFinished(async () => {
      await store.close()
      await Promise.all([client.close(), elsewhere.close()])
      await another.stop()
    })
    await store.migrate()
    let calls = 0
    store.watch?.('elsewhere', () => calls++)
    await until(() => calls > 0)
    // The store has sent a check. The server delivers a later notification after it.
    const { rows } = await admin.query('SELECT 1')
    expect(rows).toHaveLength(1)
    expect(store.isWatching?.('elsewhere')).toBe(false)
  })

  it('works if listen fails, and does not say that it watches', async () => {
    const client = connectClient.pg(server.url)
    onTestFinished(() => void client.close())
    for (const listen of [
      async () => Promise.reject(new Error('no connection')),
      () => {
        throw new Error('no connection')
      },
    ]) {
      const store = postgresStore({ query: client.query, listen })
      store.watch?.('failing', () => expect.fail('called'))
      expect(store.isWatching?.('failing')).toBe(false)
      expect(await store.read('failing')).toBeUndefined()
      await store.close()
    }
  })
})
