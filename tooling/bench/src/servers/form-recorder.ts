import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** A server on this machine that records the forms in the requests that it receives. */
export interface FormRecorder {
  /** For example `http://127.0.0.1:4000`. */
  endpoint: string
  /** Returns the last form, or an empty object. */
  lastForm(): Record<string, string>
  close(): Promise<void>
}

/** Starts a server that responds to each form with a token. It shows which request a client sends. */
export async function startFormRecorder(): Promise<FormRecorder> {
  let last = ''
  const server = createServer(async (request, response) => {
    last = await text(request)
    response.setHeader('content-type', 'application/json')
    response.end('{"access_token":"a","refresh_token":"r","expires_in":7200,"token_type":"Bearer"}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lastForm: () => Object.fromEntries(new URLSearchParams(last)),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
