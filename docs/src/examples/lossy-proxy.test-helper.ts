import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'

/** A proxy that forwards requests to a server, and loses responses. */
export interface LossyProxy {
  readonly url: string
  /** The operations that the server has handled: the last parts of their names, such as `txn` or `PutItem`. */
  readonly operations: string[]
  /** Loses the response to the next request with an operation. */
  loseNext(operation: string): void
}

/** Starts a proxy on a loopback port. It closes the connection of a lost response after the server has handled it. */
export async function startLossyProxy(upstream: string): Promise<LossyProxy> {
  const operations: string[] = []
  let lost: string | undefined
  const server = createServer(async (request, response) => {
    const [body, operation] = [await text(request), operationOf(request)]
    const { status, headers, content } = await forward(upstream, request, body)
    operations.push(operation)
    if (operation === lost) {
      lost = undefined
      request.socket.destroy()
      return
    }
    response.writeHead(status, headers).end(content)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    operations,
    loseNext(operation) {
      lost = operation
    },
  }
}

/** Returns the operation of a request: the services of AWS name it in a header, and etcd in the path. */
function operationOf({ headers, url = '' }: IncomingMessage): string {
  const name = headers['x-amz-target'] ?? url
  return `${name}`.split(/[./]/).at(-1) ?? ''
}

async function forward(upstream: string, { url = '', headers }: IncomingMessage, body: string) {
  const kept = Object.entries(headers).filter(([name]) =>
    /^(content-type|authorization|x-amz-.*)$/.test(name),
  )
  const init = { method: 'POST', headers: Object.fromEntries(kept) as Record<string, string>, body }
  const response = await fetch(upstream + url, init)
  const type = response.headers.get('content-type') ?? ''
  return { status: response.status, headers: { 'content-type': type }, content: await response.text() }
}
