import type { NodeRedisClient, NodeRedisSubscriber, RedisClient, RedisSubscriber } from '@pds/session-redis'
import { Redis } from 'ioredis'
import { createClient } from 'redis'

/** A connected client of either library, which can also be a subscriber. */
export interface TestClient {
  readonly client: RedisClient & RedisSubscriber
  close(): void
}

/** Connects a client of each library. Both reconnect without a delay, and have no `error` listener. */
export const connectClient: Readonly<Record<'node-redis' | 'ioredis', (url: string) => Promise<TestClient>>> =
  {
    async 'node-redis'(url) {
      const client = createClient({ url, socket: { reconnectStrategy: () => 0 } })
      await client.connect()
      const typed: NodeRedisClient & NodeRedisSubscriber = client
      return { client: typed, close: () => client.isOpen && client.destroy() }
    },
    async ioredis(url) {
      const client = new Redis(url, { lazyConnect: true, retryStrategy: () => 0 })
      await client.connect()
      return { client, close: () => client.disconnect() }
    },
  }
