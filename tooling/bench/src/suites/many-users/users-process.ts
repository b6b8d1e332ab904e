import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { serveRequests } from '../../harness/request-process.ts'
import { usedBytes } from '../../harness/used-bytes.ts'
import { emptyBackend } from '../store-backends.ts'
import { measureWork } from './measure-work.ts'
import { forEachUser, userId } from './session-of-user.ts'
import { openTokenCache } from './token-cache.ts'
import { openPoolTokens, type UserTokens } from './user-tokens.ts'
import type { UsersRequest, UsersResponse } from './users-process-messages.ts'

/* Users get their tokens, 100 at a time, in an empty store: the first time from the grant, later from the cache. */

serveRequests(async (request: UsersRequest): Promise<UsersResponse> => {
  const { backend, max, isBaseline } = request
  const folder = mkdtempSync(path.join(tmpdir(), 'pds-users-'))
  const empty = await emptyBackend(backend, folder)
  const tokens = isBaseline ? await openTokenCache(empty) : openPoolTokens(empty, max)
  try {
    // Opens connections and compiles statements.
    await tokens.getToken(userId(0, 'warm'))
    return await measure(tokens, request)
  } finally {
    await tokens.close()
    rmSync(folder, { recursive: true })
  }
})

async function measure(tokens: UserTokens, { earlier, users, max }: UsersRequest): Promise<UsersResponse> {
  const end = earlier + users
  await getTokens(tokens, 0, earlier)
  const bytesBefore = usedBytes()
  const first = await measureWork(() => getTokens(tokens, earlier, end))
  const bytesAfter = usedBytes()
  // The pool has evicted the sessions of the other users.
  const open = Math.max(0, end - max)
  // The second call after a renewal still reads the store.
  await getTokens(tokens, open, end)
  const cached = await measureWork(() => getTokens(tokens, open, end))
  return { first, cached, bytesBefore, bytesAfter }
}

async function getTokens({ getToken }: UserTokens, from: number, to: number): Promise<void> {
  await forEachUser(to - from, async (index) => {
    // Each call is made in a turn of the event loop, like one for a request that arrives.
    await setImmediate()
    const user_id = userId(from + index)
    const token = await getToken(user_id)
    if (!token.startsWith(user_id)) throw new Error('a user got the token of another user')
  })
}
