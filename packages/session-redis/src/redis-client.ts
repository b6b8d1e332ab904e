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
  /** Whether the client was connected and not closed. Pipelines and legacy clients lack this property. */
  readonly isOpen: boolean
  /** Runs a script that the server has cached, by the SHA-1 of its text. */
  evalSha(sha1: string, options: ScriptOptions): Promise<unknown>
  /** Runs a script, which the server then caches. */
  eval(script: string, options: ScriptOptions): Promise<unknown>
  /** Only of a single client or sentinel, and only for `list`: iterates over the keys of the primary. */
  scanIterator?(options: { MATCH: string; COUNT: number }): AsyncIterable<unknown>
  /** Only of a pool, and only for `list`: returns some keys. */
  scan?(cursor: string, options: { MATCH: string; COUNT: number }): Promise<unknown>
  /** Only of a cluster, and only for `list`: its primaries. */
  readonly masters?: readonly unknown[]
  /** Only of a cluster, and only for `list`: returns the client of a primary. */
  nodeClient?(node: unknown): unknown
}

/** The functions that a store calls on a client of `ioredis`: `Redis` or `Cluster`, also with sentinels. */
export interface IORedisClient {
  /** The state of the connection. Pipelines lack this property. */
  readonly status: string
  /** Runs a script that the server has cached, by the SHA-1 of its text. */
  evalsha(sha1: string, numberOfKeys: number, ...args: string[]): Promise<unknown>
  /** Runs a script, which the server then caches. */
  eval(script: string, numberOfKeys: number, ...args: string[]): Promise<unknown>
  /** Only for `list`: returns some keys. */
  scan?(cursor: string, match: 'MATCH', pattern: string, count: 'COUNT', size: number): Promise<unknown>
  /** Only of a `Cluster`, and only for `list`: returns the clients of its primaries. */
  nodes?(role: 'master'): readonly unknown[]
}

/** The functions that a store calls on a client of `@upstash/redis`, which sends each command over HTTP. */
export interface HttpRedisClient {
  /** Pipelines and other clients lack this function. A store does not call it. */
  createScript(script: string): unknown
  /** Runs a script that the server has cached, by the SHA-1 of its text. */
  evalsha(sha1: string, keys: string[], args: string[]): Promise<unknown>
  /** Runs a script, which the server then caches. */
  eval(script: string, keys: string[], args: string[]): Promise<unknown>
  /** Only for `list`: returns some keys. */
  scan?(cursor: string, options: { match: string; count: number }): Promise<unknown>
}

/**
 * A client of node-redis, ioredis or `@upstash/redis`. The package does not import these libraries: any object with
 * the functions and properties of such a client works.
 */
export type RedisClient = NodeRedisClient | IORedisClient | HttpRedisClient

/** The library whose call form a client has. */
export type ClientLibrary = 'node-redis' | 'ioredis' | '@upstash/redis'

/**
 * Returns the library whose call form a client has, or undefined for another client.
 *
 * The functions alone do not tell: ioredis and `@upstash/redis` share names but not parameters, and pipelines,
 * transactions and legacy clients have all functions but return no promise of the response.
 */
export function libraryOf(client: object): ClientLibrary | undefined {
  const {
    eval: evalScript,
    evalSha,
    evalsha,
    isOpen,
    status,
    createScript,
  } = client as Record<string, unknown>
  if (typeof evalScript !== 'function') return undefined
  if (typeof evalSha === 'function') return typeof isOpen === 'boolean' ? 'node-redis' : undefined
  if (typeof evalsha !== 'function') return undefined
  if (typeof status === 'string') return 'ioredis'
  return typeof createScript === 'function' ? '@upstash/redis' : undefined
}

/** Checks whether a client has the call form of node-redis. */
export function isNodeRedis(client: RedisClient): client is NodeRedisClient {
  return libraryOf(client) === 'node-redis'
}

/** Checks whether a client has the call form of ioredis. */
export function isIORedis(client: RedisClient): client is IORedisClient {
  return libraryOf(client) === 'ioredis'
}

/** Accepts a client of each library. */
export const redisClientOption: RequiredOption<RedisClient> = {
  wants:
    'a client of redis (node-redis), ioredis or @upstash/redis, and no pipeline, transaction or legacy client',
  accepts: (value) => typeof value === 'object' && value !== null && libraryOf(value) !== undefined,
  isRequired: true,
}
