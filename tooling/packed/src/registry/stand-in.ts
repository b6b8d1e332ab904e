import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface StandIn {
  /** The address of the registry, with a slash at the end. */
  readonly url: string
  /** The requests, such as `GET /@pds/core`. */
  readonly requests: string[]
  close(): Promise<void>
}

/**
 * Starts a stand-in for a registry on a loopback port. It records the requests, and `respond` returns the responses.
 */
export async function startStandIn(
  respond: (request: string) => readonly [status: number, body: unknown],
): Promise<StandIn> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    const line = `${request.method} ${decodeURIComponent(request.url ?? '')}`
    requests.push(line)
    request.resume().once('end', () => {
      const [status, body] = respond(line)
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
