import { storeTests } from '@pds/session/testing'
import { type RedisClient, redisStore } from '@pds/session-redis'
import { Cluster } from 'ioredis'
import { createCluster } from 'redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { redisIsMissing } from './start-redis.test-helper.ts'
import { type RunningCluster, startRedisCluster } from './start-redis-cluster.test-helper.ts'

describe.skipIf(redisIsMissing)(`redisStore over a cluster ${redisIsMissing || ''}`, () => {
  let cluster: RunningCluster
  const cleanups: (() => unknown)[] = []

  beforeAll(async () => {
    cluster = await startRedisCluster()
  })
  afterAll(async () => {
    for (const cleanUp of cleanups) cleanUp()
    await cluster?.stop()
  })

  const kinds: Record<string, () => Promise<RedisClient>> = {
    async 'node-redis'() {
      const rootNodes = cluster.nodes.map(({ url }) => ({ url }))
      const client = createCluster({ rootNodes, useReplicas: true })
      await client.connect()
      cleanups.push(() => client.destroy())
      return client
    },
    async ioredis() {
      const client = new Cluster(cluster.nodes.map(({ url }) => url))
      cleanups.push(() => client.disconnect())
      return client
    },
    async 'ioredis with pipelines and a key prefix'() {
      const startup = cluster.nodes.map(({ url }) => url)
      // No prefix with `{}`: ioredis computes another slot than Redis if the rest of a key contains `}`, and does not
      // redirect commands of a pipeline with other commands.
      const options = { enableAutoPipelining: true, keyPrefix: 'io:', scaleReads: 'slave' } as const
      const client = new Cluster(startup, options)
      cleanups.push(() => client.disconnect())
      return client
    },
  }

  describe.each(Object.entries(kinds))('with %s', (name, connect) => {
    const clients: RedisClient[] = []
    let opened = 0
    beforeAll(async () => {
      clients.push(await connect(), await connect())
    })
    const open = () => redisStore({ client: clients[opened++ % clients.length] as RedisClient })

    describe('fulfils the Store contract', () => {
      it.each(storeTests(open))('$name', ({ run }) => run())

      it('can list its keys', () => {
        expect(open()).toHaveProperty('list')
      })
    })

    it('follows a session to another node that has not cached the scripts', async () => {
      const store = open()
      const key = `moving ${name}`
      const stored = name.includes('prefix') ? `io:pds:${key}` : `pds:${key}`
      await store.compareAndSet(key, { epoch: 0, data: 'a' }, 0)

      const slot = String(await cluster.command(0, 'CLUSTER', 'KEYSLOT', stored))
      const source = await ownerOf(stored)
      const target = (source + 1) % cluster.nodes.length
      const [sourceId, targetId] = [await idOf(source), await idOf(target)]
      await cluster.command(target, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', sourceId)
      await cluster.command(source, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', targetId)
      const port = `${cluster.nodes[target]?.port}`
      // The slot may also contain keys of other tests.
      const keys = await cluster.command(source, 'CLUSTER', 'GETKEYSINSLOT', slot, '1000')
      expect(keys).toContain(stored)
      for (const moved of keys as string[]) {
        await cluster.command(source, 'MIGRATE', '127.0.0.1', port, moved, '0', '5000')
      }

      // While the slot migrates, the source node responds with ASK.
      await cluster.command(target, 'SCRIPT', 'FLUSH')
      expect(await store.read(key)).toEqual({ epoch: 0, data: 'a', rev: 1 })
      expect(await store.compareAndSet(key, { epoch: 0, data: 'b' }, 1)).toBe(true)

      // After the migration, the source node responds with MOVED.
      await cluster.command(target, 'SCRIPT', 'FLUSH')
      for (const node of [target, source]) {
        await cluster.command(node, 'CLUSTER', 'SETSLOT', slot, 'NODE', targetId)
      }
      expect(await ownerOf(stored)).toBe(target)
      expect(await open().read(key)).toEqual({ epoch: 0, data: 'b', rev: 2 })
      expect(await open().compareAndSet(key, { epoch: 0, data: 'c' }, 2)).toBe(true)
      expect((await open().lease(key, 'one', 60_000))?.record).toEqual({ epoch: 0, data: 'c', rev: 3 })
    })
  })

  it('distributes sessions over the nodes', async () => {
    for (const [node] of cluster.nodes.entries()) {
      expect(Number(await cluster.command(node, 'DBSIZE'))).toBeGreaterThan(0)
    }
  })

  async function idOf(node: number): Promise<string> {
    return String(await cluster.command(node, 'CLUSTER', 'MYID'))
  }
  /** Returns the node that has the key and does not redirect. */
  async function ownerOf(key: string): Promise<number> {
    for (const [node] of cluster.nodes.entries()) {
      const found = await cluster.command(node, 'EXISTS', key).catch(() => 0)
      if (found === 1) return node
    }
    throw new Error(`no node has ${key}`)
  }
})
