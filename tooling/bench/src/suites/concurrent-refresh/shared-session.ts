import { oauthGrant } from '@pds/auth-oauth'
import { createTransport } from '@pds/core'
import { createSession, type Session } from '@pds/session'
import { openStore, type StoreBackend } from '../store-backends.ts'
import type { Application } from './messages.ts'

/** Opens the session that the processes share. The clock is in milliseconds since the epoch. */
export function openSharedSession(
  { api_endpoint, ...app }: Application,
  backend: StoreBackend,
  clock: () => number,
): { session: Session; close(): Promise<void> } {
  const { store, close } = openStore(backend)
  const grant = oauthGrant({ transport: createTransport({ api_endpoint, clock }), ...app })
  const session = createSession({ key: 'user-1', grant, store, clock })
  return {
    session,
    async close() {
      session.close()
      await close()
    },
  }
}
