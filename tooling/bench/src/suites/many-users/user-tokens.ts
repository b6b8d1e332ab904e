import { openStore, type StoreBackend } from '../store-backends.ts'
import { openPool } from './session-of-user.ts'

/** The tokens of many users. */
export interface UserTokens {
  getToken(user_id: string): Promise<string>
  close(): Promise<void>
}

/** Opens a pool of sessions on an empty backend. */
export function openPoolTokens(backend: StoreBackend, max: number): UserTokens {
  const { store, close } = openStore(backend)
  const users = openPool(store, max)
  return {
    getToken: (user_id) => users.get(user_id).getAccessToken(),
    async close() {
      await users.close()
      await close()
    },
  }
}
