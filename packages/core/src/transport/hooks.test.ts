import { runInNewContext } from 'node:vm'
import type { PDSErrorEvent, PDSHooks, PDSRequestEvent, PDSResponseEvent, PDSRetryEvent } from '@pds/core'
import { createTransport } from '@pds/core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  call,
  failure,
  ok,
  serve,
  spendable,
  type TestResponse,
} from '../test/scripted-server.test-helper.ts'

beforeEach(() => {
  vi.spyOn(Math, 'random').mockReturnValue(0)
})

afterEach(() => {
  vi.restoreAllMocks()
})

type Event = PDSRequestEvent | PDSResponseEvent | PDSRetryEvent | PDSErrorEvent

/** Returns hooks that record their events. */
function recorder(): { events: [string, Event][]; hooks: PDSHooks } {
  const events: [string, Event][] = []
  const record = (name: string) => (event: Event) => void events.push([name, event])
  return {
    events,
    hooks: {
      beforeRequest: record('beforeRequest'),
      afterResponse: record('afterResponse'),
      beforeRetry: record('beforeRetry'),
      beforeError: record('beforeError'),
    },
  }
}

const busy: TestResponse = { status: 429, body: { code: 'Throttled', message: 'later' } }
const rejected: TestResponse = { status: 400, body: { code: 'Spent', message: 'canary code/+' } }

describe('hooks', () => {
  it('receive each step of a call in order', async () => {
    const { api_endpoint } = await serve(busy, rejected)
    const { events, hooks } = recorder()
    const error = await failure(call(api_endpoint, { hooks }))
    const request = { callId: expect.any(String), method: 'POST', url: `${api_endpoint}/v2/oauth/token` }
    expect(events).toEqual([
      ['beforeRequest', { ...request, attempt: 1, headers: expect.anything(), params: { code: '***' } }],
      [
        'afterResponse',
        { ...request, attempt: 1, status: 429, headers: expect.anything(), duration: expect.any(Number) },
      ],
      [
        'beforeRetry',
        {
          callId: expect.any(String),
          attempt: 1,
          error: expect.objectContaining({ code: 'Throttled', status: 429 }),
          delay: 0,
        },
      ],
      ['beforeRequest', { ...request, attempt: 2, headers: expect.anything(), params: { code: '***' } }],
      ['afterResponse', expect.objectContaining({ attempt: 2, status: 400 })],
      ['beforeError', { callId: expect.any(String), error }],
    ])
  })

  it('receive an id that is the same for all attempts of a call, and unique for each call', async () => {
    const { api_endpoint } = await serve(busy, rejected)
    const [one, other] = [recorder(), recorder()]
    await failure(call(api_endpoint, { hooks: one.hooks }))
    await failure(call(api_endpoint, { hooks: other.hooks }))
    const [ids, otherIds] = [one, other].map(({ events }) => new Set(events.map(([, { callId }]) => callId)))
    expect([ids?.size, otherIds?.size]).toEqual([1, 1])
    expect(ids).not.toEqual(otherIds)
    expect([...(ids ?? [])][0]).toMatch(/^[\da-f]{8}-\d+$/)
  })

  it('receive the id of the options', async () => {
    const { api_endpoint } = await serve(ok)
    const { events, hooks } = recorder()
    await call(api_endpoint, { hooks, callId: 'order-17' })
    expect(events.map(([, { callId }]) => callId)).toEqual(['order-17', 'order-17'])
  })

  it('receive the duration in milliseconds', async () => {
    let now = Date.now()
    const { api_endpoint } = await serve((_request, response) => {
      now += 250
      response.end(JSON.stringify(ok.body))
    })
    const { events, hooks } = recorder()
    await call(api_endpoint, { hooks }, { clock: () => now })
    expect(events[1]?.[1]).toMatchObject({ duration: 250 })
  })

  it('receive no secrets', async () => {
    const { api_endpoint } = await serve(
      { ...busy, headers: { 'set-cookie': 'sid=canary-cookie', 'x-echo': 'canary code/+' } },
      { ...ok, headers: { 'x-echo': 'canary%20code%2F%2B' } },
    )
    const { events, hooks } = recorder()
    const headers = {
      authorization: 'Bearer canary-access-token',
      cookie: 'sid=canary-session',
      'x-share-token': 'canary-share',
    }
    await call(api_endpoint, { hooks, headers, params: { access_token: 'canary-in-query' } })
    expect(events).toHaveLength(5)
    expect(JSON.stringify(events)).not.toMatch(/canary/)
    expect(events[0]?.[1]).toMatchObject({
      headers: { authorization: '***', cookie: '***', 'x-share-token': '***' },
    })
    expect(events[4]?.[1]).toMatchObject({ headers: { 'x-echo': '***' } })
  })

  it('of the transport run before those of the call', async () => {
    const { api_endpoint } = await serve(ok)
    const { events, hooks } = recorder()
    await call(
      api_endpoint,
      { hooks: { beforeRequest: (event) => void events.push(['the call', event]) } },
      { hooks },
    )
    expect(events.map(([name]) => name)).toEqual(['beforeRequest', 'the call', 'afterResponse'])
  })

  it('may be an array, in which a hook that throws does not stop the others', async () => {
    const { api_endpoint } = await serve(ok)
    const order: string[] = []
    const named = (name: string) => ({ beforeRequest: () => void order.push(name) })
    const broken = {
      beforeRequest: () => {
        throw new Error('a hook that fails')
      },
    }
    const transportHooks = [named('first'), broken, named('second')]
    await call(api_endpoint, { hooks: [named('third')] }, { hooks: transportHooks })
    expect(order).toEqual(['first', 'second', 'third'])
  })

  it('may return a promise of any realm, whose rejection is ignored', async () => {
    const { api_endpoint } = await serve(ok)
    // A promise of another realm is not an instance of this realm's Promise.
    const foreign: unknown = runInNewContext("Promise.reject(new Error('canary'))")
    const beforeRequest = vi.fn(() => foreign as undefined)
    await call(api_endpoint, { hooks: { beforeRequest } })
    expect(beforeRequest).toHaveBeenCalledOnce()
  })

  it('cannot change a call, even by throwing', async () => {
    const { received, api_endpoint } = await serve(busy, ok)
    const thrown = vi.fn((event: Event) => {
      for (const value of Object.values(event))
        if (value === Object(value)) Object.assign(value, { code: 'changed' })
      throw new Error('canary')
    })
    const rejected = vi.fn(async () => Promise.reject(new Error('canary')))
    const hooks = { beforeRequest: thrown, afterResponse: rejected, beforeRetry: thrown, beforeError: thrown }
    await expect(call(api_endpoint, { hooks })).resolves.toMatchObject(ok.body)
    expect(received.map(({ body, headers }) => [body, headers.code])).toEqual([
      ['code=canary+code%2F%2B', undefined],
      ['code=canary+code%2F%2B', undefined],
    ])
    expect([thrown.mock.calls.length, rejected.mock.calls.length]).toEqual([3, 2])
    await failure(call(api_endpoint, { hooks, signal: AbortSignal.abort() }))
    expect(thrown).toHaveBeenCalledTimes(4)
  })

  it('may abort the call before it is sent', async () => {
    const { received, api_endpoint } = await serve(ok)
    const controller = new AbortController()
    const hooks = { beforeRequest: () => controller.abort() }
    const error = await failure(call(api_endpoint, { hooks, signal: controller.signal }))
    expect(error).toMatchObject({ code: 'Aborted', outcome: 'not-sent' })
    expect(received).toEqual([])
  })

  it('do not run for a call with invalid options', async () => {
    const { events, hooks } = recorder()
    const transport = createTransport({ api_endpoint: 'https://bj1.test', hooks })
    const request = { ...spendable, endpoint: 'auth', read: () => null } as const
    await expect(transport.post(request, { timeout: -1 })).rejects.toMatchObject({ code: 'InvalidParameter' })
    expect(events).toEqual([])
  })
})
