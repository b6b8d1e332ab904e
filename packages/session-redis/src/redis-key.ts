/**
 * Returns the Redis key of a session: `prefix:key`, with ambiguous characters escaped as `%` and hexadecimal digits.
 *
 * A colon is escaped so that two prefixes cannot produce the same key. A lone surrogate is escaped because UTF-8 encodes
 * every lone surrogate as the same replacement character.
 */
export function redisKey(prefix: string, key: string): string {
  const escaped = key.replace(/[%:]|\p{Surrogate}/gu, (char) => `%${char.charCodeAt(0).toString(16)}`)
  return `${prefix}:${escaped}`
}

/** Returns the key of a session from its Redis key, or undefined for the key of something else. */
export function keyOfRedisKey(prefix: string, name: string): string | undefined {
  const key = name
    .slice(prefix.length + 1)
    .replace(/%(25|3a|d[89a-f][\da-f]{2})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 16)))
  return key !== '' && redisKey(prefix, key) === name ? key : undefined
}
