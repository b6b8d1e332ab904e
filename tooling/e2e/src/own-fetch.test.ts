import { once } from 'node:events'
import { createServer as createHttpServer, type Server } from 'node:http'
import { type AddressInfo, connect, type Server as TcpServer } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { getServiceJwtToken } from '@pds/auth-jwt'
import { createTransport, type PDSFetch, type PDSTransportConfig } from '@pds/core'
import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { generate } from 'selfsigned'
import { Agent, type Dispatcher, EnvHttpProxyAgent, fetch, ProxyAgent } from 'undici'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'

/*
 * The documented ways to use a proxy and a private certificate authority: the fetch of undici. The domain behind TLS
 * and the proxy run on this machine.
 */

let emulator: RunningEmulator
let authority: string
let api_endpoint: string
let proxy: string
/** The targets of the proxy's CONNECT requests, and every byte that clients sent through it. */
const targets: string[] = []
let forwarded = ''
const servers: (Server | TcpServer)[] = []
const dispatchers: Dispatcher[] = []

async function listen(server: Server | TcpServer): Promise<number> {
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

beforeAll(async () => {
  emulator = await startEmulator()
  const localhost = [
    { type: 2, value: 'localhost' },
    { type: 7, ip: '127.0.0.1' },
  ]
  const pems = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    extensions: [{ name: 'subjectAltName', altNames: localhost }],
  } as Parameters<typeof generate>[1])
  authority = pems.cert
  const port = await listen(
    createTlsServer({ key: pems.private, cert: pems.cert }, (client) => {
      const upstream = connect(emulator.port, '127.0.0.1')
      client.on('error', () => upstream.destroy())
      client.pipe(upstream).pipe(client)
    }),
  )
  api_endpoint = `https://localhost:${port}`

  const forward = createHttpServer((_request, response) => response.writeHead(405).end())
  forward.on('connect', (request, client) => {
    targets.push(request.url ?? '')
    if (request.headers['proxy-authorization'] === 'Basic bm90OnlvdQ==') {
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
      return
    }
    const upstream = connect(port, '127.0.0.1', () => client.write('HTTP/1.1 200 OK\r\n\r\n'))
    client.on('data', (bytes: Buffer) => {
      forwarded += bytes.toString('latin1')
    })
    client.on('error', () => upstream.destroy())
    client.pipe(upstream).pipe(client)
  })
  proxy = `http://127.0.0.1:${await listen(forward)}`
})

afterEach(async () => {
  vi.unstubAllEnvs()
  targets.length = 0
  forwarded = ''
  await Promise.all(dispatchers.splice(0).map((dispatcher) => dispatcher.destroy()))
})

afterAll(async () => {
  for (const server of servers) server.close()
  await emulator.close()
})

/** Returns the fetch function that the documentation shows. */
function fetchThrough(dispatcher: Dispatcher): PDSFetch {
  dispatchers.push(dispatcher)
  return (url, init) => fetch(url, { ...init, dispatcher })
}

function obtain(config: PDSTransportConfig) {
  const { client_id, private_key_pem } = emulator.app('jwt')
  const transport = createTransport({ api_endpoint, retryCount: 0, ...config })
  return getServiceJwtToken(transport, { domain_id: emulator.domain_id, client_id, private_key_pem })
}

describe('a certificate of a private authority', () => {
  it('is trusted by a fetch with that authority', async () => {
    const dispatcher = new Agent({ connect: { ca: authority } })
    await expect(obtain({ fetch: fetchThrough(dispatcher) })).resolves.toMatchObject({ role: 'superadmin' })
  })

  it.each([
    ['the global fetch', () => ({})],
    ['a fetch without that authority', () => ({ fetch: fetchThrough(new Agent({ connect: { ca: [] } })) })],
  ])('is not trusted by %s, and nothing is sent', async (_what, config) => {
    const before = emulator.requests.length
    await expect(obtain(config())).rejects.toMatchObject({
      code: 'NetworkError',
      outcome: 'not-sent',
      message: expect.stringContaining(
        `the connection to ${api_endpoint} failed (DEPTH_ZERO_SELF_SIGNED_CERT: `,
      ),
    })
    expect(emulator.requests).toHaveLength(before)
  })

  it('for another host is not trusted, and nothing is sent', async () => {
    const dispatcher = new Agent({ connect: { ca: authority, servername: 'bj1.api.aliyunpds.com' } })
    await expect(obtain({ fetch: fetchThrough(dispatcher) })).rejects.toMatchObject({
      outcome: 'not-sent',
      message: expect.stringContaining(
        `the connection to ${api_endpoint} failed (ERR_TLS_CERT_ALTNAME_INVALID: `,
      ),
    })
  })

  it.each(['rejectUnauthorized', 'insecure', 'httpsAgent', 'agent', 'dispatcher'])(
    'cannot be accepted with the option %s',
    async (name) => {
      await expect(async () => obtain({ [name]: false })).rejects.toMatchObject({ code: 'InvalidParameter' })
    },
  )
})

describe('a proxy', () => {
  it('is used through ProxyAgent and sees no secret', async () => {
    const dispatcher = new ProxyAgent({ uri: proxy, requestTls: { ca: authority } })
    await expect(obtain({ fetch: fetchThrough(dispatcher) })).resolves.toMatchObject({ role: 'superadmin' })
    expect(targets).toEqual([new URL(api_endpoint).host])
    expect(forwarded.length).toBeGreaterThan(1000)
    expect(forwarded).not.toMatch(/assertion|grant_type|jwt-app/)
  })

  it('is used through EnvHttpProxyAgent', async () => {
    vi.stubEnv('HTTPS_PROXY', proxy)
    const dispatcher = new EnvHttpProxyAgent({ requestTls: { ca: authority } })
    await expect(obtain({ fetch: fetchThrough(dispatcher) })).resolves.toMatchObject({ role: 'superadmin' })
    expect(targets).toEqual([new URL(api_endpoint).host])
  })

  it('that is down causes an error, and nothing is sent', async () => {
    const closed = createHttpServer()
    const port = await listen(closed)
    closed.close()
    await expect(
      obtain({ fetch: fetchThrough(new ProxyAgent(`http://127.0.0.1:${port}`)) }),
    ).rejects.toMatchObject({
      code: 'NetworkError',
      outcome: 'not-sent',
      message: expect.stringContaining(`the connection to ${api_endpoint} failed (ECONNREFUSED: `),
    })
  })

  it('that rejects the credentials causes an error without them', async () => {
    const before = emulator.requests.length
    const dispatcher = new ProxyAgent({ uri: proxy, token: 'Basic bm90OnlvdQ==' })
    const error = await obtain({ fetch: fetchThrough(dispatcher) }).catch((reason: Error) => reason)
    expect(error).toMatchObject({ code: 'NetworkError', outcome: 'not-sent' })
    expect(JSON.stringify(error) + (error as Error).stack).not.toContain('bm90OnlvdQ')
    expect(emulator.requests).toHaveLength(before)
  })
})
