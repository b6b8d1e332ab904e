import { isIORedis, isNodeRedis, libraryOf, type RedisClient } from './redis-client.ts'
import { redisError } from './redis-error.ts'

/**
 * Runs a script on one key and parses its reply. Throws a plain `Error` that contains no part of the request, and names
 * the function that was called.
 */
export type ScriptRunner = <Reply>(
  script: string,
  parse: (reply: unknown) => Reply,
  key: string,
  ...args: string[]
) => Promise<Reply>

/** Creates a runner that sends the SHA-1 of a script, and its text if the server has not cached the script. */
export function scriptRunner(client: RedisClient): ScriptRunner {
  const hashes = new Map<string, string>()
  const { evalSha, evalScript } = scriptCalls(client)
  const library = libraryOf(client)
  const firstCall = `${isNodeRedis(client) ? 'evalSha' : 'evalsha'} of ${library}`

  return async (script, parse, key, ...args) => {
    const hash = hashes.get(script) ?? (await sha1(script))
    hashes.set(script, hash)
    let call = firstCall
    try {
      // Check for NOSCRIPT on every call: any node may have lost its scripts.
      const reply = await evalSha(hash, key, args).catch((reason) => {
        if (!isUnknownScript(reason)) throw reason
        call = `eval of ${library}`
        return evalScript(script, key, args)
      })
      return parse(reply)
    } catch (reason) {
      throw redisError(reason, [key, ...args], call)
    }
  }
}

type ScriptCall = (script: string, key: string, args: string[]) => Promise<unknown>

/** Returns the calls of a client in the form of its library. The returned functions are async: a client may throw. */
function scriptCalls(client: RedisClient): { evalSha: ScriptCall; evalScript: ScriptCall } {
  if (isNodeRedis(client)) {
    return {
      evalSha: async (hash, key, args) => client.evalSha(hash, { keys: [key], arguments: args }),
      evalScript: async (script, key, args) => client.eval(script, { keys: [key], arguments: args }),
    }
  }
  if (isIORedis(client)) {
    return {
      evalSha: async (hash, key, args) => client.evalsha(hash, 1, key, ...args),
      evalScript: async (script, key, args) => client.eval(script, 1, key, ...args),
    }
  }
  return {
    evalSha: async (hash, key, args) => client.evalsha(hash, [key], args),
    evalScript: async (script, key, args) => client.eval(script, [key], args),
  }
}

// With automatic pipelining, a client of @upstash/redis puts its own words before the error of the server.
function isUnknownScript(reason: unknown): boolean {
  return reason instanceof Error && /^(Command failed: )?NOSCRIPT\b/.test(reason.message)
}

async function sha1(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-1', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
