import { isNodeRedis, type RedisClient } from './redis-client.ts'
import { redisError } from './redis-error.ts'

/** Runs a script on one key. Throws a plain `Error` that contains no part of the request. */
export type ScriptRunner = (script: string, key: string, ...args: string[]) => Promise<unknown>

/** Creates a runner that sends the SHA-1 of a script, and its text if the server has not cached the script. */
export function scriptRunner(client: RedisClient): ScriptRunner {
  const hashes = new Map<string, string>()

  return async (script, key, ...args) => {
    const hash = hashes.get(script) ?? (await sha1(script))
    hashes.set(script, hash)
    try {
      // Check for NOSCRIPT on every call: any node may have lost its scripts.
      return await evalSha(client, hash, key, args).catch((reason) => {
        if (!isUnknownScript(reason)) throw reason
        return evalScript(client, script, key, args)
      })
    } catch (reason) {
      throw redisError(reason, [key, ...args])
    }
  }
}

async function evalSha(client: RedisClient, hash: string, key: string, args: string[]): Promise<unknown> {
  if (isNodeRedis(client)) return client.evalSha(hash, { keys: [key], arguments: args })
  return client.evalsha(hash, 1, key, ...args)
}

async function evalScript(
  client: RedisClient,
  script: string,
  key: string,
  args: string[],
): Promise<unknown> {
  if (isNodeRedis(client)) return client.eval(script, { keys: [key], arguments: args })
  return client.eval(script, 1, key, ...args)
}

function isUnknownScript(reason: unknown): boolean {
  return reason instanceof Error && reason.message.startsWith('NOSCRIPT')
}

async function sha1(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-1', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
