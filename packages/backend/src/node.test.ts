import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import {
  type ClientHttp2Session,
  connect,
  createServer as createHttp2Server,
  type OutgoingHttpHeaders,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { type Backend, createBackend } from '@pds/backend'
import { nodeHandler } from '@pds/backend/node'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { describeAdapter, nameOf, overHttp } from './adapters/describe-adapter.test-helper.ts'
import { listen } from './adapters/running-app.test-helper.ts'
import { origin, startTestBackend, type TestBackend, TestBrowser } from './test/test-backend.test-helper.ts'

interface AppRequest extends IncomingMessage {
  user?: string | undefined
  body?: unknown
}

describeAdapter<AppRequest>('Node.js', {
  userOf: ({ user }) => user,
  errorText: '',
  async start(pds) {
    const handler = nodeHandler(pds)
    const server = createServer(async (request: AppRequest, response) => {
      const { 'x-user': user } = request.headers
      request.user = typeof user === 'string' ? user : undefined
      response.setHeader('set-cookie', 'app=1; Path=/').setHeader('vary', 'accept-language')
      if (request.url === '/user') response.end(await nameOf(await pds.sessionOf(request)))
      else handler(request, response)
    })
    return listen(server)
  },
})

describe('nodeHandler', () => {
  let domain: TestBackend

  beforeEach(async () => {
    domain = await startTestBackend()
  })

  afterEach(() => domain.close())

  it('reports invalid options as a warning of the process', async () => {
    const pds = createBackend(() => ({ sessions: domain.jwtSessions() }) as never)
    const app = await listen(createServer(nodeHandler(pds)))
    const warning = once(process, 'warning')
    await fetch(`${app.url}/pds/token`)
    expect(await warning).toMatchObject([{ code: 'InvalidParameter' }])
    await app.close()
  })

  it('accepts a body that was read before, and a path that Connect has shortened', async () => {
    const handler = nodeHandler(domain.ownLogin({ userOf: () => 'ann' }))
    const app = await listen(
      createServer(async (request: AppRequest & { originalUrl?: string }, response) => {
        request.body = JSON.parse((await request.setEncoding('utf8').toArray()).join(''))
        request.originalUrl = request.url ?? ''
        request.url = '/token'
        handler(request, response)
      }),
    )
    const browser = new TestBrowser(overHttp(app.url))
    const { access_token } = await (await browser.post('/pds/token', {})).json()
    const renewed = await (await browser.post('/pds/token', { rejected: access_token })).json()
    expect(renewed).toMatchObject({ user_id: 'ann' })
    expect(renewed.access_token).not.toBe(access_token)
    await app.close()
  })
})

describe('nodeHandler with HTTP/2', () => {
  let domain: TestBackend
  let client: ClientHttp2Session
  let close: () => Promise<unknown>

  async function start(pds: Backend): Promise<void> {
    const server = createHttp2Server(nodeHandler(pds))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    close = async () => {
      client.close()
      await new Promise((resolve) => server.close(resolve))
    }
  }

  beforeEach(async () => {
    domain = await startTestBackend()
  })

  afterEach(async () => {
    await close()
    await domain.close()
  })

  const tokenHeaders = {
    ':method': 'POST',
    ':path': '/pds/token',
    origin,
    'sec-fetch-site': 'same-origin',
    'content-type': 'application/json',
  }

  async function send(headers: OutgoingHttpHeaders, body?: string): Promise<Record<string, unknown>> {
    const stream = client.request(headers, { endStream: body === undefined })
    if (body !== undefined) stream.end(body)
    const [response] = await once(stream, 'response')
    const text = (await stream.setEncoding('utf8').toArray()).join('')
    return { ...response, body: text && JSON.parse(text) }
  }

  it('gives a token to a page', async () => {
    await start(domain.ownLogin({ userOf: () => 'ann' }))
    const response = await send(tokenHeaders, '{}')
    expect(response).toMatchObject({ ':status': 200, body: { user_id: 'ann' } })
  })

  it('starts a sign-in', async () => {
    await start(domain.signIn())
    const response = await send({ ':path': '/pds/sign-in' })
    expect(response).toMatchObject({
      ':status': 303,
      'set-cookie': [expect.stringMatching(/^__Host-pds-sign-in=/)],
    })
  })

  it('rejects a long body, and a host that differs from the authority', async () => {
    await start(domain.ownLogin({ userOf: () => 'ann' }))
    expect(await send(tokenHeaders, 'x'.repeat(1_048_576))).toMatchObject({ ':status': 413 })
    expect(await send({ ...tokenHeaders, ':authority': 'a.example', host: 'b.example' }, '{}')).toMatchObject(
      { ':status': 400 },
    )
    expect(await send(tokenHeaders, '{}')).toMatchObject({ ':status': 200 })
  })

  it('reports no error if a client goes away', async () => {
    const responses: Promise<Response>[] = []
    const pds = domain.ownLogin({ userOf: () => 'ann' })
    const handle: Backend['handle'] = (request) => {
      const response = pds.handle(request)
      responses.push(response)
      client.destroy()
      return response
    }
    await start({ ...pds, handle })
    const stream = client.request(tokenHeaders)
    stream.on('error', () => undefined).write('{')
    await once(stream, 'close')
    await Promise.all(responses)
    expect([responses.length, domain.errors]).toEqual([1, []])
  })
})
