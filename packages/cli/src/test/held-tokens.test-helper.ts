import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { RunningEmulator } from '@pds/emulator'
import { onTestFinished } from 'vitest'

/** A domain whose responses to requests for tokens can be held back. */
export interface HeldDomain {
  /** The domain, at an address that can hold back responses. */
  emulator: RunningEmulator
  /** Holds back the next responses with tokens. The service carries their requests out. */
  hold(): HeldTokens
}

/** Responses that are held back. */
interface HeldTokens {
  /** Resolves when the service has carried out the first request. */
  arrived: Promise<unknown>
  /** Sends the responses. */
  release(): void
}

/** Starts a server in front of a domain that can hold back its tokens for as long as a test needs. */
export async function holdTokens(domain: RunningEmulator): Promise<HeldDomain> {
  const events = new EventEmitter()
  let released: Promise<unknown> | undefined
  const server = createServer(async (request, response) => {
    const { method = 'GET', url = '/', headers } = request
    const { host, connection, 'content-length': _length, 'transfer-encoding': _encoding, ...rest } = headers
    const body = method === 'GET' ? undefined : await text(request)
    const result = await fetch(domain.api_endpoint + url, {
      method,
      headers: rest as Record<string, string>,
      redirect: 'manual',
      ...(body !== undefined && { body }),
    })
    const content = await result.text()
    if (released && url === '/v2/oauth/token') {
      events.emit('arrived')
      await released
    }
    const names = [...result.headers].filter(([name]) => name !== 'transfer-encoding')
    response.writeHead(result.status, Object.fromEntries(names)).end(content)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const api_endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    emulator: Object.create(domain, { api_endpoint: { value: api_endpoint } }),
    hold() {
      released = once(events, 'released')
      return {
        arrived: once(events, 'arrived'),
        release() {
          released = undefined
          events.emit('released')
        },
      }
    },
  }
}
