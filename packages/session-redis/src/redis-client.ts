import type { RequiredOption } from '@pds/core/internal'

/** The keys and arguments of a script, in the form of node-redis. */
export interface ScriptOptions {
  /** The keys that the script reads and writes. */
  keys: string[]
  /** The other arguments of the script. */
  arguments: string[]
}

/** The functions that a store calls on a client of `redis` (node-redis): a single client, pool, cluster or sentinel. */
export interface NodeRedisClient {
  /** Runs a script that the server has cached, by the SHA-1 of its text. */
  evalSha(sha1: string, options: ScriptOptions): Promise<unknown>
  /** Runs a script, which the server then caches. */
  eval(script: string, options: ScriptOptions): Promise<unknown>
}

/** The functions that a store calls on a client of `ioredis`: `Redis` or `Cluster`. */
export interface IORedisClient {
  /** Runs a script that the server has cached, by the SHA-1 of its text. */
  evalsha(sha1: string, numberOfKeys: number, ...args: string[]): Promise<unknown>
  /** Runs a script, which the server then caches. */
  eval(script: string, numberOfKeys: number, ...args: string[]): Promise<unknown>
}

/** A client of node-redis or ioredis. The package imports neither library: any object with these functions works. */
export type RedisClient = NodeRedisClient | IORedisClient

/** Checks whether a client belongs to node-redis, whose command names are in camel case. */
export function isNodeRedis(client: RedisClient): client is NodeRedisClient {
  return 'evalSha' in client
}

/** Accepts a client of either library. */
export const redisClientOption: RequiredOption<RedisClient> = {
  wants: 'a client of redis (node-redis) or ioredis, with the functions eval and evalSha or evalsha',
  accepts(value) {
    if (typeof value !== 'object' || value === null) return false
    const client = value as Record<string, unknown>
    return typeof client.eval === 'function' && typeof (client.evalSha ?? client.evalsha) === 'function'
  },
  isRequired: true,
}
