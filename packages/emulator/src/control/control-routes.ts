import { Hono } from 'hono'
import { accepts } from 'hono/accepts'
import type { Domain } from '../domain/domain.ts'
import { ServiceError } from '../domain/service-error.ts'
import type { FaultQueue } from '../faults/fault-queue.ts'
import type { RequestLog } from '../log/request-log.ts'
import { detectLanguage } from '../pages/content-negotiation.ts'
import { sendLivePage } from '../pages/live-page.ts'
import { controlPath, createFaultRoutes } from './fault-routes.ts'
import { streamRequests } from './stream-requests.ts'

/** Whether a request is for the emulator itself and not for its domain: such are not in the log. */
export function isControlRequest(method: string, pathname: string): boolean {
  const isPage = pathname === '/' || pathname === '/favicon.ico'
  return pathname.startsWith(controlPath) || (isPage && (method === 'GET' || method === 'HEAD'))
}

/** What an emulator says of itself, and what it is told to do. */
export function createControlRoutes(domain: Domain, log: RequestLog, faults: FaultQueue): Hono {
  const app = new Hono()
  app.use(async (context, next) => {
    await next()
    context.header('date', new Date(domain.clock.now()).toUTCString())
    context.header('x-content-type-options', 'nosniff')
    context.header('cache-control', 'no-store')
  })
  app.get('/', detectLanguage, (context) => sendLivePage(context, domain, log))
  // Its pages have an icon of their own, and others need none.
  app.get('/favicon.ico', (context) => context.body(null, 204))
  app.get(`${controlPath}requests`, (context) => {
    context.header('vary', 'Accept')
    const supports = ['application/json', 'text/event-stream']
    const type = accepts(context, { header: 'Accept', supports, default: 'application/json' })
    if (type === 'application/json') return context.json(log.entries)
    const after = context.req.header('last-event-id') ?? context.req.query('after')
    const headers = { 'content-type': 'text/event-stream' }
    // Nobody would read the stream, and so it would never end.
    if (context.req.method === 'HEAD') return context.body(null, { headers })
    return context.body(streamRequests(log, after, context.req.raw.signal), { headers })
  })
  app.route('/', createFaultRoutes(faults))
  app.notFound((context) => {
    const message = `There are ${controlPath}faults and ${controlPath}requests.`
    return context.json(new ServiceError(404, 'NotFound', message).toJSON(), 404)
  })
  return app
}
