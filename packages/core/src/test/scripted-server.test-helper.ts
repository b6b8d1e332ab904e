import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { createTransport, type IPDSRequestConfig, type PDSError, type PDSTransportConfig } from '@pds/core'
import { requestToken, type TokenRequest } from '@pds/core/internal'
import type { ITokenInfo } from '@pds/types'
import { afterEach, expect } from 'vitest'

/*
 * A plain HTTP server that answers as each test says: the emulator answers as the service does, and not with what
 * a network can do to a request.
 */

export interface Received {
  url: string | undefined
  headers: Record<string, string | string[] | undefined>
  body: string
}

export const servers: Server[] = []
export const token = {
  access_token: 'canary.access.token',
  refresh_token: 'canary-refresh',
  expires_in: 7200,
}
export const spendable: TokenRequest = {
  path: '/oauth/token',
  format: 'form',
  params: { code: 'canary code/+' },
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

export type TestResponse =
  | RequestListener
  | { status: number; body?: unknown; headers?: Record<string, string> }

/** Answers each request with the next of the answers, and the last one from then on. */
export async function serve(
  ...answers: TestResponse[]
): Promise<{ received: Received[]; api_endpoint: string }> {
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    received.push({ url: request.url, headers: request.headers, body })
    const scripted = answers[Math.min(received.length, answers.length) - 1] as TestResponse
    if (typeof scripted === 'function') return scripted(request, response)
    const text = typeof scripted.body === 'string' ? scripted.body : JSON.stringify(scripted.body ?? {})
    response.writeHead(scripted.status, scripted.headers).end(text)
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { received, api_endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

export async function failure(promise: Promise<unknown>): Promise<PDSError> {
  const error = await promise.then(
    () => expect.fail('the call succeeded'),
    (reason: unknown) => reason as PDSError,
  )
  expect(error.name).toBe('PDSError')
  // Whatever happened, nothing of what was sent or received is told.
  expect(inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error)).not.toMatch(/canary/)
  return error
}

export function call(
  api_endpoint: string,
  options?: IPDSRequestConfig,
  config: PDSTransportConfig = {},
): Promise<ITokenInfo> {
  return requestToken(createTransport({ api_endpoint, retryCount: 2, ...config }), spendable, options)
}

export const ok = { status: 200, body: token }
