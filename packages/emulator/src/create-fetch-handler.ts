import { isControlRequest } from './control/control-path.ts'
import { createControlRoutes } from './control/control-routes.ts'
import type { Domain } from './domain/domain.ts'
import { corruptResponse } from './faults/corrupt-response.ts'
import type { FaultQueue } from './faults/fault-queue.ts'
import { logRequest } from './log/log-request.ts'
import type { RequestLog, RequestTrace } from './log/request-log.ts'
import { createApp } from './routes/create-app.ts'
import { readBody } from './routes/params.ts'

/** The error of `fetch` if a fault cuts the connection. */
export class ConnectionDropped extends TypeError {
  constructor() {
    super('fetch failed')
  }
}

/**
 * Returns the function that handles requests to a domain. It routes each request, applies its fault and logs it.
 *
 * The function rejects with `ConnectionDropped` if a fault cuts the connection, and with the signal's reason if the
 * client aborted the request.
 */
export function createFetchHandler(
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
    const read = await readBody(request)
    const body = read ?? ''
    // A preflight request of a browser does not use up a fault.
    const fault = method === 'OPTIONS' ? undefined : faults.take(pathname)
    // fetch does not allow TRACE, so no Request of it can be created. The routes respond to any unknown method alike.
    const init = { method: method === 'TRACE' ? 'PUT' : method, headers, signal }
    const copy = new Request(url, { ...init, ...(body !== '' && { body }) })
    const trace: RequestTrace = {}
    const response = await app.fetch(copy, { fault, requestId, trace, isTooLarge: read === undefined })
    const isDropped = fault?.type === 'drop'
    const hasNoResponse = isDropped || signal.aborted
    const skew = fault?.type === 'date' ? fault.skew : 0
    response.headers.set('x-ca-request-id', requestId)
    response.headers.set('date', new Date(domain.clock.now() + skew).toUTCString())
    const entry = { at, requestId, ...(fault && { fault: fault.type }) }
    await logRequest(log, entry, { method, url, headers, body }, hasNoResponse ? undefined : response, trace)
    if (isDropped) throw new ConnectionDropped()
    signal.throwIfAborted()
    return fault ? corruptResponse(fault, response, signal) : response
  }
}
