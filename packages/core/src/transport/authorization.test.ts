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

const refused: TestResponse = { status: 401, body: { code: 'AccessTokenInvalid', message: 'no' } }
const ok: TestResponse = { status: 200, body: { done: true } }

/** Gives `canary-1`, and after each renewal the next one. */
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
  it('goes with each attempt, as it is then', async () => {
    const { received, api_endpoint } = await serve({ status: 503 }, refused, { status: 429 }, ok)
    const authorization = counting()
    expect(await send(api_endpoint, authorization)).toEqual({ done: true })
    const sent = received.map(({ headers }) => headers.authorization)
    expect(sent).toEqual(['Bearer canary-1', 'Bearer canary-1', 'Bearer canary-2', 'Bearer canary-2'])
    expect(authorization.renew).toHaveBeenCalledOnce()
  })

  it('that is refused is renewed once in a call, beside the other attempts', async () => {
    const { received, api_endpoint } = await serve(refused)
    const authorization = counting()
    const error = await failure(send(api_endpoint, authorization, { retryCount: 0 }))
    expect(error).toMatchObject({ code: 'AccessTokenInvalid', status: 401, outcome: 'responded' })
    expect(received).toHaveLength(2)
    expect(authorization.renew).toHaveBeenCalledOnce()
    expect(authorization.renew.mock.calls[0]?.[0]).toMatchObject({ code: 'AccessTokenInvalid', status: 401 })
  })

  it('that was renewed goes at once, whatever was waited for before', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.01)
    const { api_endpoint } = await serve({ status: 429 }, refused, ok)
    const delays: number[] = []
    const beforeRetry = ({ delay }: { delay: number }) => void delays.push(delay)
    await send(api_endpoint, counting(), { hooks: { beforeRetry } })
    expect(delays).toEqual([expect.any(Number), 0])
    expect(delays[0]).toBeGreaterThan(0)
  })

  it('that is refused and not renewed is the error', async () => {
    const { received, api_endpoint } = await serve(refused)
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
    const { api_endpoint } = await serve({ status, body: refused })
    const authorization = counting()
    await failure(send(api_endpoint, authorization))
    expect(authorization.renew).not.toHaveBeenCalled()
  })

  it('that cannot be had or renewed ends the call with what it says', async () => {
    const { received, api_endpoint } = await serve(refused)
    const reject = () => Promise.reject(invalidParameter('no credential'))
    const unsent = await failure(send(api_endpoint, { headers: reject, renew: reject }))
    expect(unsent).toMatchObject({ message: 'no credential', outcome: 'not-sent' })
    expect(received).toHaveLength(0)
    const answered = await failure(send(api_endpoint, counting(reject)))
    expect(answered).toMatchObject({ message: 'no credential', outcome: 'responded' })
    expect(received).toHaveLength(1)
  })

  it('is masked also where a later answer repeats it', async () => {
    const echo: TestResponse = {
      status: 403,
      body: { code: 'ForbiddenX', message: 'not canary-1, not canary-code-1' },
    }
    const { received, api_endpoint } = await serve(refused, echo)
    // One object for all, that is changed.
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
    expect(error.message).toBe('not ***, not *** [status: 403] [code: ForbiddenX]')
    expect(received.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer canary-1',
      'Bearer another',
    ])
  })

  it('may be none', async () => {
    const { received, api_endpoint } = await serve({ status: 403, body: { code: 'ForbiddenX' } })
    const none = { ...counting(), headers: async () => undefined } as unknown as PDSAuthorization
    expect(await failure(send(api_endpoint, none))).toMatchObject({ code: 'ForbiddenX', status: 403 })
    expect(received).toHaveLength(1)
  })

  it('that is put into the headers of its call is of no other one', async () => {
    const { received, api_endpoint } = await serve(ok)
    const { post } = createTransport({ api_endpoint })
    const request = { endpoint: 'api', path: '/user/get', format: 'json', params: {}, read: String } as const
    const headers = async (own: object) => Object.assign(own, { authorization: 'Bearer canary' })
    await post({ ...request, authorization: () => ({ headers, renew: async () => false }) })
    await post(request)
    expect(received.map(({ headers }) => headers.authorization)).toEqual(['Bearer canary', undefined])
  })

  it('is asked for no more once the call has ended', async () => {
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

  it('is waited for no longer than the call may last', async () => {
    const { received, api_endpoint } = await serve(refused)
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
    expect(late.message).toBe(`nothing could be sent to ${api_endpoint} within 20 ms (option totalTimeout)`)
    expect(received).toHaveLength(1)
  })

  it('is masked wherever the call is watched', async () => {
    const { api_endpoint } = await serve({ status: 403, body: { code: 'F', message: 'not canary-1' } })
    const seen: unknown[] = []
    const hooks = { beforeRequest: (event: unknown) => void seen.push(event) }
    const error = await failure(send(api_endpoint, counting(), { hooks }))
    expect(error.message).toMatch(/^not \*\*\*/)
    expect(seen).toMatchObject([{ headers: { authorization: '***' } }])
  })

  it('of the call itself goes before it', async () => {
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
    'that HTTP does not allow is told before anything is sent: %j',
    async (value) => {
      const { received, api_endpoint } = await serve(ok)
      const headers = async () => ({ authorization: `Bearer canary ${value}` })
      const error = await failure(send(api_endpoint, { headers, renew: async () => false }))
      expect(error).toMatchObject({
        code: 'InvalidParameter',
        outcome: 'not-sent',
        message: 'the token holds a character that HTTP does not allow',
      })
      expect(received).toHaveLength(0)
    },
  )

  it('is not in the time of an attempt', async () => {
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

describe('a full address', () => {
  it('gets the credential where it is at one of the endpoints, and no other', async () => {
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
