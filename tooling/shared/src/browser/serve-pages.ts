import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server for tests that serves one page. */
export interface PageServer {
  /** The origin of the page. Each server has a different origin. */
  readonly origin: string
  close(): Promise<void>
}

/**
 * Serves one page at every path of a free port of 127.0.0.1. The page is empty except for a script.
 *
 * The port is a part of the origin, so pages of different servers share no storage.
 */
export async function servePages(script: string, headers: Record<string, string> = {}): Promise<PageServer> {
  const server = createServer((request, response) => {
    if (request.url === '/script.js') {
      response.setHeader('content-type', 'text/javascript; charset=utf-8').end(script)
      return
    }
    const html = '<!doctype html><html lang="en"><title>A page</title><script src="/script.js"></script>'
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    response.setHeader('content-type', 'text/html; charset=utf-8').end(html)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
