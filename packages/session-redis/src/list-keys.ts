import { isIORedis, isNodeRedis, libraryOf, type RedisClient } from './redis-client.ts'
import { redisError } from './redis-error.ts'
import { keyOfRedisKey, redisKey } from './redis-key.ts'
import { decodeText, parseFlag, parseText } from './replies.ts'
import type { ScriptRunner } from './script-runner.ts'
import { hasRecordScript, keyNameScript } from './scripts.ts'

// About how many keys a server examines for one SCAN.
const scanSize = 1000
// How many keys are checked at a time. A client over HTTP may send a request for each.
const checkSize = 100

/** The names of keys that match a pattern, in pages. */
type Pages = AsyncIterable<unknown>

/** Checks whether a client has the functions that `listKeys` calls. */
export function canList(client: RedisClient): boolean {
  if (typeof client.scan === 'function') return true
  return isNodeRedis(client) && (typeof client.scanIterator === 'function' || Array.isArray(client.masters))
}

/** Lists the keys of the sessions that have a record, on each primary. */
export async function* listKeys(
  client: RedisClient,
  run: ScriptRunner,
  prefix: string,
): AsyncGenerator<string, void, undefined> {
  // Clients add their own prefix to the keys of a script, but not to the pattern and the names of SCAN.
  const start = await run(keyNameScript, parseText, redisKey(prefix, ''))
  const added = start.length - prefix.length - 1
  for await (const names of scanAll(client, `${escapePattern(start)}*`)) {
    const keys = names
      .map((name) => keyOfRedisKey(prefix, name.slice(added)))
      .filter((key) => key !== undefined)
    for (let first = 0; first < keys.length; first += checkSize) {
      const page = keys.slice(first, first + checkSize)
      const checks = page.map((key) => run(hasRecordScript, parseFlag, redisKey(prefix, key)))
      const haveRecord = await Promise.all(checks)
      yield* page.filter((_, index) => haveRecord[index])
    }
  }
}

/** Reads the names from all primaries. Throws the errors of a store. */
async function* scanAll(client: RedisClient, pattern: string): AsyncGenerator<string[], void, undefined> {
  try {
    for (const primary of await primariesOf(client)) {
      for await (const page of scan(primary, pattern)) {
        if (!Array.isArray(page)) throw new Error('the reply of SCAN is invalid')
        yield page.map((name) => decodeText(name) ?? '')
      }
    }
  } catch (reason) {
    throw redisError(reason, [pattern], `scan of ${libraryOf(client)}`)
  }
}

/** Returns a client for each primary of a cluster, or else the client itself. */
async function primariesOf(client: RedisClient): Promise<readonly RedisClient[]> {
  if (isIORedis(client)) return (client.nodes?.('master') as RedisClient[] | undefined) ?? [client]
  if (!isNodeRedis(client) || !client.masters) return [client]
  return Promise.all(client.masters.map(async (node) => client.nodeClient?.(node) as RedisClient))
}

function scan(client: RedisClient, pattern: string): Pages {
  if (isIORedis(client)) {
    return scanPages((cursor) => client.scan?.(cursor, 'MATCH', pattern, 'COUNT', scanSize))
  }
  if (!isNodeRedis(client)) {
    return scanPages((cursor) => client.scan?.(cursor, { match: pattern, count: scanSize }))
  }
  const options = { MATCH: pattern, COUNT: scanSize }
  // The function scan of a sentinel client may ask a replica, which lags.
  if (client.scanIterator) return client.scanIterator(options)
  return scanPages(async (cursor) => {
    const reply = (await client.scan?.(cursor, options)) as { cursor: unknown; keys: unknown }
    return [reply.cursor, reply.keys]
  })
}

/** Calls SCAN until its cursor is 0 again. `next` returns the next cursor and the names. */
async function* scanPages(next: (cursor: string) => unknown): AsyncGenerator<unknown, void, undefined> {
  let cursor = '0'
  do {
    const reply = await next(cursor)
    if (!Array.isArray(reply)) throw new Error('the reply of SCAN is invalid')
    yield reply[1]
    cursor = String(reply[0])
  } while (cursor !== '0')
}

function escapePattern(text: string): string {
  return text.replace(/[\\*?[\]]/g, '\\$&')
}
