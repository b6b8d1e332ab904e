import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, request as sendRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { withLimit } from 'shared/engines'

/** Where a refresh is held: after its headers, after its whole request, or before its response. */
export type HoldPoint = 'headers' | 'request' | 'response'

/** A refresh that does not get further than its point. */
interface HeldRefresh {
  /** Resolves when the refresh has arrived at its point. */
  readonly arrived: Promise<void>
  /** Cuts the connection of the refresh. */
  cut(): void
}

/** A server between pages and a service that can hold the requests of a refresh. */
export interface RefreshGate {
  readonly api_endpoint: string
  /** The number of refresh requests that pages have sent. */
  readonly sent: number
  /** Holds the next refresh. */
  holdNext(point: HoldPoint): HeldRefresh
  /** Resolves at the next request for `/download`, whose response is a file. */
  waitForDownload(): Promise<void>
  close(): Promise<void>
}

interface Hold extends HeldRefresh {
  readonly point: HoldPoint
  /** Reports that the refresh has arrived, and waits for `cut`. */
  wait(): Promise<void>
}

export async function startRefreshGate(servicePort: number): Promise<RefreshGate> {
  let sent = 0
  let next: Hold | undefined

  async function forward(request: IncomingMessage, hold: Hold | undefined) {
    const isHeld = async (point: HoldPoint) => {
      if (hold?.point !== point) return false
      await hold.wait()
      return true
    }
    if (await isHeld('headers')) return undefined
    const body = await buffer(request)
    if (await isHeld('request')) return undefined
    const { method, url: path, headers } = request
    const forwarded = sendRequest({ host: '127.0.0.1', port: servicePort, method, path, headers })
    forwarded.end(body)
    const [reply] = (await once(forwarded, 'response')) as [IncomingMessage]
    const replyBody = await buffer(reply)
    return (await isHeld('response')) ? undefined : { reply, replyBody }
  }

  const server = createServer(async (request, response) => {
    if (request.url === '/download') {
      response.setHeader('content-disposition', 'attachment; filename=file').end('file')
      return
    }
    let hold: Hold | undefined
    if (request.method === 'POST' && request.url === '/v2/oauth/token') {
      sent++
      hold = next
      next = undefined
    }
    // The page may have cancelled the request.
    const forwarded = await forward(request, hold).catch(() => undefined)
    if (!forwarded) response.destroy()
    else
      response.writeHead(forwarded.reply.statusCode ?? 502, forwarded.reply.headers).end(forwarded.replyBody)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    api_endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get sent() {
      return sent
    },
    holdNext(point) {
      next = createHold(point)
      return next
    },
    waitForDownload: () => withLimit('a download', waitForRequest(server, '/download')),
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

async function waitForRequest(server: Server, url: string): Promise<void> {
  for (;;) {
    const [request] = (await once(server, 'request')) as [IncomingMessage]
    if (request.url === url) return
  }
}

function createHold(point: HoldPoint): Hold {
  let arrive = () => {}
  let cut = () => {}
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve
  })
  const isCut = new Promise<void>((resolve) => {
    cut = resolve
  })
  return {
    point,
    arrived: withLimit(`a refresh to hold (${point})`, arrived),
    cut,
    wait() {
      arrive()
      return isCut
    },
  }
}
