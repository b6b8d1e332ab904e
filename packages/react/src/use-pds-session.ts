import type { Session } from '@pds/session'
import { useSyncExternalStore } from 'react'
import { observe } from './observed-session.ts'
import { usePdsContext } from './pds-context.ts'
import { loading, type PdsSession } from './pds-session.ts'

/**
 * Returns whether a user is signed in, the user and the last failure. Renders the component again after each change, also
 * after a change by another tab.
 *
 * The first component reads the store of the session, and obtains a token if only the grant knows whether a user is
 * signed in.
 *
 * @param session - Default: the session of the closest `PdsProvider`.
 * @throws PDSError with code `InvalidParameter` if there is no session, or it is closed.
 * @example
 * ```ts
 * import { usePdsSession } from '@pds/react'
 *
 * export function useGreeting(): string {
 *   const { status, user, error } = usePdsSession()
 *   if (status === 'signed_in') return `Hello ${user.name ?? ''}`
 *   if (status === 'error') return `Failed: ${error.code}`
 *   return status === 'signed_out' ? 'Please sign in' : 'Loading'
 * }
 * ```
 */
export function usePdsSession(session?: Session): PdsSession {
  const { session: used, initial, signIn } = usePdsContext('usePdsSession', session)
  const observed = observe(used)
  const known = useSyncExternalStore(observed.subscribe, () => observed.read(signIn), unknownToServer)
  return known ?? initial ?? loading
}

function unknownToServer(): undefined {
  return undefined
}
