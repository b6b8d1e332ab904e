import type { Grant } from '@pds/types'
import { fingerprint } from '../record/session-state.ts'

/** The fingerprints of the ids of grants: one grant may serve thousands of sessions. */
const fingerprints = new WeakMap<Grant, { readonly id: string; readonly fingerprint: Promise<string> }>()

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

function fingerprintOf(grant: Grant): Promise<string> {
  const { id = '' } = grant
  const known = fingerprints.get(grant)
  if (known?.id === id) return known.fingerprint
  const created = { id, fingerprint: fingerprint(id) }
  fingerprints.set(grant, created)
  return created.fingerprint
}
