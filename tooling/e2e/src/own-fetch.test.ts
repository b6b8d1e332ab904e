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
 * The ways that the documents name to a proxy and to a certificate authority of one's own: a fetch of undici's, here
 * with a domain behind TLS and a proxy, both on this machine.
 */

let emulator: RunningEmulator
let authority: string
let api_endpoint: string
let proxy: string
/** What the proxy was asked for, and every byte that went through it. */
const asked: string[] = []
let carried = ''
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
    asked.push(request.url ?? '')
    if (request.headers['proxy-authorization'] === 'Basic bm90OnlvdQ==') {
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
      return
    }
    const upstream = connect(port, '127.0.0.1', () => client.write('HTTP/1.1 200 OK\r\n\r\n'))
    client.on('data', (bytes: Buffer) => {
      carried += bytes.toString('latin1')
    })
    client.on('error', () => upstream.destroy())
    client.pipe(upstream).pipe(client)
  })
  proxy = `http://127.0.0.1:${await listen(forward)}`
})

afterEach(async () => {
  vi.unstubAllEnvs()
  asked.length = 0
  carried = ''
  await Promise.all(dispatchers.splice(0).map((dispatcher) => dispatcher.destroy()))
})

afterAll(async () => {
  for (const server of servers) server.close()
  await emulator.close()
})

/** The fetch that the documents show. */
function through(dispatcher: Dispatcher): PDSFetch {
  dispatchers.push(dispatcher)
  return (url, init) => fetch(url, { ...init, dispatcher })
}

function obtain(config: PDSTransportConfig) {
  const { client_id, private_key_pem } = emulator.app('jwt')
  const transport = createTransport({ api_endpoint, retryCount: 0, ...config })
  return getServiceJwtToken(transport, { domain_id: emulator.domain_id, client_id, private_key_pem })
}

describe("a certificate of an authority of one's own", () => {
  it('is trusted by a fetch that knows it', async () => {
    const dispatcher = new Agent({ connect: { ca: authority } })
    await expect(obtain({ fetch: through(dispatcher) })).resolves.toMatchObject({ role: 'superadmin' })
  })

  it.each([
    ['the global fetch', () => ({})],
    ['a fetch that knows another one', () => ({ fetch: through(new Agent({ connect: { ca: [] } })) })],
  ])('is not trusted by %s, and nothing is sent', async (_what, config) => {
    const before = emulator.requests.length
    await expect(obtain(config())).rejects.toMatchObject({
      code: 'NetworkError',
      outcome: 'not-sent',
      message: `the connection to ${api_endpoint} failed (DEPTH_ZERO_SELF_SIGNED_CERT)`,
    })
    expect(emulator.requests).toHaveLength(before)
  })

  it('of another host is not trusted, and nothing is sent', async () => {
    const dispatcher = new Agent({ connect: { ca: authority, servername: 'bj1.api.aliyunpds.com' } })
    await expect(obtain({ fetch: through(dispatcher) })).rejects.toMatchObject({
      outcome: 'not-sent',
      message: `the connection to ${api_endpoint} failed (ERR_TLS_CERT_ALTNAME_INVALID)`,
    })
  })

  it.each(['rejectUnauthorized', 'insecure', 'httpsAgent', 'agent', 'dispatcher'])(
    'cannot be waved through by an option of ours: %s',
    async (name) => {
      await expect(async () => obtain({ [name]: false })).rejects.toMatchObject({ code: 'InvalidParameter' })
    },
  )
})

describe('a proxy', () => {
  it('is reached through ProxyAgent, and sees no secret', async () => {
    const dispatcher = new ProxyAgent({ uri: proxy, requestTls: { ca: authority } })
    await expect(obtain({ fetch: through(dispatcher) })).resolves.toMatchObject({ role: 'superadmin' })
    expect(asked).toEqual([new URL(api_endpoint).host])
    expect(carried.length).toBeGreaterThan(1000)
    expect(carried).not.toMatch(/assertion|grant_type|jwt-app/)
  })

  it('is reached through EnvHttpProxyAgent', async () => {
    vi.stubEnv('HTTPS_PROXY', proxy)
    const dispatcher = new EnvHttpProxyAgent({ requestTls: { ca: authority } })
    await expect(obtain({ fetch: through(dispatcher) })).resolves.toMatchObject({ role: 'superadmin' })
    expect(asked).toEqual([new URL(api_endpoint).host])
  })

  it('that does not answer is an error, and nothing is sent', async () => {
    const closed = createHttpServer()
    const port = await listen(closed)
    closed.close()
    await expect(
      obtain({ fetch: through(new ProxyAgent(`http://127.0.0.1:${port}`)) }),
    ).rejects.toMatchObject({
      code: 'NetworkError',
      outcome: 'not-sent',
      message: `the connection to ${api_endpoint} failed (ECONNREFUSED)`,
    })
  })

  it('that refuses is an error without its password', async () => {
    const before = emulator.requests.length
    const dispatcher = new ProxyAgent({ uri: proxy, token: 'Basic bm90OnlvdQ==' })
    const error = await obtain({ fetch: through(dispatcher) }).catch((reason: Error) => reason)
    expect(error).toMatchObject({ code: 'NetworkError' })
    expect(JSON.stringify(error) + (error as Error).stack).not.toContain('bm90OnlvdQ')
    expect(emulator.requests).toHaveLength(before)
  })
})
