import { jwtGrant } from '@pds/auth-jwt'
import { createTransport } from '@pds/core'
import { createSession, memoryStore, type Session, type Store } from '@pds/session'
import { answerOrders } from '../../harness/request-process.ts'
import type { IdleAnswer, IdleOrder } from './messages.ts'
import { tokenOf } from './token-of.ts'

/* Opens many sessions of a back end, which it keeps and does not use any more, and tells what they take. */

const { gc } = globalThis as unknown as { gc(): void }
const transport = createTransport({ api_endpoint: 'https://bj1.api.example' })
// Signs nothing, as nothing is sent.
const application = { domain_id: 'bj1', client_id: 'app-1', signer: async () => new Uint8Array() }
const sessions: Session[] = []

answerOrders(async ({ count, hasOneStore }: IdleOrder): Promise<IdleAnswer> => {
  const store = hasOneStore ? memoryStore() : undefined
  // What is compiled and cached at first is not a session's own.
  await openSessions(Math.ceil(count / 20), 'warm', store)
  const before = usedBytes()
  await openSessions(count, 'user', store)
  return { bytes: (usedBytes() - before) / count }
})

async function openSessions(count: number, name: string, store: Store | undefined): Promise<void> {
  for (let index = 0; index < count; index++) {
    const user_id = `${name}-${`${index}`.padStart(6, '0')}`
    const grant = {
      ...jwtGrant({ transport, ...application, user_id }),
      // As it would come from the service: what a request leaves behind is not the session's.
      obtain: async () => JSON.parse(tokenOf(user_id)),
    }
    const session = createSession({ key: user_id, grant, store })
    sessions.push(session)
    // It has looked at what it stored, as one does that was used more than once.
    await session.getAccessToken()
    const token = await session.getAccessToken()
    if (!token.startsWith(user_id)) throw new Error('a session has the token of another one')
  }
}

/** On the heap of JavaScript and outside of it. */
function usedBytes(): number {
  // What is let go of by what is let go of goes with the second.
  gc()
  gc()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
