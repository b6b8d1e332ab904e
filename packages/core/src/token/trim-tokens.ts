/**
 * Returns a copy of a token response without whitespace around its tokens, for example the line break after the output
 * of a program. A token that may have cost a one-time credential is repaired, not rejected.
 */
export function trimTokens<T extends object>(response: T): T {
  const copy = { ...response } as Record<string, unknown>
  for (const name of ['access_token', 'refresh_token']) {
    const token = copy[name]
    if (typeof token === 'string') copy[name] = token.trim()
  }
  return copy as T
}
