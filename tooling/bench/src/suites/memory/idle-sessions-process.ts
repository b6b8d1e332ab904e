import { memoryStore, type Session, type Store } from '@pds/session'
import { serveRequests } from '../../harness/request-process.ts'
import { openSessionOfUser, userId } from '../many-users/session-of-user.ts'
import type { MemoryRequest, MemoryResponse } from './memory.ts'

/* Opens many sessions, as a back end does, keeps them without using them, and measures the memory that they need. */

const { gc } = globalThis as unknown as { gc(): void }
const sessions: Session[] = []

serveRequests(async ({ count, hasOneStore }: MemoryRequest): Promise<MemoryResponse> => {
  const store = hasOneStore ? memoryStore() : undefined
  // The first sessions also compile code and fill caches, which must not count.
  await openSessions(Math.ceil(count / 20), 'warm', store)
  const before = usedBytes()
  await openSessions(count, 'user', store)
  return { bytes: (usedBytes() - before) / count }
})

async function openSessions(count: number, prefix: string, store: Store | undefined): Promise<void> {
  for (let index = 0; index < count; index++) {
    const user_id = userId(index, prefix)
    const session = openSessionOfUser(user_id, store)
    sessions.push(session)
    // The second call reads the stored token, as in a session that is used more than once.
    await session.getAccessToken()
    const token = await session.getAccessToken()
    if (!token.startsWith(user_id)) throw new Error('a session has the token of another session')
  }
}

/** Returns the used bytes of the JavaScript heap and outside it. */
function usedBytes(): number {
  // The second collection frees objects that the first one has made unreachable.
  gc()
  gc()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
