import type { RequiredOption } from '@pds/core/internal'

/** The functions that a store uses of a connection of `redis` (node-redis): a client of `createClient`. */
export interface NodeRedisSubscriber {
  /** Whether the client is connected. */
  readonly isReady: boolean
  /** Only a single connection has this property: pools, clusters and sentinels hide when they reconnect. */
  readonly isPubSubActive: boolean
  /** Adds a listener of an event. */
  on(event: string, listener: () => void): unknown
  /** Calls a function for each message of some channels. */
  subscribe(channels: string[], heard: (message: string, channel: string) => void): Promise<unknown>
}

/** The functions that a store uses of a connection of `ioredis`: a `Redis`. */
export interface IORedisSubscriber {
  /** `ready` if the client is connected. */
  readonly status: string
  /** Only a single connection has this property: a `Cluster` hides when it reconnects. */
  readonly mode: string
  /** Adds a listener of an event, such as `message`. */
  on(event: string, listener: (channel: string, message: string) => void): unknown
  /** Subscribes to channels. */
  subscribe(...channels: string[]): Promise<unknown>
}

/**
 * A connection of node-redis or ioredis that a store may subscribe with. It must be a single connection, which reports
 * when it is lost. In a cluster, connect it to any node: a message reaches all nodes.
 */
export type RedisSubscriber = NodeRedisSubscriber | IORedisSubscriber

/** Accepts a connection of either library. */
export const redisSubscriberOption: Omit<RequiredOption<RedisSubscriber>, 'isRequired'> = {
  wants: 'a connection of redis (createClient) or ioredis (Redis), and not of a pool, cluster or sentinel',
  accepts(value) {
    if (typeof value !== 'object' || value === null) return false
    const client = value as Record<string, unknown>
    const isNodeRedis = typeof client.isReady === 'boolean' && typeof client.isPubSubActive === 'boolean'
    const isIORedis = typeof client.status === 'string' && typeof client.mode === 'string'
    return (
      (isNodeRedis || isIORedis) && typeof client.on === 'function' && typeof client.subscribe === 'function'
    )
  },
}

/** What the connection of a subscriber reports. */
export interface ConnectionEvents {
  /** The connection is ready to subscribe. It may be a new connection. */
  ready(): void
  /** The connection may be lost. */
  lost(): void
  heard(channel: string, message: string): void
}

/** A subscriber of either library. */
export interface Connection {
  isReady(): boolean
  /** Subscribes to channels. Fulfils after the server has confirmed the subscription. */
  subscribe(channels: readonly string[]): Promise<unknown>
}

/** Listens to a subscriber of either library. From then on, its errors do not end the process. */
export function listenTo(subscriber: RedisSubscriber, events: ConnectionEvents): Connection {
  for (const event of ['error', 'close', 'end', 'reconnecting']) subscriber.on(event, () => events.lost())
  subscriber.on('ready', () => events.ready())
  if ('isReady' in subscriber) {
    // The same function each time: the client calls each one once per message.
    const heard = (message: string, channel: string) => events.heard(channel, message)
    return {
      isReady: () => subscriber.isReady,
      subscribe: async (channels) => subscriber.subscribe([...channels], heard),
    }
  }
  subscriber.on('message', (channel, message) => events.heard(channel, message))
  return {
    isReady: () => subscriber.status === 'ready',
    subscribe: async (channels) => subscriber.subscribe(...channels),
  }
}
