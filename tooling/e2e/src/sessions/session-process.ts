import { isPDSError } from '@pds/core'
import { createSession, type Session } from '@pds/session'
import { interruptGrant, interruptStore } from './interrupt.ts'
import type { Message, OpenOptions, Order, Report } from './orders.ts'
import { makeGrant, type OpenStore, openStore } from './session-parts.ts'

/*
 * A process that shares a session with others. It carries out the orders of its parent, and kills or stops itself at
 * the point that its options name. It exits when its parent disconnects.
 */

interface Opened {
  session: Session
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
  const { session, store, events, options } = opened
  const results: Report['results'] = []
  if (order.type === 'close') {
    opened = undefined
    session.close()
    await store.close()
  } else if (order.type !== 'open') {
    const call = order.type === 'fetch' ? () => getUser(session, options) : () => session.getAccessToken()
    await Promise.all(Array.from({ length: order.callers }, async () => results.push(await resultOf(call))))
  }
  return { results, events: events.splice(0) }
}

async function open(options: OpenOptions): Promise<Opened> {
  const store = await openStore(options.store)
  const session = createSession({
    key: 'user-1',
    grant: interruptGrant(makeGrant(options), options),
    store: interruptStore(store.store, options),
    ...options.limits,
  })
  const events: Report['events'] = []
  for (const type of ['refreshed', 'login_required', 'signed_out', 'error'] as const) {
    session.subscribe(type, (event) => {
      const by = 'by' in event ? event.by : undefined
      events.push({ type, by, cause: 'error' in event ? String(event.error.cause) : undefined })
    })
  }
  return { session, options, store, events }
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
