import { createServer as createHttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import { refreshToken } from '@pds/auth-oauth'
import { createTransport, type PDSFetch } from '@pds/core'
import * as undici7 from 'undici'
import { Agent, fetch as undiciFetch } from 'undici'
import * as undici6 from 'undici-6'
import * as undici8 from 'undici-8'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  type BrokenServer,
  BrokenServers,
  type Certificate,
  certify,
  handshakeFailure,
} from './broken-servers.ts'
import { failure } from './failure.ts'
import { nodeFetches, type OwnFetch, undiciFetches } from './own-fetches.ts'

/*
 * What the outcome of a failed connection is: `not-sent` if no connection carried the request, `unknown` otherwise. The
 * servers and proxies are real and run on this machine.
 */

let certificates: Record<'trusted' | 'other' | 'weak' | 'expired', Certificate>
let servers: BrokenServers
const open: OwnFetch[] = []

const day = 24 * 3_600_000

beforeAll(async () => {
  const [notBeforeDate, notAfterDate] = [new Date(Date.now() - 2 * day), new Date(Date.now() - day)]
  certificates = {
    trusted: await certify(),
    other: await certify({}, 'other.test'),
    weak: await certify({ keyType: 'rsa', keySize: 1024 }),
    expired: await certify({ notBeforeDate, notAfterDate }),
  }
  servers = new BrokenServers(certificates.trusted)
})

afterEach(async () => {
  for (const each of open.splice(0)) await each.close()
})

afterAll(() => servers.close())

const onceRequested =
  (break_: (socket: Socket) => void) =>
  (socket: Socket, requested: () => void): void => {
    socket.once('data', () => {
      requested()
      break_(socket)
    })
  }

type Start = () => Promise<BrokenServer>

// The connections that are not made: for each, a part of the message that says why.
const notMade: [what: string, start: Start, message: RegExp][] = [
  [
    'a server closes the TLS handshake',
    () => servers.tcp('https', (socket) => socket.once('data', () => socket.end())),
    /ECONNRESET: .*Client network socket disconnected before secure TLS connection/,
  ],
  [
    'a server closes the connection before the TLS handshake',
    () => servers.tcp('https', (socket) => socket.end()),
    /ECONNRESET: .*Client network socket disconnected before secure TLS connection/,
  ],
  [
    'a server refuses the TLS handshake with an alert',
    () => servers.tcp('https', (socket) => socket.once('data', () => socket.end(handshakeFailure))),
    /alert handshake failure/,
  ],
  [
    'a server supports only an old version of TLS',
    () => servers.tls({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' }),
    /alert protocol version/,
  ],
  [
    'a server requires a client certificate in TLS 1.2',
    () => servers.tls({ requestCert: true, maxVersion: 'TLSv1.2' }),
    /alert handshake failure/,
  ],
  [
    'a port for https: speaks HTTP',
    () => servers.tcp('https', (socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad\r\n\r\n'))),
    /wrong version number/,
  ],
]

// The connections that carry a request and are then broken.
const made: [what: string, start: Start][] = [
  ['closes the TLS connection', () => servers.tls({})],
  ['closes the TCP connection below TLS', () => servers.tlsThen((socket) => socket.end())],
  ['resets the TCP connection below TLS', () => servers.tlsThen((socket) => socket.resetAndDestroy())],
  ['writes plain text into the TLS connection', () => servers.tlsThen((socket) => socket.end('HTTP/1.1 4'))],
  [
    'writes a plain alert into the TLS connection',
    () => servers.tlsThen((socket) => socket.end(handshakeFailure)),
  ],
  [
    'closes the connection',
    () =>
      servers.tcp(
        'http',
        onceRequested((socket) => socket.end()),
      ),
  ],
  [
    'resets the connection',
    () =>
      servers.tcp(
        'http',
        onceRequested((socket) => socket.resetAndDestroy()),
      ),
  ],
  [
    'does not speak HTTP',
    () =>
      servers.tcp(
        'http',
        onceRequested((socket) => socket.end('SSH-2.0-x\r\n')),
      ),
  ],
]

const resetHandshake: Start = () =>
  servers.tcp('https', (socket) => socket.once('data', () => socket.resetAndDestroy()))

describe('the global fetch', () => {
  it.each(notMade)('has sent no request if %s', async (_what, start, message) => {
    const server = await start()
    const error = await failure(server.endpoint)
    // The authority of the servers is not trusted.
    expect(error.message).toMatch(new RegExp(`${message.source}|SELF_SIGNED`))
    expect({ outcome: error.outcome, requests: server.requests() }).toEqual({
      outcome: 'not-sent',
      requests: 0,
    })
  })

  it('has sent no request if a server resets the TLS handshake', async () => {
    const error = await failure((await resetHandshake()).endpoint)
    expect(error).toMatchObject({ outcome: 'not-sent', message: expect.stringContaining('read ECONNRESET') })
  })

  it('sends no request to a port that fetch blocks', async () => {
    expect(await failure('http://127.0.0.1:6667')).toMatchObject({
      outcome: 'not-sent',
      message: 'the connection to http://127.0.0.1:6667 failed (Error: bad port)',
    })
  })

  it('says that a server does not speak HTTP', async () => {
    const server = await servers.tcp(
      'http',
      onceRequested((socket) => socket.end('SSH-2.0-x\r\n')),
    )
    const error = await failure(server.endpoint)
    expect(error).toMatchObject({
      outcome: 'unknown',
      message: expect.stringContaining('does not match the HTTP/1.1 protocol'),
    })
  })
})

describe.each(Object.entries({ ...undiciFetches, ...nodeFetches }))('the fetch of %s', (name, create) => {
  const connected = (authority = certificates.trusted.cert): PDSFetch => {
    const own = create(authority)
    open.push(own)
    return own.fetch
  }

  it.each(notMade)('has sent no request if %s', async (_what, start, message) => {
    const server = await start()
    const error = await failure(server.endpoint, { fetch: connected() })
    expect(error.message).toMatch(message)
    expect({ outcome: error.outcome, requests: server.requests() }).toEqual({
      outcome: 'not-sent',
      requests: 0,
    })
  })

  it.each(made)('may have sent a request if a server %s', async (_what, start) => {
    const server = await start()
    const error = await failure(server.endpoint, { fetch: connected() })
    expect({ outcome: error.outcome, requests: server.requests() }).toEqual({
      outcome: 'unknown',
      requests: 1,
    })
  })

  // The client completes the handshake before the server checks the client's certificate.
  it('may have sent a request if a server requires a client certificate in TLS 1.3', async () => {
    const server = await servers.tls({ requestCert: true, minVersion: 'TLSv1.3' })
    expect(await failure(server.endpoint, { fetch: connected() })).toMatchObject({ outcome: 'unknown' })
  })

  it.each([
    ['is not trusted', 'trusted', 'other', /SELF_SIGNED_CERT/],
    ['belongs to another host', 'other', 'other', /ERR_TLS_CERT_ALTNAME_INVALID/],
    ['has expired', 'expired', 'expired', /CERT_HAS_EXPIRED/],
    ['has a weak key', 'weak', 'weak', /certificate key too weak/],
  ] as const)('has sent no request if the certificate %s', async (_what, ofServer, ofAuthority, message) => {
    const server = await servers.tls({ ...certificates[ofServer], ciphers: 'DEFAULT@SECLEVEL=0' })
    const error = await failure(server.endpoint, { fetch: connected(certificates[ofAuthority].cert) })
    expect(error.message).toMatch(message)
    expect({ outcome: error.outcome, requests: server.requests() }).toEqual({
      outcome: 'not-sent',
      requests: 0,
    })
  })

  it('has sent no request if the connection is refused', async () => {
    const closed = new BrokenServers(certificates.trusted)
    const { endpoint } = await closed.tls({})
    closed.close()
    expect(await failure(endpoint, { fetch: connected() })).toMatchObject({ outcome: 'not-sent' })
  })

  it('reports a reset TLS handshake', async () => {
    const error = await failure((await resetHandshake()).endpoint, { fetch: connected() })
    // node-fetch reports a reset of an established connection in the same way.
    expect(error).toMatchObject({ outcome: name.startsWith('node-fetch') ? 'unknown' : 'not-sent' })
  })
})

it('sends a refresh token after a TLS handshake that failed', async () => {
  const bodies: string[] = []
  const https = createHttpsServer(certificates.trusted, async (request, response) => {
    for await (const chunk of request) bodies.push(String(chunk))
    response.end('{"access_token":"a.b.c","expires_in":60}')
  })
  let connections = 0
  const { endpoint } = await servers.tcp('https', (socket) => {
    if (++connections === 1) socket.end()
    else https.emit('connection', socket)
  })
  const dispatcher = new Agent({ connect: { ca: certificates.trusted.cert } })
  open.push({ fetch, close: () => dispatcher.destroy() })
  const transport = createTransport({
    api_endpoint: endpoint,
    retryCount: 1,
    fetch: (url, init) => undiciFetch(url, { ...init, dispatcher }),
  })
  const app = { client_id: 'app', redirect_uri: 'http://localhost/callback' }
  expect(await refreshToken(transport, { ...app, refresh_token: 'once' })).toMatchObject({
    access_token: 'a.b.c',
  })
  expect(bodies).toEqual([expect.stringContaining('refresh_token=once')])
})

it.each([
  ['undici 6', undici6],
  ['undici 7', undici7],
  ['undici 8', undici8],
])('says which of the requests that share a connection of %s was sent', async (_name, undici) => {
  const { Agent, fetch } = undici as unknown as typeof undici7
  const closing = new BrokenServers(certificates.trusted)
  const { endpoint, requests } = await closing.tcp(
    'http',
    onceRequested(() => closing.close()),
  )
  // undici sends a POST request only after the response of the one before it.
  const dispatcher = new Agent({ connections: 1, pipelining: 10 })
  open.push({ fetch: globalThis.fetch, close: () => dispatcher.destroy() })
  const send = () => failure(endpoint, { fetch: (url, init) => fetch(url, { ...init, dispatcher }) })
  const errors = await Promise.all([send(), send(), send()])
  expect(errors.map(({ outcome }) => outcome)).toEqual(['unknown', 'not-sent', 'not-sent'])
  expect(requests()).toBe(1)
})
