/* Passes each client of Redis to the store. It is compiled, but does not run. */
import type { Store } from '@pds/session'
import { redisStore } from '@pds/session-redis'
import { Redis as HttpRedis } from '@upstash/redis'
import { Cluster, Redis } from 'ioredis'
import { createClient, createClientPool, createCluster, createSentinel } from 'redis'

export const stores: Store[] = [
  redisStore({ client: createClient() }),
  redisStore({ client: createClientPool() }),
  redisStore({ client: createCluster({ rootNodes: [] }) }),
  redisStore({ client: createSentinel({ name: 'main', sentinelRootNodes: [] }) }),
  redisStore({ client: new Redis() }),
  redisStore({ client: new Cluster([]) }),
  redisStore({ client: new HttpRedis({ url: 'https://redis.example.com', token: '' }) }),
]
