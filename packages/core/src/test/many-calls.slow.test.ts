import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'

/** Makes calls at once, and prints how many succeeded and the peak of the memory of this process, in MiB. */
const script = `
  import { requestToken } from '@pds/core/internal'
  const [, entry, api_endpoint, count] = process.argv
  const { createTransport } = await import(entry)
  const transport = createTransport({ api_endpoint })
  const params = { grant_type: 'refresh_token', client_id: 'app' }
  const results = await Promise.allSettled(
    Array.from({ length: Number(count) }, (_, call) =>
      requestToken(transport, {
        path: '/oauth/token',
        format: 'form',
        params: { ...params, refresh_token: 'a-refresh-token-' + call },
      }),
    ),
  )
  const succeeded = results.filter(({ status }) => status === 'fulfilled').length
  console.log(JSON.stringify({ succeeded, memory: process.resourceUsage().maxRSS / 1024 }))
`

/** Starts a server that rejects requests, with this `Retry-After`, if more than `capacity` are under way. */
async function serve(capacity = Number.POSITIVE_INFINITY, retryAfter = '1') {
  const counts = { requests: 0, rejected: 0, sockets: 0 }
  let active = 0
  const server = createServer((request, response) => {
    counts.requests++
    const isFull = ++active > capacity
    request.resume().on('end', () =>
      // A turn of the event loop, in which other requests arrive.
      setImmediate(() => {
        active--
        if (isFull) {
          counts.rejected++
          response.writeHead(429, { 'retry-after': retryAfter }).end()
        } else response.end('{"access_token":"an-access-token","expires_in":7200}')
      }),
    )
  })
  server.on('connection', () => counts.sockets++)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { counts, api_endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

/** Makes calls at once in another process, whose heap is limited: how long garbage stays must not count as memory in use. */
async function makeCalls(entry: string, api_endpoint: string, count: number) {
  const node = ['--max-old-space-size=200', '--input-type=module', '-e', script]
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...node, entry, api_endpoint, String(count)],
    { cwd: import.meta.dirname },
  )
  return JSON.parse(stdout) as { succeeded: number; memory: number }
}

it.each(['@pds/core', '@pds/core/fetch'])(
  '10,000 calls of %s at once send 10,000 requests over 32 connections',
  async (entry) => {
    const { api_endpoint, counts } = await serve()
    const { succeeded, memory } = await makeCalls(entry, api_endpoint, 10_000)
    expect({ succeeded, ...counts }).toEqual({
      succeeded: 10_000,
      requests: 10_000,
      rejected: 0,
      sockets: 32,
    })
    expect(memory).toBeLessThan(350)
  },
)

it.each(['@pds/core', '@pds/core/fetch'])(
  '1,000 calls of %s succeed against a service that takes 20 at a time',
  async (entry) => {
    const { api_endpoint, counts } = await serve(20)
    expect(await makeCalls(entry, api_endpoint, 1000)).toMatchObject({ succeeded: 1000 })
    expect(counts.requests).toBe(1000 + counts.rejected)
    expect(counts.rejected).toBeLessThan(200)
  },
)
