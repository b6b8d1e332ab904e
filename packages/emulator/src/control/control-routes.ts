import { Hono } from 'hono'
import { accepts } from 'hono/accepts'
import type { Domain } from '../domain/domain.ts'
import { ServiceError } from '../domain/service-error.ts'
import type { FaultQueue } from '../faults/fault-queue.ts'
import type { RequestLog } from '../log/request-log.ts'
import { detectLanguage } from '../pages/content-negotiation.ts'
import { sendLivePage } from '../pages/live-page.ts'
import { controlPath } from './control-path.ts'
import { createDomainRoutes } from './domain-routes.ts'
import { createFaultRoutes } from './fault-routes.ts'
import { handleControlError } from './json-body.ts'
import { streamRequests } from './stream-requests.ts'

/** Returns the routes of the emulator itself: the live page, the log, the faults and the state of the domain. */
export function createControlRoutes(domain: Domain, log: RequestLog, faults: FaultQueue): Hono {
  const app = new Hono()
  app.use(async (context, next) => {
    await next()
    context.header('date', new Date(domain.clock.now()).toUTCString())
    context.header('x-content-type-options', 'nosniff')
    context.header('cache-control', 'no-store')
  })
  app.get('/', detectLanguage, (context) => sendLivePage(context, domain, log))
  // The pages embed their icon.
  app.get('/favicon.ico', (context) => context.body(null, 204))
  app.get(`${controlPath}requests`, (context) => {
    context.header('vary', 'Accept')
    const supports = ['application/json', 'text/event-stream']
    const type = accepts(context, { header: 'Accept', supports, default: 'application/json' })
    if (type === 'application/json') return context.json(log.entries)
    const after = context.req.header('last-event-id') ?? context.req.query('after')
    const headers = { 'content-type': 'text/event-stream' }
    // The response to HEAD has no body. A stream would never be read, and so never be closed.
    if (context.req.method === 'HEAD') return context.body(null, { headers })
    return context.body(streamRequests(log, after, context.req.raw.signal), { headers })
  })
  app.delete(`${controlPath}requests`, (context) => {
    log.clear()
    return context.body(null, 204)
  })
  app.route('/', createFaultRoutes(faults))
  app.route('/', createDomainRoutes(domain, faults))
  app.onError(handleControlError)
  app.notFound((context) => {
    const paths = ['', 'clock', 'codes', 'faults', 'requests', 'sessions', 'users']
    const message = `Not found. The emulator has ${paths.map((name) => controlPath + name).join(', ')}.`
    return context.json(new ServiceError(404, 'NotFound', message).toJSON(), 404)
  })
  return app
}
