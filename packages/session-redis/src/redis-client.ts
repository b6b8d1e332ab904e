import type { OptionValidator } from '@pds/core/internal'

/** The keys and arguments of a script, as node-redis takes them. */
export interface ScriptOptions {
  /** The keys that the script reads and writes. */
  keys: string[]
  /** The other arguments of the script. */
  arguments: string[]
}

/** What a store needs of a client of `redis` (node-redis): a single one, a pool, a cluster or a sentinel. */
export interface NodeRedisClient {
  /** Runs a script that the server knows, by the SHA-1 of its text. */
  evalSha(sha1: string, options: ScriptOptions): Promise<unknown>
  /** Runs a script, and makes it known to the server. */
  eval(script: string, options: ScriptOptions): Promise<unknown>
}

/** What a store needs of a client of `ioredis`: `Redis` or `Cluster`. */
export interface IORedisClient {
  /** Runs a script that the server knows, by the SHA-1 of its text. */
  evalsha(sha1: string, numberOfKeys: number, ...args: string[]): Promise<unknown>
  /** Runs a script, and makes it known to the server. */
  eval(script: string, numberOfKeys: number, ...args: string[]): Promise<unknown>
}

/** A client of one of the two libraries. Neither of them is imported: what counts is the shape. */
export type RedisClient = NodeRedisClient | IORedisClient

/** Whether a client is one of node-redis: it writes its commands in camel case. */
export function isNodeRedis(client: RedisClient): client is NodeRedisClient {
  return 'evalSha' in client
}

/** What a client must be, for errors and as a check. */
export const aRedisClient: OptionValidator = {
  wants: 'a client of redis (node-redis) or of ioredis, with the functions eval and evalSha or evalsha',
  accepts(value) {
    if (typeof value !== 'object' || value === null) return false
    const client = value as Record<string, unknown>
    return typeof client.eval === 'function' && typeof (client.evalSha ?? client.evalsha) === 'function'
  },
}
