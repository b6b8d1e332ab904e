import { once } from 'node:events'
import { createServer, request as sendRequest } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A reverse proxy on this machine that records the texts of all responses. */
export interface RecordingProxy {
  readonly origin: string
  /** The texts of the responses, by the paths of the requests. */
  readonly served: readonly { readonly path: string; readonly text: string }[]
  /** Sets the server that gets the requests. */
  forwardTo(origin: string): void
  close(): Promise<void>
}

/** Starts a proxy. Its origin is known before its server starts, so that it can be registered as a redirect URI. */
export async function startRecordingProxy(): Promise<RecordingProxy> {
  const served: { path: string; text: string }[] = []
  let target = ''
  const server = createServer((request, response) => {
    const { method, url = '/' } = request
    // The server sees its own host, and does not compress the responses.
    const { host: _host, 'accept-encoding': _encoding, ...headers } = request.headers
    const forwarded = sendRequest(`${target}${url}`, { method, headers }, async (answer) => {
      const body = Buffer.concat(await answer.toArray())
      served.push({ path: url, text: body.toString() })
      response.writeHead(answer.statusCode ?? 500, withoutFraming(answer.rawHeaders)).end(body)
    })
    forwarded.on('error', () => response.destroy())
    request.pipe(forwarded)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    served,
    forwardTo(origin) {
      target = origin
    },
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** Returns raw headers, in which names and values alternate, without those of the connection. */
function withoutFraming(headers: readonly string[]): string[] {
  const framing = /^(connection|keep-alive|transfer-encoding|content-length)$/i
  return headers.filter((_text, index) => !framing.test(headers[index - (index % 2)] ?? ''))
}
