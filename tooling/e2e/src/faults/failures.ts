import { once } from 'node:events'
import { createServer, type Server as HttpServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import type { PDSFetch } from '@pds/core'
import type { Fault } from '@pds/emulator'
import { generate } from 'selfsigned'
import { Agent, ProxyAgent, fetch as undiciFetch } from 'undici'

/** A failure that belongs to a row of the table. */
export interface Failure {
  name: string
  /** What the emulator does to the request. */
  fault?: Fault
  /** A fetch that fails before the request reaches the emulator. */
  fetch?: PDSFetch
  /** The error code, if the table says that it is the service's. */
  code?: string
}

/** The failures by row of the failure table in the README of @pds/core. */
export type Failures = Record<string, readonly Failure[]>

// In milliseconds: longer than every test.
const tooLong = 3_600_000
const both = ['before', 'after'] as const
const serviceError = { code: 'Canceled.Fault', message: 'a fault on demand' }

/** Returns error responses: the first status with each known shape of body, the others with the usual shape. */
function errorResponses(statuses: readonly number[], when: 'before' | 'after' = 'before'): Failure[] {
  const shapes = ['service', 'capital', 'gateway', 'xml', 'html', 'empty'] as const
  return statuses.flatMap((status, index) =>
    (index === 0 ? shapes : shapes.slice(0, 1)).map((body) => ({
      name: `${status} ${body} ${when}`,
      fault: { type: 'status', status, body, when, ...serviceError } as const,
      code: body === 'html' || body === 'empty' ? 'InvalidResponse' : serviceError.code,
    })),
  )
}

/** Creates every failure of the table, and starts the servers that some failures need. */
export async function makeFailures(): Promise<{ failures: Failures; trapped(): number; close(): void }> {
  const servers: (HttpServer | Server)[] = []
  const listen = async (server: HttpServer | Server) => {
    servers.push(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
  })
  const untrustedPort = await listen(createTlsServer({ key, cert }, (socket) => socket.destroy()))
  const closed = createServer()
  const closedPort = await listen(closed)
  closed.close()
  await once(closed, 'close')
  let trapped = 0
  const trapPort = await listen(
    createServer((_request, response) => {
      trapped++
      response.end('{}')
    }),
  )
  const closingPort = await listen(createTcpServer((socket) => socket.end()))
  const proxy = createServer().on('connect', (_request, client) => client.end('HTTP/1.1 407 No\r\n\r\n'))
  const refusingProxy = new ProxyAgent(`http://127.0.0.1:${await listen(proxy)}`)
  const unresolvingAgent = new Agent({
    connect: {
      lookup: (host, _options, done) => done(Object.assign(new Error(host), { code: 'ENOTFOUND' }), '', 4),
    },
  })

  const failures: Failures = {
    'the connection is refused, the name unknown, the certificate not trusted': [
      { name: 'refused', fetch: (_url, init) => fetch(`http://127.0.0.1:${closedPort}`, init) },
      {
        name: 'unknown name',
        fetch: (_url, init) => undiciFetch('http://pds.test', { ...init, dispatcher: unresolvingAgent }),
      },
      { name: 'not trusted', fetch: (_url, init) => fetch(`https://127.0.0.1:${untrustedPort}`, init) },
    ],
    'the TLS handshake fails, a proxy refuses the tunnel, fetch blocks the port': [
      { name: 'handshake', fetch: (_url, init) => fetch(`https://127.0.0.1:${closingPort}`, init) },
      { name: 'plain port', fetch: (_url, init) => fetch(`https://127.0.0.1:${trapPort}`, init) },
      {
        name: 'tunnel',
        fetch: (_url, init) => undiciFetch('https://pds.test', { ...init, dispatcher: refusingProxy }),
      },
      { name: 'blocked port', fetch: (_url, init) => fetch('http://127.0.0.1:6667', init) },
    ],
    'the connection is cut before the request was carried out': [
      { name: 'drop before', fault: { type: 'drop' } },
    ],
    'the connection is cut after the request was carried out': [
      { name: 'drop after', fault: { type: 'drop', when: 'after' } },
    ],
    'a success is cut off': [{ name: 'truncate', fault: { type: 'truncate' } }],
    'a success is shorter than its length says': [
      { name: 'length + 7', fault: { type: 'wrong-length', by: 7 } },
    ],
    'a success is longer than its length says': [
      { name: 'length - 7', fault: { type: 'wrong-length', by: -7 } },
    ],
    'the response arrives after the `timeout`': both.map((when) => ({
      name: `delay ${when}`,
      fault: { type: 'delay', milliseconds: tooLong, when },
    })),
    'a success is not complete within the `timeout`': [
      { name: 'drip', fault: { type: 'drip', milliseconds: tooLong } },
    ],
    'status 429, throttled': [
      { name: 'seconds', fault: { type: 'throttle', retryAfter: 0 }, code: 'TooManyRequests' },
      {
        name: 'date',
        fault: { type: 'throttle', retryAfter: 'Thu, 01 Jan 2026 00:00:00 GMT' },
        code: 'TooManyRequests',
      },
      { name: 'no Retry-After', fault: { type: 'throttle' }, code: 'TooManyRequests' },
    ],
    'status 503, unavailable': errorResponses([503]),
    'status 500, 502 or 504': [...errorResponses([500, 502, 504]), ...errorResponses([500], 'after')],
    'another status 5xx': errorResponses([501, 505]),
    'status 408, the request arrived too slowly': errorResponses([408]),
    'another status 4xx': errorResponses([400, 401, 403, 404, 409, 418, 422]),
    'a redirect': ([301, 302, 303, 307, 308] as const).flatMap((status) =>
      both.map((when) => ({
        name: `${status} ${when}`,
        fault: { type: 'redirect', location: `http://127.0.0.1:${trapPort}/`, status, when } as const,
      })),
    ),
    'a page of HTML with status 200': both.map((when) => ({ name: when, fault: { type: 'html', when } })),
  }
  return {
    failures,
    trapped: () => trapped,
    close() {
      void unresolvingAgent.destroy()
      void refusingProxy.destroy()
      for (const server of servers) server.close()
    },
  }
}
