import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import sirv from 'sirv'

/** The folder of the built site. */
export const builtSite: string = path.resolve(import.meta.dirname, '../../.vitepress/dist')

/** A server of the built site. */
export interface SiteServer {
  readonly origin: string
  close(): Promise<void>
}

/** Serves the built site on 127.0.0.1. Port 0 is any free port. */
export async function serveSite(port: number): Promise<SiteServer> {
  const notFound = readFileSync(path.join(builtSite, '404.html'))
  const files = sirv(builtSite, { etag: true })
  const server = createServer((request, response) => {
    files(request, response, () => {
      response.writeHead(404, { 'content-type': 'text/html; charset=utf-8' }).end(notFound)
    })
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const { port: actual } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${actual}`,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
