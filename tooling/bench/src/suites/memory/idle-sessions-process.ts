import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { memoryStore, type Session } from '@pds/session'
import { sqliteStore } from '@pds/session-sqlite'
import { serveRequests } from '../../harness/request-process.ts'
import { usedBytes } from '../../harness/used-bytes.ts'
import { forEachUser, openPool, openSessionOfUser, userId } from '../many-users/session-of-user.ts'
import type { MemoryRequest, MemoryResponse, SessionKind } from './memory.ts'

/* Opens many sessions, as a back end does, keeps them without using them, and measures the memory that they need. */

// Keeps the sessions from being collected.
const kept: unknown[] = []

serveRequests(async ({ count, kind }: MemoryRequest): Promise<MemoryResponse> => {
  const open = opener(kind, 2 * count)
  kept.push(open)
  // The first sessions also compile code and fill caches, which must not count.
  await openSessions(Math.ceil(count / 20), 'warm', open)
  const before = usedBytes()
  await openSessions(count, 'user', open)
  return { bytes: (usedBytes() - before) / count }
})

type OpenSession = (user_id: string) => Session

/** Returns a function that opens a session and keeps it open. `max` is the size of a pool. */
function opener(kind: SessionKind, max: number): OpenSession {
  if (kind === 'pool with memoryStore') return openPool(memoryStore(), max).get
  if (kind === 'pool with sqliteStore') {
    const folder = mkdtempSync(path.join(tmpdir(), 'pds-idle-sessions-'))
    return openPool(sqliteStore({ path: path.join(folder, 'sessions.db') }), max).get
  }
  const store = kind === 'one store' ? memoryStore() : undefined
  return (user_id) => {
    const session = openSessionOfUser(user_id, store)
    kept.push(session)
    return session
  }
}

async function openSessions(count: number, prefix: string, open: OpenSession): Promise<void> {
  await forEachUser(count, async (index) => {
    const user_id = userId(index, prefix)
    const session = open(user_id)
    // The second call reads the stored token, as in a session that is used more than once.
    await session.getAccessToken()
    const token = await session.getAccessToken()
    if (!token.startsWith(user_id)) throw new Error('a session has the token of another session')
  })
}
