import type { Session } from '@pds/session'
import { answerOrders } from '../../harness/request-process.ts'
import type { CallersAnswer, CallersOrder } from './messages.ts'
import { openSharedSession } from './shared-session.ts'

/* One process of those that share a session, with many who ask for its token. */

const sessions = new Map<string, Session>()
let clockAhead = 0
const clock = () => Date.now() + clockAhead

answerOrders(async ({ application, place, ahead, callers }: CallersOrder): Promise<CallersAnswer> => {
  clockAhead = ahead
  const session = sessions.get(place.name) ?? openSharedSession(application, place, clock).session
  sessions.set(place.name, session)
  return { tokens: await Promise.all(Array.from({ length: callers }, () => session.getAccessToken())) }
})
