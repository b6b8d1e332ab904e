import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** A server on this machine that remembers what was posted to it. */
export interface FormRecorder {
  /** Such as `http://127.0.0.1:4000`. */
  endpoint: string
  /** The form that came last, or none. */
  lastForm(): Record<string, string>
  close(): Promise<void>
}

/** Starts a server that answers each form with a token: who talks to it shows what it asks for. */
export async function recordForms(): Promise<FormRecorder> {
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
