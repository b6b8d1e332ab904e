import type { PDSFetchInit } from './fetch-types.ts'

/**
 * Returns the cache mode of requests: `no-store`, or none if the runtime has no `Request` that accepts it.
 *
 * The global `fetch` of Next.js may store responses to POST requests, tokens included. workerd rejects `cache` if the
 * worker has a compatibility date before 2024-11-11.
 */
export function cacheMode(): Pick<PDSFetchInit, 'cache'> {
  const mode = { cache: 'no-store' } as const
  try {
    new Request('http://localhost', mode)
    return mode
  } catch {
    return {}
  }
}
