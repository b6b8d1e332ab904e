import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { createEmulator } from '@pds/emulator'
import { serveRequests } from '../../harness/request-process.ts'
import type { ServiceLimit, ServiceRequest, ServiceResponse } from './throttled-service.ts'

/* An emulator behind a limit, in a separate process: it rejects the requests beyond the limit with status 429. */

let service: Service | undefined

interface Service extends ServiceResponse {
  close(): void
}

serveRequests(async ({ start }: ServiceRequest): Promise<ServiceResponse> => {
  if (start) {
    service?.close()
    service = await startService(start.limit, start.user_ids)
  }
  if (!service) throw new Error('no service was started')
  const { api_endpoint, application, rejected, granted } = service
  return { api_endpoint, application, rejected, granted }
})

async function startService(limit: ServiceLimit, user_ids: readonly string[]): Promise<Service> {
  const emulator = await createEmulator({ users: user_ids.map((user_id) => ({ user_id })) })
  const { client_id, private_key_pem = '' } = emulator.app('jwt')
  const isAdmitted = createLimit(limit)
  let active = 0
  let rejected = 0

  const server = createServer(async (request, response) => {
    active++
    response.once('close', () => active--)
    if (isAdmitted(active)) return forward(request, response)
    rejected++
    request.resume()
    response.writeHead(429, 'perSecond' in limit ? { 'retry-after': '1' } : {}).end('{}')
  })

  async function forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request
    const body = await text(request)
    const forwarded = { method, headers: { 'content-type': headers['content-type'] ?? '' }, body }
    const result = await emulator.fetch(`http://local.test${url}`, forwarded)
    response.writeHead(result.status, Object.fromEntries(result.headers)).end(await result.text())
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    api_endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    application: { domain_id: emulator.domain_id, client_id, private_key_pem },
    get rejected() {
      return rejected
    },
    get granted() {
      return emulator.requests.flatMap(({ user_id, status }) => (user_id && status === 200 ? [user_id] : []))
    },
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** Returns a function that decides about a request. It gets the number of requests that are under way. */
function createLimit(limit: ServiceLimit): (active: number) => boolean {
  if ('atATime' in limit) return (active) => active <= limit.atATime
  let windowStart = Number.NEGATIVE_INFINITY
  let admitted = 0
  return () => {
    const now = performance.now()
    if (now >= windowStart + 1000) {
      windowStart = now
      admitted = 0
    }
    return ++admitted <= limit.perSecond
  }
}
