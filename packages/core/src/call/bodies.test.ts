import type { RequestListener } from 'node:http'
import { gzipSync } from 'node:zlib'
import type { PDSFetch, PDSTransportConfig } from '@pds/core'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { call, failure, serve, spendable, token } from '../test/scripted-server.test-helper.ts'

const json = JSON.stringify(token)
const mebibyte = 2 ** 20
const form = 'application/x-www-form-urlencoded;charset=utf-8'

/** Returns a listener that responds with these bytes, by default with status 200. */
function body(
  bytes: string | Uint8Array,
  headers: Record<string, string> = {},
  status = 200,
): RequestListener {
  return (_request, response) => void response.writeHead(status, headers).end(bytes)
}

/** Returns a token response of this number of bytes. */
function tokenOf(bytes: number): string {
  return `{"padding":"${'p'.repeat(bytes - json.length - 13)}",${json.slice(1)}`
}

describe('the body of a token response', () => {
  it.each([
    ['after a byte order mark', body(`\ufeff${json}`)],
    ['after a byte order mark and white space', body(`\ufeff\r\n\t ${json}\n`)],
    ['with the type text/html', body(json, { 'content-type': 'text/html; charset=gbk' })],
    ['without a type', body(json)],
    [
      'as a form',
      body(String(new URLSearchParams({ ...token, expires_in: '7200' })), { 'content-type': form }),
    ],
    [
      'as a form with the type text/plain',
      body(`${new URLSearchParams({ ...token, expires_in: '7200' })}\n`),
    ],
    ['with gzip', body(gzipSync(json), { 'content-encoding': 'gzip' })],
    [
      'in single bytes, which split characters',
      (_request, response) => {
        response.writeHead(200)
        for (const byte of Buffer.from(json.replace('}', ',"nick_name":"中文"}')))
          response.write(Buffer.of(byte))
        response.end()
      },
    ],
    ['with a length of 1 MiB', body(tokenOf(mebibyte))],
  ] as [string, RequestListener][])('is accepted %s', async (_what, scripted) => {
    const { api_endpoint } = await serve(scripted)
    const info = await call(api_endpoint)
    expect(info).toMatchObject(token)
    expect((info as { nick_name?: string }).nick_name ?? '中文').toBe('中文')
  })

  it.each([
    [
      'longer than 1 MiB',
      body(tokenOf(mebibyte + 1)),
      {},
      'the response is longer than 1048576 bytes (option maxContentLength)',
    ],
    [
      'longer than 1 MiB after decompression',
      body(gzipSync(tokenOf(mebibyte + 1)), { 'content-encoding': 'gzip' }),
      {},
      'the response is longer than 1048576 bytes (option maxContentLength)',
    ],
    [
      'longer than maxContentLength',
      body(json),
      { maxContentLength: json.length - 1 },
      `the response is longer than ${json.length - 1} bytes (option maxContentLength)`,
    ],
    ['empty', body(''), {}, 'the response is not a token: it has no access_token'],
    ['only white space', body(' \r\n'), {}, 'the response is not a token: it has no access_token'],
    ['truncated', body(json.slice(0, -1)), {}, 'the response is not JSON'],
    ['an HTML page', body('<html><title>canary</title></html>'), {}, 'the response is not JSON'],
    ['XML', body('<Error><Code>canary</Code></Error>'), {}, 'the response is not JSON'],
    ['other JSON', body('["canary"]'), {}, 'the response is not a token: it has no access_token'],
    [
      'an object as the token',
      body('{"access_token":{"canary":1}}'),
      {},
      'the response is not a token: it has no access_token',
    ],
    ['not gzip although its header says so', body(json, { 'content-encoding': 'gzip' }), {}, undefined],
  ] as [string, RequestListener, PDSTransportConfig, string | undefined][])(
    'is rejected if it is %s',
    async (_what, scripted, config, message) => {
      const { received, api_endpoint } = await serve(scripted)
      const error = await failure(call(api_endpoint, {}, config))
      expect(error).toMatchObject(
        message === undefined
          ? { code: 'NetworkError', outcome: 'unknown' }
          : {
              code: 'InvalidResponse',
              outcome: 'unknown',
              status: 200,
              message: `${message} [status: 200] [code: InvalidResponse]`,
            },
      )
      expect(error.response?.data).toBeUndefined()
      expect(received).toHaveLength(1)
    },
  )

  it('is not read to the end if it is too long', async () => {
    let close: () => void = () => undefined
    const closed = new Promise<void>((resolve) => {
      close = resolve
    })
    const { api_endpoint } = await serve((_request, response) => {
      response.on('close', close)
      const write = () => void (response.destroyed || response.write('canary'.repeat(1000), write))
      write()
    })
    expect(await failure(call(api_endpoint, {}, { maxContentLength: 100_000 }))).toMatchObject({
      code: 'InvalidResponse',
    })
    await closed
  })

  it('is read without a Blob that accepts bytes, as in React Native and older jsdom', async () => {
    onTestFinished(() => void vi.unstubAllGlobals())
    vi.stubGlobal('Blob', class {})
    const pieces = [json.slice(0, 9), json.slice(9)].map((piece) => new TextEncoder().encode(piece))
    const pull = (controller: ReadableStreamDefaultController) => {
      const piece = pieces.shift()
      if (piece) controller.enqueue(piece)
      else controller.close()
    }
    const fetch: PDSFetch = async () => new Response(new ReadableStream({ pull }))
    expect(await call('https://bj1.test', {}, { fetch })).toMatchObject(token)
  })

  it('needs no TextDecoder at import or if fetch returns text', async () => {
    onTestFinished(() => void vi.unstubAllGlobals())
    vi.stubGlobal('TextDecoder', undefined)
    vi.resetModules()
    const { createTransport } = await import('@pds/core')
    const { requestToken } = await import('@pds/core/internal')
    const scripted = { ok: true, status: 200, statusText: '', headers: new Headers(), text: async () => json }
    const transport = createTransport({ api_endpoint: 'https://bj1.test', fetch: async () => scripted })
    expect(await requestToken(transport, spendable)).toMatchObject(token)
  })

  it.each([
    ['a non-standard stream', { body: {} }],
    ['no stream', {}],
  ])('is read from a fetch that returns %s', async (_what, extra) => {
    const fetch =
      (text: string): PDSFetch =>
      async () => ({
        ok: true,
        status: 200,
        statusText: '',
        headers: new Headers(),
        text: async () => text,
        ...extra,
      })
    expect(await call('https://bj1.test', {}, { fetch: fetch(`\ufeff${json}`) })).toMatchObject(token)
    const tooLong = call('https://bj1.test', {}, { fetch: fetch(json), maxContentLength: 10 })
    expect(await failure(tooLong)).toMatchObject({ code: 'InvalidResponse' })
  })
})

describe('the body of an error response', () => {
  const tail = '[status: 403] [code: ForbiddenX] [reqId: R2]'

  it.each([
    ['lower-case keys', '{"code":"ForbiddenX","message":"no","requestId":"R2"}', {}, `no ${tail}`],
    ['capitalized keys', '{"Code":"ForbiddenX","Message":"no","RequestId":"R2"}', {}, `no ${tail}`],
    ['a byte order mark', '\ufeff{"code":"ForbiddenX","message":"no","requestId":"R2"}', {}, `no ${tail}`],
    [
      'the type text/html',
      '{"code":"ForbiddenX","message":"no","requestId":"R2"}',
      { 'content-type': 'text/html' },
      `no ${tail}`,
    ],
    [
      'several lines',
      '{"code":"ForbiddenX","message":"no\\r\\n\\n way","requestId":"R2"}',
      {},
      `no way ${tail}`,
    ],
    [
      'control characters',
      '{"code":"ForbiddenX\\u0007","message":"no\\u001b[2J\\u202e \\u0000way","requestId":"\\u009bR2"}',
      {},
      `no [2J way ${tail}`,
    ],
    [
      'entities of control characters',
      '<Error><Code>ForbiddenX&#7;</Code><Message>no&#x1b;[2J</Message><RequestId>R2&#155;</RequestId></Error>',
      {},
      `no [2J ${tail}`,
    ],
    [
      'control characters in its headers',
      '',
      {
        'x-ca-error-code': 'ForbiddenX\u009b',
        'x-ca-error-message': 'no\u009b2J',
        'x-ca-request-id': 'R2\u0085',
      },
      `no 2J ${tail}`,
    ],
    [
      'XML',
      '<?xml version="1.0"?>\n<Error>\n <Code>ForbiddenX</Code><Message>no</Message>\n<RequestId>R2</RequestId></Error>',
      {},
      `no ${tail}`,
    ],
    [
      'XML with CDATA and entities',
      '<Error><Code>ForbiddenX</Code><Message><![CDATA[a]] &lt;b&gt; &amp;amp; c</Message><RequestId>R2</RequestId></Error>',
      {},
      `a]] <b> &amp; c ${tail}`,
    ],
    [
      'only headers',
      '',
      { 'x-ca-error-code': 'ForbiddenX', 'x-ca-error-message': 'no', 'x-ca-request-id': 'R2' },
      `no ${tail}`,
    ],
    [
      'headers in addition to a body',
      '{"code":"ForbiddenX","message":"no","requestId":"R2"}',
      { 'x-ca-error-code': 'X', 'x-ca-request-id': 'R3' },
      `no ${tail}`,
    ],
    [
      'the fields of RFC 6749',
      '{"error":"invalid_grant","error_description":"spent"}',
      {},
      'spent [status: 403] [code: invalid_grant]',
    ],
    [
      'a form',
      'error=bad_verification_code&error_description=The+code+is+incorrect.',
      { 'content-type': form },
      'The code is incorrect. [status: 403] [code: bad_verification_code]',
    ],
    [
      'an HTML heading',
      '<html><head><title>403</title></head><body><h1 class="a">Not <b>you</b></h1></body></html>',
      { 'content-type': 'text/html' },
      'Not you [status: 403] [code: InvalidResponse]',
    ],
    [
      'an HTML title',
      '<HTML><TITLE>Forbidden</TITLE>',
      {},
      'Forbidden [status: 403] [code: InvalidResponse]',
    ],
    [
      'nothing',
      '',
      {},
      'the endpoint responded with status 403 and no documented error [status: 403] [code: InvalidResponse]',
    ],
    [
      'truncated JSON',
      '{"code":"Forb',
      {},
      'the endpoint responded with status 403 and no documented error [status: 403] [code: InvalidResponse]',
    ],
    [
      'fields that are not strings',
      '{"code":403,"message":["no"],"requestId":{}}',
      {},
      'the endpoint responded with status 403 and no documented error [status: 403] [code: InvalidResponse]',
    ],
  ] as [string, string, Record<string, string>, string][])(
    'is parsed with %s',
    async (_what, text, headers, message) => {
      const { api_endpoint } = await serve(body(text, headers, 403))
      const error = await failure(call(api_endpoint))
      expect(error).toMatchObject({ message, status: 403, type: 'ServerError', outcome: 'responded' })
      expect(error.message).toContain(`[code: ${error.code}]`)
      if (error.reqId !== undefined) expect(error.message).toContain(`[reqId: ${error.reqId}]`)
    },
  )

  it.each([
    [
      'is cut off',
      (response: Parameters<RequestListener>[1]) =>
        response.writeHead(403, { 'content-length': 99 }).write('{"code":', () => response.destroy()),
    ],
    [
      'is too long',
      (response: Parameters<RequestListener>[1]) =>
        response.writeHead(403).end(`{"code":"${'x'.repeat(mebibyte)}"}`),
    ],
  ] as const)('is not needed, because its status is enough, if it %s', async (_what, scripted) => {
    const { api_endpoint } = await serve((_request, response) => void scripted(response))
    expect(await failure(call(api_endpoint))).toMatchObject({
      code: 'InvalidResponse',
      status: 403,
      outcome: 'responded',
    })
  })
})

it('is read up to 64 KiB if its status is an error', async () => {
  let sent = 0
  const { api_endpoint } = await serve((_request, response) => {
    response.writeHead(403)
    const write = () => {
      if (response.destroyed) return
      sent += 4096
      response.write(' '.repeat(4096), write)
    }
    write()
  })
  expect(await failure(call(api_endpoint))).toMatchObject({ status: 403, outcome: 'responded' })
  // What the sockets buffer in addition differs between systems.
  expect(sent).toBeLessThan(8 * mebibyte)
})

it('does not use the body of an earlier response for one without a readable body', async () => {
  const busy = body('{"code":"Busy","message":"later"}', {}, 503)
  const cut: RequestListener = (_request, response) =>
    void response.writeHead(403, { 'content-length': 99 }).write('{', () => response.destroy())
  const { received, api_endpoint } = await serve(busy, cut)
  const error = await failure(call(api_endpoint, { retryCount: 1 }))
  expect([error.code, error.status, received.length]).toEqual(['InvalidResponse', 403, 2])
  expect(error.message).not.toContain('later')
})

describe('an error response that the service does not send', () => {
  const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`
  const many = JSON.stringify({ code: 'Busy', detail: 'eyJ'.repeat(20_000) })

  it.each([
    ['is very deep', deep, 'InvalidResponse'],
    ['contains many token-like texts', many, 'Busy'],
  ])('is reported with its status if it %s', async (_what, text, code) => {
    const { received, api_endpoint } = await serve(body(text, {}, 503), body(text, {}, 400))
    expect(await failure(call(api_endpoint, { retryCount: 1 }))).toMatchObject({ code, status: 400 })
    expect(received).toHaveLength(2)
  })

  it.each([
    ['unchanged', 'a<b>canary</b>'],
    ['with entities', 'a&lt;b&gt;canary&lt;/b&gt;'],
    ['split by tags', 'a&lt;b&gt;can<i>ary</i>&lt;/b&gt;'],
  ])('does not reveal a secret that contains tags, %s', async (_how, secret) => {
    const text = `<Error><Code>ForbiddenX</Code><Message>no ${secret} way</Message></Error>`
    const { api_endpoint } = await serve(body(text, {}, 403))
    const error = await failure(call(api_endpoint, { headers: { 'x-api-key': 'a<b>canary</b>' } }))
    expect(error.message).toBe('*** [status: 403] [code: ForbiddenX]')
  })

  it('does not reveal a secret that is truncated at the end of a message', async () => {
    const message = `${'x '.repeat(495)}canary code/+`
    const { api_endpoint } = await serve(body(JSON.stringify({ code: 'Echo', message }), {}, 400))
    const error = await failure(call(api_endpoint))
    expect(error.message).toBe('*** [status: 400] [code: Echo]')
  })
})
