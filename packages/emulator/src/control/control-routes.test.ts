import { request as httpRequest } from 'node:http'
import { type LoggedRequest, type RunningEmulator, startEmulator } from '@pds/emulator'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Domain } from '../domain/domain.ts'
import { FaultQueue } from '../faults/fault-queue.ts'
import { RequestLog } from '../log/request-log.ts'
import { TestBrowser } from '../pages/browser.test-helper.ts'
import { hostile, hostileId, startTestDomain } from '../test/start-test-domain.test-helper.ts'
import { createControlRoutes } from './control-routes.ts'

let emulator: RunningEmulator

beforeEach(async () => {
  emulator = await startTestDomain()
})

afterEach(() => emulator.close())

const call = () => fetch(`${emulator.api_endpoint}/v2/user/get`, { method: 'POST' })
const open = (path: string, headers: Record<string, string> = {}) =>
  new TestBrowser(emulator, headers).open(new URL(path, emulator.api_endpoint))

/** Opens a stream of events. The test reads them one by one. */
async function openStream(path = '/_emulator/requests', headers: Record<string, string> = {}) {
  const aborted = new AbortController()
  const response = await fetch(new URL(path, emulator.api_endpoint), {
    headers: { accept: 'text/event-stream', ...headers },
    signal: aborted.signal,
  })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  return {
    type: response.headers.get('content-type'),
    abort: () => aborted.abort(),
    /** Returns the fields of the next event, or undefined at the end of the stream. */
    async next(): Promise<Record<string, string> | undefined> {
      while (!text.includes('\n\n')) {
        const { value, done } = (await reader?.read()) ?? { done: true }
        if (done) return undefined
        text += value
      }
      const [event = ''] = text.split('\n\n')
      text = text.slice(event.length + 2)
      return Object.fromEntries(event.split('\n').map((line) => line.split(/: (.*)/)))
    },
  }
}

describe('the live page', () => {
  it('shows the domain, its applications, its users and its requests', async () => {
    await call()
    const { status, html } = await open('/')
    expect(status).toBe(200)
    const { api_endpoint } = emulator
    for (const part of [
      api_endpoint,
      'local',
      'jwt-app',
      'webserver-app',
      'http://127.0.0.1:3000/callback',
      'Ann',
    ]) {
      expect(html).toContain(part)
    }
    expect(html).toContain('POST /v2/user/get')
    expect(html).toContain('401 AccessTokenInvalid')
    expect(html).not.toContain('id="empty" class="card">')
  })

  it('contains no secrets', async () => {
    const { html } = await open('/')
    expect(html).toContain('client_secret')
    expect(html).not.toContain('webserver-app-secret')
    expect(html).not.toContain('PRIVATE KEY')
  })

  it('suggests a request and a sign-in while there are no requests', async () => {
    const { html } = await open('/')
    expect(html).toContain('id="empty" class="card">')
    expect(html).toContain(`curl --json '{}' ${emulator.api_endpoint}/v2/user/get`)
    const [, href = ''] = /<a href="([^"]*)">Sign in to webserver-app/.exec(html) ?? []
    expect((await open(href.replaceAll('&amp;', '&'))).html).toContain('<h1>Sign in</h1>')
  })

  it('runs only its own script and cannot be framed', async () => {
    const { headers } = await open('/')
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/]{43}='; img-src data:; script-src 'sha256-[\w+/]{43}='; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'$/,
    )
    expect(headers.get('x-frame-options')).toBe('DENY')
    expect(headers.get('access-control-allow-origin')).toBeNull()
  })

  it('escapes values from requests and from the domain', async () => {
    const query = new URLSearchParams({ client_id: hostile, state: hostile, [hostile]: hostile })
    await open(`/v2/oauth/authorize?${query}`)
    await open(`/${encodeURIComponent(hostile)}`)
    await open(`/v2/oauth/authorize?${new URLSearchParams({ user_id: hostileId })}`)
    const { html } = await open('/')
    expect(html.match(/<script/g)).toHaveLength(1)
    expect(html).toContain('&quot;&gt;&lt;script&gt;alert(1)')
    expect(html).not.toContain(`id'"`)
  })

  it('is in the language of Accept-Language', async () => {
    const { html, headers } = await open('/', { 'accept-language': 'zh-CN' })
    expect([headers.get('content-language'), headers.get('vary')]).toEqual([
      'zh-Hans',
      expect.stringContaining('Accept-Language'),
    ])
    expect(html).toContain('<h2 id="requests-heading">请求</h2>')
  })

  it('shows the latest of many requests, newest first', async () => {
    for (let n = 0; n < 205; n++) {
      await emulator.fetch(`${emulator.api_endpoint}/v2/oauth/authorize?client_id=n${n}`)
    }
    const { html } = await open('/')
    const shown = [...html.matchAll(/<dd data-text="client_id">n(\d+)</g)].map(([, n]) => Number(n))
    expect(shown).toEqual(Array.from({ length: 200 }, (_, index) => 204 - index))
  })

  it('omits the list of facts for a request without facts', async () => {
    await call()
    const { html } = await open('/')
    expect(html).toContain('POST /v2/user/get')
    expect(html).not.toMatch(/<dl[^>]*>\s*<\/dl>/)
  })

  it('does not log requests for itself and its icon', async () => {
    await open('/')
    expect((await open('/favicon.ico')).status).toBe(204)
    await open('/_emulator/requests')
    expect(emulator.requests).toEqual([])
    // A POST to the same path is a request to the domain.
    await fetch(emulator.api_endpoint, { method: 'POST' })
    expect(emulator.requests).toMatchObject([{ method: 'POST', path: '/', status: 404, error: 'I404NF' }])
  })
})

it('sends no-store and nosniff with each response of the emulator itself', async () => {
  for (const path of ['/', '/favicon.ico', '/_emulator/requests', '/_emulator/faults', '/_emulator/x']) {
    const { headers } = await open(path, { accept: '*/*' })
    expect(Object.fromEntries(headers), path).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
  }
})

describe('the requests', () => {
  it('are sent as JSON', async () => {
    await call()
    for (const accept of ['application/json', '*/*']) {
      const { html, headers } = await open('/_emulator/requests', { accept })
      expect(headers.get('content-type')).toBe('application/json')
      expect(JSON.parse(html)).toEqual(emulator.requests)
    }
  })

  it('are streamed as events', async () => {
    const stream = await openStream()
    expect(stream.type).toBe('text/event-stream')
    expect(await stream.next()).toMatchObject({ event: 'domain', retry: '1000' })
    await call()
    const { event, id, data = '' } = (await stream.next()) ?? {}
    expect(event).toBe('request')
    const entry = JSON.parse(data) as LoggedRequest
    expect([entry, entry.requestId]).toEqual([emulator.requests.at(-1), id])
    stream.abort()
  })

  it('are streamed from the last request of the page or of the previous stream', async () => {
    for (let n = 0; n < 3; n++) await call()
    const [first, second, third] = emulator.requests.map(({ requestId }) => requestId)
    const read = async (path: string, headers?: Record<string, string>) => {
      const stream = await openStream(path, headers)
      const { data: log } = (await stream.next()) ?? {}
      const next = await stream.next()
      stream.abort()
      return { log, id: next?.id }
    }
    const { log, id } = await read(`/_emulator/requests?after=${first}`)
    expect(id).toBe(second)
    expect(await read(`/_emulator/requests?after=${first}`, { 'last-event-id': second ?? '' })).toEqual({
      log,
      id: third,
    })
    // The request of an earlier emulator is unknown.
    expect(await read('/_emulator/requests?after=unknown')).toEqual({ log, id: first })
  })

  it('start no stream for a HEAD request', async () => {
    const log = new RequestLog()
    const routes = createControlRoutes(await Domain.create({}), log, new FaultQueue())
    const open = (method: string) =>
      routes.request('/_emulator/requests', { method, headers: { accept: 'text/event-stream' } })
    const head = await open('HEAD')
    expect([head.status, head.headers.get('content-type'), log.listeners]).toEqual([
      200,
      'text/event-stream',
      0,
    ])
    const stream = await open('GET')
    expect(log.listeners).toBe(1)
    await stream.body?.cancel()
    expect(log.listeners).toBe(0)
  })

  it('stop when the emulator is closed', async () => {
    const streams = await Promise.all([openStream(), openStream()])
    for (const stream of streams) await stream.next()
    await emulator.close()
    for (const stream of streams) await expect(stream.next()).rejects.toThrow('terminated')
    emulator = await startEmulator()
  })
})

/** Sends a request with another `Host` header, which `fetch` does not allow. A browser does so after DNS rebinding. */
function getAs(host: string, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const { port } = emulator
    httpRequest({ port, host: '127.0.0.1', path, headers: { host } }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
      .on('error', reject)
      .end()
  })
}

describe('the Host header', () => {
  it.each([
    'evil.test',
    'evil.test:7171',
    '127.0.0.1.evil.test',
    'localhost.evil.test',
    'pds.localhost',
    '192.168.0.1',
  ])('of another machine is rejected: %s', async (host) => {
    for (const path of ['/', '/_emulator/requests', '/_emulator/faults', '/favicon.ico']) {
      expect(await getAs(host, path)).toBe(403)
    }
    expect(await getAs(host, '/v2/user/get')).toBe(404)
  })

  it.each(['localhost', 'LOCALHOST:7171', '127.0.0.1', '127.1.2.3:80', '[::1]:7171'])(
    'of this machine is accepted: %s',
    async (host) => {
      expect(await getAs(host, '/')).toBe(200)
    },
  )
})
