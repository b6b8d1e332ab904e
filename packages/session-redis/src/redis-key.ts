/**
 * The Redis key of a session: `prefix:key`, with what would be ambiguous escaped as `%` and hexadecimal digits.
 *
 * A colon is, so that no two prefixes can meet in one key. So is half a pair of surrogates: in UTF-8, which is what
 * is sent, all of them are one character.
 */
export function redisKey(prefix: string, key: string): string {
  const escaped = key.replace(/[%:]|\p{Surrogate}/gu, (char) => `%${char.charCodeAt(0).toString(16)}`)
  return `${prefix}:${escaped}`
}
