import type { Grant } from '@pds/types'
import { fingerprintOf } from '#platform'

/**
 * Returns a function that returns the key of a session's record: the key of the session and a fingerprint of the grant's
 * id. It always returns the same promise, so that the order of the calls that wait for it is kept.
 */
export function storeKey(key: string, grant: Grant): () => Promise<string> {
  let result: Promise<string> | undefined
  return () => {
    result ??= fingerprintOf(grant).then((id) => `${key}#${id}`)
    return result
  }
}
