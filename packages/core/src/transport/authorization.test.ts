import {
  createTransport,
  type IPDSRequestConfig,
  type PDSAuthorization,
  type PDSPostRequest,
  type PDSTransportConfig,
} from '@pds/core'
import { authorizeCall, invalidParameter } from '@pds/core/internal'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { failure, serve, type TestResponse } from '../test/scripted-server.test-helper.ts'

const rejected: TestResponse = { status: 401, body: { code: 'AccessTokenInvalid', message: 'no' } }
const ok: TestResponse = { status: 200, body: { done: true } }

/** Creates an authorization with the token `canary-1`, and the next number after each renewal. */
function counting(renew: PDSAuthorization['renew'] = async () => true) {
  let count = 1
  const authorization = {
    headers: vi.fn(async () => ({ authorization: `Bearer canary-${count}` })),
    renew: vi.fn<PDSAuthorization['renew']>(async (error) => {
      count++
      return renew(error)
    }),
  }
  return authorization
}

function send(
  api_endpoint: string,
  authorization: PDSAuthorization,
  options?: IPDSRequestConfig,
  request: Partial<PDSPostRequest<unknown>> = {},
  config: PDSTransportConfig = {},
) {
  const transport = createTransport({ api_endpoint, retryCount: 2, ...config })
  const read = (data: unknown) => data
  return transport.post(
    {
      endpoint: 'api',
      path: '/user/get',
      format: 'json',
      params: {},
      authorization: authorizeCall(authorization),
      read,
      ...request,
    },
    options,
  )
}

beforeEach(() => {
  vi.spyOn(Math, 'random').mockReturnValue(0)
  return () => vi.restoreAllMocks()
})

describe('a credential', () => {
  it('is read before each attempt', async () => {
    const { received, api_endpoint } = await serve({ status: 503 }, rejected, { status: 429 }, ok)
    const authorization = counting()
    expect(await send(api_endpoint, authorization)).toEqual({ done: true })
    const sent = received.map(({ headers }) => headers.authorization)
    expect(sent).toEqual(['Bearer canary-1', 'Bearer canary-1', 'Bearer canary-2', 'Bearer canary-2'])
    expect(authorization.renew).toHaveBeenCalledOnce()
  })

  it('is renewed once in a call after a 401, in addition to the retries', async () => {
    const { received, api_endpoint } = await serve(rejected)
    const authorization = counting()
    const error = await failure(send(api_endpoint, authorization, { retryCount: 0 }))
    expect(error).toMatchObject({ code: 'AccessTokenInvalid', status: 401, outcome: 'responded' })
    expect(received).toHaveLength(2)
    expect(authorization.renew).toHaveBeenCalledOnce()
    expect(authorization.renew.mock.calls[0]?.[0]).toMatchObject({ code: 'AccessTokenInvalid', status: 401 })
  })

  it('is sent without a delay after its renewal', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.01)
    const { api_endpoint } = await serve({ status: 429 }, rejected, ok)
    const delays: number[] = []
    const beforeRetry = ({ delay }: { delay: number }) => void delays.push(delay)
    await send(api_endpoint, counting(), { hooks: { beforeRetry } })
    expect(delays).toEqual([expect.any(Number), 0])
    expect(delays[0]).toBeGreaterThan(0)
  })

  it('leads to the error of the service if it is not renewed', async () => {
    const { received, api_endpoint } = await serve(rejected)
    const error = await failure(
      send(
        api_endpoint,
        counting(async () => false),
      ),
    )
    expect(error).toMatchObject({ code: 'AccessTokenInvalid', status: 401 })
    expect(received).toHaveLength(1)
  })

  it.each([400, 403, 500])('is not renewed for status %i', async (status) => {
    const { api_endpoint } = await serve({ status, body: rejected })
    const authorization = counting()
    await failure(send(api_endpoint, authorization))
    expect(authorization.renew).not.toHaveBeenCalled()
  })

  it('fails the call with the error of its functions', async () => {
    const { received, api_endpoint } = await serve(rejected)
    const reject = () => Promise.reject(invalidParameter('no credential'))
    const unsent = await failure(send(api_endpoint, { headers: reject, renew: reject }))
    expect(unsent).toMatchObject({ message: 'no credential', outcome: 'not-sent' })
    expect(received).toHaveLength(0)
    const responded = await failure(send(api_endpoint, counting(reject)))
    expect(responded).toMatchObject({ message: 'no credential', outcome: 'responded' })
    expect(received).toHaveLength(1)
  })

  it('is redacted in a later response that echoes it', async () => {
    const echo: TestResponse = {
      status: 403,
      body: { code: 'ForbiddenX', message: 'not canary-1', error_description: 'not canary-code-1' },
    }
    const { received, api_endpoint } = await serve(rejected, echo)
    // One object for all attempts, which changes.
    const own = { authorization: 'Bearer canary-1' }
    const authorization: PDSAuthorization = {
      headers: async () => own,
      renew: async () => {
        own.authorization = 'Bearer another'
        return true
      },
    }
    let count = 0
    const params = async () => ({ code: `canary-code-${++count}` })
    const error = await failure(send(api_endpoint, authorization, {}, { params }))
    expect(error.message).toBe('*** [status: 403] [code: ForbiddenX]')
    expect(error.response?.data).toEqual({ code: 'ForbiddenX', message: '***', error_description: '***' })
    expect(received.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer canary-1',
      'Bearer another',
    ])
  })

  it('may be undefined', async () => {
    const { received, api_endpoint } = await serve({ status: 403, body: { code: 'ForbiddenX' } })
    const none = { ...counting(), headers: async () => undefined } as unknown as PDSAuthorization
    expect(await failure(send(api_endpoint, none))).toMatchObject({ code: 'ForbiddenX', status: 403 })
    expect(received).toHaveLength(1)
  })

  it('that is added to the headers of a call is not sent with other calls', async () => {
    const { received, api_endpoint } = await serve(ok)
    const { post } = createTransport({ api_endpoint })
    const request = { endpoint: 'api', path: '/user/get', format: 'json', params: {}, read: String } as const
    const headers = async (own: object) => Object.assign(own, { authorization: 'Bearer canary' })
    await post({ ...request, authorization: () => ({ headers, renew: async () => false }) })
    await post(request)
    expect(received.map(({ headers }) => headers.authorization)).toEqual(['Bearer canary', undefined])
  })

  it('is not read again after the call was aborted', async () => {
    const controller = new AbortController()
    const authorization = counting()
    const params = async () => ({})
    const fetch = () => new Promise<never>(() => controller.abort())
    const { signal } = controller
    const call = send('https://bj1.test', authorization, { signal }, { params }, { fetch })
    expect(await failure(call)).toMatchObject({ code: 'Aborted', outcome: 'unknown' })
    await new Promise(setImmediate)
    expect(authorization.headers).toHaveBeenCalledOnce()
  })

  it('is not awaited longer than the call lasts', async () => {
    const { received, api_endpoint } = await serve(rejected)
    const forever = () => new Promise<never>(() => undefined)
    const controller = new AbortController()
    let finish: () => void = () => undefined
    const renew = () => {
      controller.abort()
      return new Promise<boolean>((resolve) => {
        finish = () => resolve(true)
      })
    }
    const { signal } = controller
    const seen: string[] = []
    const hooks = { beforeRetry: () => void seen.push('retry'), beforeError: () => void seen.push('error') }
    expect(await failure(send(api_endpoint, counting(renew), { signal, hooks }))).toMatchObject({
      code: 'Aborted',
      outcome: 'responded',
    })
    finish()
    await new Promise(setImmediate)
    expect(seen).toEqual(['error'])
    const stuck: PDSAuthorization = { headers: forever, renew: forever }
    const late = await failure(send(api_endpoint, stuck, { totalTimeout: 20 }))
    expect(late).toMatchObject({ code: 'Timeout', outcome: 'not-sent' })
    expect(late.message).toBe(`no request was sent to ${api_endpoint} within 20 ms (option totalTimeout)`)
    expect(received).toHaveLength(1)
  })

  it('is redacted in hooks and errors', async () => {
    const { api_endpoint } = await serve({ status: 403, body: { code: 'F', message: 'not canary-1' } })
    const seen: unknown[] = []
    const hooks = { beforeRequest: (event: unknown) => void seen.push(event) }
    const error = await failure(send(api_endpoint, counting(), { hooks }))
    expect(error.message).toMatch(/^\*\*\* \[/)
    expect(seen).toMatchObject([{ headers: { authorization: '***' } }])
  })

  it('does not replace a header in the options of the call', async () => {
    const { received, api_endpoint } = await serve(ok)
    const authorization = counting()
    await send(api_endpoint, authorization, { headers: { Authorization: 'Bearer canary-own' } })
    await send(api_endpoint, authorization, { headers: { 'X-Share-Token': 'canary-own' } })
    expect(received.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer canary-own',
      'Bearer canary-1',
    ])
    expect(authorization.headers).toHaveBeenNthCalledWith(
      2,
      expect.objectContaining({ 'x-share-token': 'canary-own' }),
    )
  })

  it.each(['two\nlines', '令牌'])(
    'with characters that HTTP does not allow is rejected before anything is sent: %j',
    async (value) => {
      const { received, api_endpoint } = await serve(ok)
      const headers = async () => ({ authorization: `Bearer canary ${value}` })
      const error = await failure(send(api_endpoint, { headers, renew: async () => false }))
      expect(error).toMatchObject({
        code: 'InvalidParameter',
        outcome: 'not-sent',
        message: 'post: the token contains a character that is not allowed in an HTTP header',
      })
      expect(received).toHaveLength(0)
    },
  )

  it('does not count towards the timeout of an attempt', async () => {
    const { api_endpoint } = await serve(ok)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const headers = async () => {
      await vi.advanceTimersByTimeAsync(60)
      return {}
    }
    const slow = { headers, renew: async () => false }
    expect(await send(api_endpoint, slow, { timeout: 50, retryCount: 0 })).toEqual({ done: true })
  })
})

describe('an absolute URL', () => {
  it('receives the credential only at the origin of an endpoint', async () => {
    const [api, auth, other] = [await serve(ok), await serve(ok), await serve(ok)]
    const config = { auth_endpoint: auth.api_endpoint }
    for (const { api_endpoint } of [api, auth]) {
      await send(api.api_endpoint, counting(), {}, { path: `${api_endpoint}/full` }, config)
    }
    const elsewhere = send(api.api_endpoint, counting(), {}, { path: `${other.api_endpoint}/full` }, config)
    expect(await failure(elsewhere)).toMatchObject({ code: 'InvalidParameter', outcome: 'not-sent' })
    expect([api, auth, other].map(({ received }) => received.map(({ url }) => url))).toEqual([
      ['/full'],
      ['/full'],
      [],
    ])
  })
})
