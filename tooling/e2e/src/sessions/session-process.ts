import { isPDSError } from '@pds/core'
import { createSession, createSessions, type Session } from '@pds/session'
import { interruptGrant, interruptStore } from './interrupt.ts'
import type { Message, OpenOptions, Order, Report } from './orders.ts'
import { makeGrant, type OpenStore, openStore } from './session-parts.ts'

/*
 * A process that shares sessions with others. It carries out the orders of its parent, and kills or stops itself at
 * the point that its options name. It exits when its parent disconnects.
 */

interface Opened {
  sessions: Session[]
  /** Closes the sessions. */
  close(): void | Promise<void>
  options: OpenOptions
  store: OpenStore
  events: Report['events']
}

let opened: Opened | undefined

process.on('message', async (order: Order) => {
  process.send?.({ type: 'done', report: await carryOut(order) } satisfies Message)
})

process.send?.({ type: 'ready' } satisfies Message)

async function carryOut(order: Order): Promise<Report> {
  if (order.type === 'open') opened = await open(order.options)
  if (!opened) {
    if (order.type === 'close') return { results: [], events: [] }
    throw new Error('no session is open: send the order open first')
  }
  const { sessions, store, events, options } = opened
  const results: Report['results'] = []
  if (order.type === 'close') {
    const { close } = opened
    opened = undefined
    await close()
    await store.close()
  } else if (order.type === 'idle') {
    const now = performance.now.bind(performance)
    performance.now = () => now() + order.time
  } else if (order.type !== 'open') {
    const call = (session: Session) => () =>
      order.type === 'fetch' ? getUser(session, options) : session.getAccessToken()
    const callers = Array.from({ length: order.callers }, () => sessions).flat()
    await Promise.all(callers.map(async (session) => results.push(await resultOf(call(session)))))
  }
  return { results, events: events.splice(0) }
}

async function open(options: OpenOptions): Promise<Opened> {
  const store = await openStore(options.store)
  const { pool } = options
  const grant = interruptGrant(makeGrant(options), options)
  const shared = { store: interruptStore(store.store, options), ...options.limits }
  if (pool) {
    const { max, concurrency } = pool
    const users = createSessions({ ...shared, grant: () => grant, max, concurrency })
    // Each process has another order, so that they meet at different users.
    const keys = Array.from(
      { length: pool.users },
      (_, index) => `user-${(index + process.pid) % pool.users}`,
    )
    const sessions = keys.map((key) => users.get(key))
    return { sessions, close: () => users.close(), options, store, events: [] }
  }
  const session = createSession({ ...shared, key: 'user-1', grant })
  const events: Report['events'] = []
  for (const type of ['refreshed', 'login_required', 'signed_out', 'error'] as const) {
    session.subscribe(type, (event) => {
      const by = 'by' in event ? event.by : undefined
      events.push({ type, by, cause: 'error' in event ? String(event.error.cause) : undefined })
    })
  }
  return { sessions: [session], close: () => session.close(), options, store, events }
}

async function getUser(session: Session, { api_endpoint }: OpenOptions): Promise<string> {
  const response = await session.fetch(`${api_endpoint}/v2/user/get`, { method: 'POST' })
  return String(response.status)
}

async function resultOf(call: () => Promise<string>): Promise<Report['results'][number]> {
  try {
    return { ok: await call() }
  } catch (error) {
    return isPDSError(error)
      ? { code: error.code, cause: String(error.cause) }
      : { code: 'not a PDSError', cause: String(error) }
  }
}
