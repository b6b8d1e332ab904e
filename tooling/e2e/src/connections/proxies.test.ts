import { execFile } from 'node:child_process'
import { connect, type Socket } from 'node:net'
import { promisify } from 'node:util'
import { hangTime } from 'shared/time'
import { type Dispatcher, ProxyAgent, fetch as undiciFetch } from 'undici'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { BrokenServers, type Certificate, certify } from './broken-servers.ts'
import { failure } from './failure.ts'

/* The outcome of a request through a proxy: `not-sent` until there is a tunnel to the server, with TLS inside. */

let certificate: Certificate
let servers: BrokenServers
const dispatchers: Dispatcher[] = []

beforeAll(async () => {
  certificate = await certify()
  servers = new BrokenServers(certificate)
})

afterEach(async () => {
  for (const dispatcher of dispatchers.splice(0)) await dispatcher.destroy()
})

afterAll(() => servers.close())

describe('a proxy', () => {
  const answers: Record<string, [answer: Parameters<BrokenServers['proxy']>[0], message: RegExp]> = {
    'rejects the credentials': [
      (client) => client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'),
      /Proxy response \(407\)/,
    ],
    'cannot reach the server': [
      (client) => client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'),
      /Proxy response \(502\)/,
    ],
    'resets the CONNECT request': [(client) => (client as Socket).resetAndDestroy(), /read ECONNRESET/],
    'closes the tunnel in the TLS handshake': [
      (client) => {
        client.write('HTTP/1.1 200 OK\r\n\r\n')
        client.once('data', () => client.end())
      },
      /before secure TLS connection/,
    ],
  }

  it.each(Object.entries(answers))(
    'that %s gets no request from ProxyAgent',
    async (_what, [answer, message]) => {
      const dispatcher = new ProxyAgent(await servers.proxy(answer))
      dispatchers.push(dispatcher)
      const error = await failure('https://pds.test', {
        fetch: (url, init) => undiciFetch(url, { ...init, dispatcher }),
      })
      expect(error).toMatchObject({ outcome: 'not-sent', message: expect.stringMatching(message) })
    },
  )

  it('that rejects the credentials gets no request with NODE_USE_ENV_PROXY', async () => {
    const [answer, message] = answers['rejects the credentials'] as (typeof answers)[string]
    const proxy = await servers.proxy(answer)
    const program = `
      import { createTransport } from '@pds/core'
      const transport = createTransport({ api_endpoint: 'https://pds.test', retryCount: 0 })
      const request = { endpoint: 'api', path: '/x', format: 'json', params: {}, read: () => undefined }
      await transport.post(request).catch((error) => console.log(JSON.stringify(error)))`
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '--eval', program],
      {
        cwd: import.meta.dirname,
        env: { ...process.env, NODE_USE_ENV_PROXY: '1', HTTPS_PROXY: proxy, NO_PROXY: '' },
        timeout: hangTime,
      },
    )
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'not-sent', message: expect.stringMatching(message) })
  })

  it('that closes the tunnel after the request may have forwarded it', async () => {
    const { endpoint, requests } = await servers.tls({})
    const { port } = new URL(endpoint)
    const uri = await servers.proxy((client) => {
      const upstream = connect(Number(port), '127.0.0.1', () => client.write('HTTP/1.1 200 OK\r\n\r\n'))
      client.pipe(upstream).pipe(client)
    })
    const dispatcher = new ProxyAgent({ uri, requestTls: { ca: certificate.cert } })
    dispatchers.push(dispatcher)
    const error = await failure(endpoint, { fetch: (url, init) => undiciFetch(url, { ...init, dispatcher }) })
    expect(error).toMatchObject({ outcome: 'unknown' })
    expect(requests()).toBe(1)
  })
})
