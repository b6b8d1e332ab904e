import type { Session } from '@pds/session'
import { usePdsContext } from './pds-context.ts'

/**
 * Returns `session.fetch`: it sends requests with a fresh token, and retries once if the service rejects the token. The
 * function is the same in each render, so effects can depend on it.
 *
 * @param session - Default: the session of the closest `PdsProvider`.
 * @throws PDSError with code `InvalidParameter` if there is no session.
 * @example
 * ```ts
 * import { usePdsFetch } from '@pds/react'
 * import { useEffect, useState } from 'react'
 *
 * export function useUserName(): string | undefined {
 *   const pdsFetch = usePdsFetch()
 *   const [name, setName] = useState<string>()
 *   useEffect(() => {
 *     pdsFetch('https://bj1.api.aliyunpds.com/v2/user/get', { method: 'POST' })
 *       .then((response) => response.json())
 *       .then(({ user_name }) => setName(user_name))
 *       .catch(() => setName(undefined))
 *   }, [pdsFetch])
 *   return name
 * }
 * ```
 */
export function usePdsFetch(session?: Session): Session['fetch'] {
  return usePdsContext('usePdsFetch', session).session.fetch
}
