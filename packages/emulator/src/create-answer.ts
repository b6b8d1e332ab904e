import { createControlRoutes, isControlRequest } from './control-routes.ts'
import { createApp } from './create-app.ts'
import type { Domain } from './domain.ts'
import type { FaultQueue } from './fault-queue.ts'
import { logRequest } from './log-request.ts'
import { readBody } from './read-body.ts'
import type { RequestLog } from './request-log.ts'
import type { RequestTrace } from './request-trace.ts'
import { spoilAnswer } from './spoil-answer.ts'

/** What fetch rejects with where a fault cuts the connection. */
export class ConnectionDropped extends TypeError {
  constructor() {
    super('fetch failed')
  }
}

/**
 * Makes the function that answers requests to a domain: each is routed, meets the fault that waits for it, and is
 * logged. It rejects with `ConnectionDropped` where a fault cuts the connection, and with the signal's reason where the
 * client has gone.
 */
export function createAnswer(
  domain: Domain,
  log: RequestLog,
  faults: FaultQueue,
): (request: Request) => Promise<Response> {
  const app = createApp(domain)
  const controlRoutes = createControlRoutes(domain, log, faults)

  return async (request) => {
    const { method, url, headers, signal } = request
    const { pathname } = new URL(url)
    if (isControlRequest(method, pathname)) return controlRoutes.fetch(request)
    const at = domain.clock.now()
    const requestId = crypto.randomUUID().toUpperCase()
    const given = await readBody(request)
    const body = given ?? ''
    // What a browser asks before a request is none of its own.
    const fault = method === 'OPTIONS' ? undefined : faults.take(pathname)
    const copy = new Request(url, { method, headers, signal, ...(body !== '' && { body }) })
    const trace: RequestTrace = {}
    const answer = await app.fetch(copy, { fault, requestId, trace, isTooLarge: given === undefined })
    const isDropped = fault?.type === 'drop'
    const hasNoAnswer = isDropped || signal.aborted
    const skew = fault?.type === 'date' ? fault.skew : 0
    answer.headers.set('x-ca-request-id', requestId)
    answer.headers.set('date', new Date(domain.clock.now() + skew).toUTCString())
    const entry = { at, requestId, ...(fault && { fault: fault.type }) }
    await logRequest(log, entry, { method, url, headers, body }, hasNoAnswer ? undefined : answer, trace)
    if (isDropped) throw new ConnectionDropped()
    signal.throwIfAborted()
    return fault ? spoilAnswer(fault, answer, signal) : answer
  }
}
