import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { createTransport, type IPDSRequestConfig, type PDSError, type PDSTransportConfig } from '@pds/core'
import { requestToken, type TokenRequest } from '@pds/core/internal'
import type { ITokenInfo } from '@pds/types'
import { afterEach, expect } from 'vitest'

/*
 * An HTTP server with the responses of each test. The emulator responds like the service, and does not simulate all
 * failures of a network.
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

/** Starts a server that sends one response after another, and repeats the last one. */
export async function serve(
  ...responses: TestResponse[]
): Promise<{ received: Received[]; api_endpoint: string }> {
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    received.push({ url: request.url, headers: request.headers, body })
    const scripted = responses[Math.min(received.length, responses.length) - 1] as TestResponse
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
  // No error contains anything that was sent or received.
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
