import type { Store } from '@pds/session'
import {
  type RedisClient,
  type RedisStoreOptions,
  type RedisSubscriber,
  redisStore,
} from '@pds/session-redis'
import type { Redis as HttpRedis } from '@upstash/redis'
import type { Redis as CloudflareRedis } from '@upstash/redis/cloudflare'
import type { Cluster, Redis } from 'ioredis'
import {
  createClient,
  createClientPool,
  createCluster,
  createSentinel,
  RESP_TYPES,
  type RedisClientType,
} from 'redis'
import { expectTypeOf, it } from 'vitest'

it('accepts each kind of client of node-redis', () => {
  const single = createClient({ RESP: 2 })
  const bytes = createClient().withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer })
  const pool = createClientPool()
  const cluster = createCluster({ rootNodes: [] })
  const sentinel = createSentinel({ name: 'main', sentinelRootNodes: [] })
  for (const client of [single, bytes, pool, cluster, sentinel] as const) {
    expectTypeOf(redisStore({ client })).toEqualTypeOf<Store>()
  }
  expectTypeOf<RedisClientType>().toExtend<RedisClient>()
})

it('accepts each kind of client of ioredis', () => {
  expectTypeOf<Redis>().toExtend<RedisClient>()
  expectTypeOf<Redis<'resp3'>>().toExtend<RedisClient>()
  expectTypeOf<Cluster>().toExtend<RedisClient>()
})

it('accepts a client of @upstash/redis', () => {
  expectTypeOf<HttpRedis>().toExtend<RedisClient>()
  expectTypeOf<CloudflareRedis>().toExtend<RedisClient>()
  expectTypeOf<HttpRedis>().not.toExtend<RedisSubscriber>()
})

it('rejects values that are not clients', () => {
  expectTypeOf<ReturnType<HttpRedis['pipeline']>>().not.toExtend<RedisClient>()
  expectTypeOf<Pick<HttpRedis, 'eval' | 'evalsha'>>().not.toExtend<RedisClient>()
  expectTypeOf<ReturnType<RedisClientType['legacy']>>().not.toExtend<RedisClient>()
  expectTypeOf<ReturnType<Redis['pipeline']>>().not.toExtend<RedisClient>()
  expectTypeOf<string>().not.toExtend<RedisClient>()
})

it('requires only the client', () => {
  expectTypeOf<{ client: RedisClient }>().toExtend<RedisStoreOptions>()
  expectTypeOf<{ prefix: string }>().not.toExtend<RedisStoreOptions>()
})

it('accepts a single connection as the subscriber, and no pool, cluster or sentinel', () => {
  const client = createClient()
  expectTypeOf(redisStore({ client, subscriber: client.duplicate() })).toEqualTypeOf<Store>()
  expectTypeOf(createClient({ RESP: 2 })).toExtend<RedisSubscriber>()
  expectTypeOf<RedisClientType>().toExtend<RedisSubscriber>()
  expectTypeOf<Redis>().toExtend<RedisSubscriber>()
  expectTypeOf<Redis<'resp3'>>().toExtend<RedisSubscriber>()
  expectTypeOf<Cluster>().not.toExtend<RedisSubscriber>()
  expectTypeOf(createClientPool()).not.toExtend<RedisSubscriber>()
  expectTypeOf(createCluster({ rootNodes: [] })).not.toExtend<RedisSubscriber>()
  expectTypeOf(createSentinel({ name: 'main', sentinelRootNodes: [] })).not.toExtend<RedisSubscriber>()
})
