import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse, request as sendRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** A request of a page, before it reaches its server. */
export interface ProxiedRequest {
  readonly url: string
  readonly body: string
}

/** What a proxy does with the requests of a profile. */
export interface PageProxyOptions {
  /** Returns the script that runs in a document before any other. */
  initScript(): string
  /** Answers a call of a page. The argument and the result are texts. */
  call(name: string, argument: string): Promise<string>
  onRequest(request: ProxiedRequest): void
}

/** An HTTP proxy between the pages of a profile and their servers. */
export interface PageProxy {
  /** Its host and port. */
  readonly address: string
  /** Whether each request fails, as without a network. */
  isOffline: boolean
  close(): Promise<void>
}

/** The path of the calls of pages, at each origin. */
export const callPath = '/.calls-of-page-tests/'

/**
 * Starts a proxy. What no protocol for browsers does in each engine, a proxy does: run scripts before those of a page,
 * call functions of the test, report requests and disconnect the network.
 *
 * The script does not run in a document whose policy allows no inline script.
 */
export async function startPageProxy(options: PageProxyOptions): Promise<PageProxy> {
  const proxy = {
    address: '',
    isOffline: false,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? '')
    const body = await buffer(incoming)
    if (url.pathname.startsWith(callPath)) {
      // A sandboxed page has no origin.
      response.setHeader('access-control-allow-origin', '*')
      response.end(await options.call(url.pathname.slice(callPath.length), body.toString()))
      return
    }
    options.onRequest({ url: url.href, body: body.toString() })
    if (proxy.isOffline) return void response.destroy()
    await forward(url, incoming, body, response)
  }

  async function forward(
    url: URL,
    incoming: IncomingMessage,
    body: Buffer,
    response: ServerResponse,
  ): Promise<void> {
    const { 'proxy-connection': _connection, 'accept-encoding': _encoding, ...headers } = incoming.headers
    const { method = 'GET' } = incoming
    const forwarded = sendRequest(url, { method, headers, agent: false })
    response.on('close', () => forwarded.destroy())
    forwarded.end(body)
    const [reply] = (await once(forwarded, 'response')) as [IncomingMessage]
    const isDocument = reply.headers['content-type']?.startsWith('text/html') ?? false
    if (!isDocument) {
      response.writeHead(reply.statusCode ?? 502, reply.headers)
      // A connection that the server drops is dropped here, too.
      reply.on('error', () => response.destroy())
      reply.pipe(response)
      return
    }
    const html = (await buffer(reply)).toString()
    const { 'content-length': _length, 'transfer-encoding': _transfer, ...rest } = reply.headers
    response.writeHead(reply.statusCode ?? 502, rest)
    response.end(addScript(html, options.initScript()))
  }

  const server = createServer((incoming, response) => {
    handle(incoming, response).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  proxy.address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return proxy
}

/** Puts a script before everything in a document, except for its type. */
function addScript(html: string, script: string): string {
  const [type = ''] = /^\s*<!doctype[^>]*>/i.exec(html) ?? []
  // The end of a script element must not appear in a script.
  const text = script.replaceAll('</script', '<\\/script')
  return `${type}<script>${text}</script>${html.slice(type.length)}`
}
