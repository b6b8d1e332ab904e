import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'shared/browser'

/** The server of an application, with its redirect URI. */
export interface ClientServer {
  readonly origin: string
  /** The `Referer` header of each request, or undefined. */
  readonly referrers: (string | undefined)[]
  close(): Promise<void>
}

/** Starts the server. `/onward` redirects to the URL `onward`, as a back end may do. Other paths send a page. */
export async function startClientServer(onward = ''): Promise<ClientServer> {
  const referrers: (string | undefined)[] = []
  const server = createServer(({ url, headers }, response) => {
    if (url === '/favicon.ico') return response.writeHead(204).end()
    referrers.push(headers.referer)
    if (url?.startsWith('/onward')) return response.writeHead(302, { location: onward }).end()
    return response
      .setHeader('content-type', 'text/html')
      .end('<!doctype html><html lang="en"><title>The application</title><h1>The application</h1></html>')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    referrers,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** Collects the console errors of a page, except for the status of the page itself, which tests check. */
export function consoleErrors(page: Page): string[] {
  const errors: string[] = []
  page.on('console', (message) => {
    const isOwnStatus = message.text().startsWith('Failed to load') && message.location().url === page.url()
    if (message.type() !== 'log' && !isOwnStatus) errors.push(message.text())
  })
  page.on('pageerror', (error) => errors.push(String(error)))
  return errors
}
