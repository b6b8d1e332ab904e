import { createTransport, type PDSFetch, type PDSFetchInit } from '@pds/core'
import { requestToken } from '@pds/core/internal'
import { afterEach, expect, it, vi } from 'vitest'
import { serve, spendable, token } from '../test/scripted-server.test-helper.ts'

afterEach(() => {
  vi.unstubAllGlobals()
})

/** Returns a fetch that records what it is given, and sends the request. */
function recordingFetch(): { inits: PDSFetchInit[]; fetch: PDSFetch } {
  const inits: PDSFetchInit[] = []
  return {
    inits,
    fetch(url, init) {
      inits.push(init)
      return globalThis.fetch(url, init)
    },
  }
}

/** Counts the attempts to create a `Request` with a cache mode. `rejects` makes them fail like in an old workerd. */
function stubRequest({ rejects }: { rejects: boolean }): { checks: number } {
  const { Request } = globalThis
  const count = { checks: 0 }
  vi.stubGlobal(
    'Request',
    class extends Request {
      constructor(input: string, init?: RequestInit) {
        if (init?.cache !== undefined) {
          count.checks++
          if (rejects) throw new Error("The 'cache' field on 'RequestInitializerDict' is not implemented.")
        }
        super(input, init)
      }
    },
  )
  return count
}

it('sends requests that no cache stores', async () => {
  const { api_endpoint, received } = await serve({ status: 200, body: token })
  const { inits, fetch } = recordingFetch()
  await requestToken(createTransport({ api_endpoint, fetch }), spendable)
  expect(inits).toMatchObject([{ cache: 'no-store', redirect: 'manual' }])
  expect(received[0]?.headers).toMatchObject({ 'cache-control': 'no-cache', pragma: 'no-cache' })
})

it('keeps a cache-control header of the caller', async () => {
  const { api_endpoint, received } = await serve({ status: 200, body: token })
  const headers = { 'cache-control': 'no-store' }
  await requestToken(createTransport({ api_endpoint }), spendable, { headers })
  expect(received[0]?.headers).toMatchObject(headers)
})

it('sends requests without a cache mode if Request rejects it', async () => {
  stubRequest({ rejects: true })
  const { api_endpoint, received } = await serve({ status: 200, body: token })
  const { inits, fetch } = recordingFetch()
  await requestToken(createTransport({ api_endpoint, fetch }), spendable)
  expect(inits).toHaveLength(1)
  expect(inits[0]).not.toHaveProperty('cache')
  expect(received[0]?.headers).not.toHaveProperty('cache-control')
})

it('checks Request once for each transport, in its first call', async () => {
  const count = stubRequest({ rejects: false })
  const { api_endpoint } = await serve({ status: 200, body: token })
  const transport = createTransport({ api_endpoint })
  expect(count.checks).toBe(0)
  await requestToken(transport, spendable)
  await requestToken(transport, spendable)
  expect(count.checks).toBe(1)
})
