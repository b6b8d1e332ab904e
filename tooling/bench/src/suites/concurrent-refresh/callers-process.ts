import type { Session } from '@pds/session'
import { serveRequests } from '../../harness/request-process.ts'
import type { CallersRequest, CallersResponse } from './messages.ts'
import { openSharedSession } from './shared-session.ts'

/* A process that shares a session with others. Many callers in it get the token at the same time. */

const sessions = new Map<string, Session>()
let currentOffset = 0
const clock = () => Date.now() + currentOffset

serveRequests(async (request: CallersRequest): Promise<CallersResponse> => {
  const { application, backend, clockOffset, callers } = request
  currentOffset = clockOffset
  const session = sessions.get(backend.name) ?? openSharedSession(application, backend, clock).session
  sessions.set(backend.name, session)
  return { tokens: await Promise.all(Array.from({ length: callers }, () => session.getAccessToken())) }
})
