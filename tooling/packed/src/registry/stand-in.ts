import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface StandIn {
  /** Its address, with a slash at its end. */
  readonly url: string
  /** What it was asked, as `GET /@pds/core`. */
  readonly requests: string[]
  close(): Promise<void>
}

/** Stands in for a registry on a loopback port: it keeps what it is asked, and answers each as `answer` says. */
export async function startStandIn(
  answer: (request: string) => readonly [status: number, body: unknown],
): Promise<StandIn> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    const asked = `${request.method} ${decodeURIComponent(request.url ?? '')}`
    requests.push(asked)
    request.resume().once('end', () => {
      const [status, body] = answer(asked)
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
