import { getEventListeners } from 'node:events'
import { createTransport, type PDSError, type PDSFetch, type PDSTransportConfig } from '@pds/core'
import { requestToken, type TokenRequest } from '@pds/core/internal'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { failure, token } from '../test/scripted-server.test-helper.ts'

/*
 * The tests advance the timers themselves: a call that waits for a real timer never ends.
 */
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})

afterEach(() => {
  vi.useRealTimers()
})

const forever = () => new Promise<never>(() => undefined)
const params = async () => ({ assertion: 'canary-assertion' })
const throttled: PDSFetch = async () => new Response(null, { status: 429, headers: { 'retry-after': '30' } })

/** Returns a body that never ends. */
function endless(onCancel: () => void) {
  return new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode('{"access_token":"canary')),
    cancel: onCancel,
  })
}

interface Phase {
  name: string
  config: Partial<PDSTransportConfig>
  params?: () => Promise<Record<string, string>>
  outcome: string
}

const cancel = vi.fn()
const phases: Phase[] = [
  { name: 'while the assertion is signed', config: {}, params: forever, outcome: 'not-sent' },
  { name: 'before the response', config: { fetch: forever }, outcome: 'unknown' },
  { name: 'during the delay', config: { fetch: throttled }, outcome: 'responded' },
  {
    name: 'during the response',
    config: { fetch: async () => new Response(endless(cancel)) },
    outcome: 'unknown',
  },
  {
    name: 'during the response of a fetch without streams',
    config: {
      fetch: async () => Object.defineProperties(new Response(), { body: {}, text: { value: forever } }),
    },
    outcome: 'unknown',
  },
  {
    name: 'during an error response',
    config: { fetch: async () => new Response(endless(cancel), { status: 400 }) },
    outcome: 'responded',
  },
]

function start(phase: Phase, options: { signal?: AbortSignal; timeout?: number; totalTimeout?: number }) {
  const transport = createTransport({ api_endpoint: 'https://bj1.test', ...phase.config })
  const request = { path: '/oauth/token', format: 'form', params: phase.params ?? params } as const
  return requestToken(transport, request, options)
}

/** Waits until all promises that need no timer have settled. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('a signal aborts a call', () => {
  it('before it starts', async () => {
    const fetch = vi.fn(forever)
    const signal = AbortSignal.abort('canary')
    const call = start({ ...(phases[0] as Phase), config: { fetch } }, { signal })
    expect(await failure(call)).toMatchObject({ code: 'Aborted', outcome: 'not-sent' })
    expect([fetch.mock.calls.length, getEventListeners(signal, 'abort').length]).toEqual([0, 0])
  })

  it.each(phases)('$name and leaves nothing behind', async (phase) => {
    const controller = new AbortController()
    const call = start(phase, { signal: controller.signal })
    await settled()
    expect(vi.getTimerCount()).toBeGreaterThan(0)
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1)
    controller.abort(new Error('canary'))
    expect(await failure(call)).toMatchObject({ code: 'Aborted', outcome: phase.outcome })
    await settled()
    expect(vi.getTimerCount()).toBe(0)
    expect(getEventListeners(controller.signal, 'abort')).toEqual([])
  })

  it('and cancels the body of the response', async () => {
    cancel.mockClear()
    for (const phase of phases.slice(3)) {
      const controller = new AbortController()
      const call = start(phase, { signal: controller.signal })
      await settled()
      controller.abort()
      await failure(call)
    }
    expect(cancel).toHaveBeenCalledTimes(2)
  })
})

it.each([{ signal: true }, { timeout: 1000 }, { totalTimeout: 1000 }])(
  'aborts fetch with an AbortError: %j',
  async ({ signal, ...limits }) => {
    const controller = new AbortController()
    const reasons: unknown[] = []
    const fetch: PDSFetch = (_url, init) => {
      init.signal.addEventListener('abort', () => reasons.push(init.signal.reason))
      return forever()
    }
    const phase = { config: { fetch, retryCount: 0 } } as Phase
    const ended = failure(start(phase, { signal: controller.signal, ...limits }))
    await settled()
    if (signal) controller.abort(new Error('canary'))
    else vi.advanceTimersByTime(1000)
    await ended
    expect(reasons).toMatchObject([{ name: 'AbortError', message: expect.not.stringContaining('canary') }])
  },
)

it('cancels a response that arrives after the call was aborted', async () => {
  const controller = new AbortController()
  let respond: (response: Response) => void = () => undefined
  const fetch: PDSFetch = () =>
    new Promise((resolve) => {
      respond = resolve
    })
  const phase = { name: '', config: { fetch }, outcome: '' }
  const call = failure(start(phase, { signal: controller.signal }))
  await settled()
  controller.abort()
  await call
  cancel.mockClear()
  respond(new Response(endless(cancel)))
  await settled()
  expect(cancel).toHaveBeenCalledOnce()
})

describe('a timeout', () => {
  it.each(phases)('of the call ends it $name', async (phase) => {
    const call = failure(start(phase, { timeout: 0, totalTimeout: 60_001 }))
    // The timer of the call starts before the delay of 30 s.
    await vi.advanceTimersByTimeAsync(0)
    expect(vi.getTimerCount()).toBeGreaterThan(0)
    await vi.advanceTimersByTimeAsync(60_001)
    expect(await call).toMatchObject({ code: 'Timeout' })
    await settled()
    expect(vi.getTimerCount()).toBe(0)
  })

  it.each(phases.filter(({ config }) => config.fetch !== throttled))(
    'of an attempt ends it $name',
    async (phase) => {
      const transport = { ...phase, config: { ...phase.config, retryCount: 0 } }
      const call = failure(start(transport, { timeout: 1000 }))
      await vi.advanceTimersByTimeAsync(999)
      expect(vi.getTimerCount()).toBeGreaterThan(0)
      await vi.advanceTimersByTimeAsync(1)
      expect(await call).toMatchObject({
        code: 'Timeout',
        outcome: phase.outcome,
        message: `${phase.outcome === 'not-sent' ? 'no request was sent to' : 'no response from'} https://bj1.test within 1000 ms (option timeout)`,
      })
      await settled()
      expect(vi.getTimerCount()).toBe(0)
    },
  )

  it('of 0 sets no timer', async () => {
    const call = start(phases[1] as Phase, { timeout: 0, totalTimeout: 0 })
    call.catch(() => undefined)
    await settled()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('leaves nothing behind if the call succeeds', async () => {
    const { signal } = new AbortController()
    const fetch: PDSFetch = async () => Response.json(token)
    await start({ name: '', config: { fetch }, outcome: '' }, { signal })
    expect([vi.getTimerCount(), getEventListeners(signal, 'abort').length]).toEqual([0, 0])
  })
})

describe('an attempt that timed out', () => {
  beforeEach(() => {
    // No delay between attempts.
    vi.spyOn(Math, 'random').mockReturnValue(0)
    return () => vi.restoreAllMocks()
  })

  /** Lets the timeout of an attempt and the delay after it elapse. */
  async function timeOut() {
    await vi.advanceTimersByTimeAsync(1000)
    await settled()
    await vi.advanceTimersByTimeAsync(1)
    await settled()
  }

  /** Returns a function that waits in each call, and the functions that resolve its calls, in order. */
  function deferred<T>() {
    const resolvers: ((value: T) => void)[] = []
    const fn = () => new Promise<T>((resolve) => void resolvers.push(resolve))
    return { resolvers, fn }
  }

  /** Starts a call and records the events of its hooks. */
  function watch(params: TokenRequest['params'], config: Partial<PDSTransportConfig>) {
    const events: string[] = []
    const hooks = Object.fromEntries(
      ['beforeRequest', 'afterResponse', 'beforeRetry'].map((name) => [
        name,
        ({ attempt }: { attempt: number }) => void events.push(`${name} ${attempt}`),
      ]),
    )
    const transport = createTransport({ api_endpoint: 'https://bj1.test', hooks, clock: () => 0, ...config })
    const request = { path: '/oauth/token', format: 'form', params } as const
    return { transport, events, call: requestToken(transport, request, { timeout: 1000 }) }
  }

  it('is retried if the request is replayable', async () => {
    const { resolvers, fn } = deferred<Response>()
    const { call, events } = watch(params, { fetch: fn })
    await timeOut()
    expect(resolvers).toHaveLength(2)
    resolvers[1]?.(Response.json(token))
    expect(await call).toMatchObject(token)
    expect(events).toEqual(['beforeRequest 1', 'beforeRetry 1', 'beforeRequest 2', 'afterResponse 2'])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is not retried if the request is not replayable', async () => {
    const { resolvers, fn } = deferred<Response>()
    const { call } = watch({ code: 'canary-code' }, { fetch: fn })
    const ended = failure(call)
    await timeOut()
    expect(await ended).toMatchObject({ code: 'Timeout', outcome: 'unknown' })
    expect(resolvers).toHaveLength(1)
  })

  it('changes nothing when its response arrives late', async () => {
    const { resolvers, fn } = deferred<Response>()
    const { call, events, transport } = watch(params, { fetch: fn })
    await timeOut()
    cancel.mockClear()
    const headers = { date: 'Fri, 02 Jan 2026 03:04:05 GMT' }
    resolvers[0]?.(new Response(endless(cancel), { status: 400, headers }))
    await settled()
    expect(cancel).toHaveBeenCalledOnce()
    resolvers[1]?.(Response.json(token))
    expect(await call).toMatchObject(token)
    expect(events).toEqual(['beforeRequest 1', 'beforeRetry 1', 'beforeRequest 2', 'afterResponse 2'])
    expect(transport.now()).toBe(0)
  })

  it('sends nothing when its assertion is signed late', async () => {
    const { resolvers, fn } = deferred<{ assertion: string }>()
    const fetch = vi.fn<PDSFetch>(async () => Response.json(token))
    const { call, events } = watch(fn, { fetch })
    await timeOut()
    resolvers[0]?.({ assertion: 'canary-first' })
    await settled()
    resolvers[1]?.({ assertion: 'canary-second' })
    expect(await call).toMatchObject(token)
    expect(String(fetch.mock.calls[0]?.[1].body)).toBe('assertion=canary-second')
    expect(events).toEqual(['beforeRetry 0', 'beforeRequest 1', 'afterResponse 1'])
  })

  it('aborts another call that uses the signal of its fetch, with code Aborted', async () => {
    const inner: Promise<PDSError>[] = []
    const fetch: PDSFetch = (_url, { signal }) => {
      inner.push(failure(start(phases[1] as Phase, { signal })))
      return forever()
    }
    const { call } = watch({ code: 'canary-code' }, { fetch })
    const ended = failure(call)
    await timeOut()
    expect(await ended).toMatchObject({ code: 'Timeout' })
    expect(await inner[0]).toMatchObject({ code: 'Aborted', outcome: 'unknown' })
  })
})
