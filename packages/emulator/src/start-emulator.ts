import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer, type HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { isControlRequest } from './control/control-routes.ts'
import { createEmulator, type Emulator } from './create-emulator.ts'
import { ConnectionDropped } from './create-fetch-handler.ts'
import type { EmulatorOptions } from './domain/options.ts'
import { isCorrupted } from './faults/corrupt-response.ts'

/** The options of `startEmulator`. */
export interface StartEmulatorOptions extends EmulatorOptions {
  /** The address to listen on: `127.0.0.1`, `::1` or `localhost`. Default: `127.0.0.1`. */
  hostname?: string
  /** The port to listen on. Default: 0, a free port. */
  port?: number
}

/** A PDS domain that listens on this machine. */
export interface RunningEmulator extends Emulator {
  /** The base URL, to be given to a client as `api_endpoint`. */
  readonly api_endpoint: string
  /** The port that it listens on. */
  readonly port: number
  /** Stops listening and ends open connections, those of live pages too. */
  close(): Promise<void>
}

const loopbackHosts = ['127.0.0.1', '::1', 'localhost']

/**
 * Starts a PDS domain on a loopback address.
 *
 * Throws `RangeError` for any other address: its keys and secrets are known to everyone. Throws the system's error
 * where the port is taken.
 */
export async function startEmulator(options: StartEmulatorOptions = {}): Promise<RunningEmulator> {
  const { hostname = '127.0.0.1', port = 0, ...emulatorOptions } = options
  if (!loopbackHosts.includes(hostname)) {
    throw new RangeError(
      `the emulator listens on this machine only (${loopbackHosts.join(', ')}), not on ${hostname}`,
    )
  }
  const emulator = await createEmulator(emulatorOptions)
  const server = createAdaptorServer({
    fetch: async (request, bindings) => {
      if (isOfOtherHost(request))
        return new Response('This is for the names of this machine only.\n', { status: 403 })
      // The server speaks HTTP/1.1 alone.
      const { outgoing } = bindings as HttpBindings
      try {
        const response = await emulator.fetch(request)
        if (!isCorrupted(response)) return response
        await sendAsItIs(response, outgoing)
      } catch (error) {
        if (!(error instanceof ConnectionDropped || request.signal.aborted)) throw error
        // In Bun an answer that is destroyed leaves with status 200 and no body.
        outgoing.socket?.destroy()
      }
      return RESPONSE_ALREADY_SENT
    },
    overrideGlobalObjects: false,
    // Clients close idle connections. If the server did, a request sent at that moment would have an unknown outcome.
    serverOptions: { keepAliveTimeout: 0 },
  })
  server.listen(port, hostname)
  await once(server, 'listening')
  const address = server.address() as AddressInfo
  const host = hostname.includes(':') ? `[${hostname}]` : hostname

  return Object.defineProperties(
    {
      api_endpoint: `http://${host}:${address.port}`,
      port: address.port,
      async close() {
        const closed = once(server, 'close')
        server.close()
        if ('closeAllConnections' in server) server.closeAllConnections()
        await closed
      },
    } as RunningEmulator,
    // Not spread: the list of users is a getter.
    Object.getOwnPropertyDescriptors(emulator),
  )
}

/**
 * Whether a page of another name may be asking, which was made to lead to this machine (DNS rebinding): it could read
 * the requests, and inject faults.
 */
function isOfOtherHost({ method, url, headers }: Request): boolean {
  return isControlRequest(method, new URL(url).pathname) && !isLoopbackHost(headers.get('host') ?? '')
}

/** Sends an answer whose body does not keep to HTTP: what breaks off ends its connection. */
async function sendAsItIs(response: Response, outgoing: HttpBindings['outgoing']): Promise<void> {
  outgoing.writeHead(response.status, Object.fromEntries(response.headers))
  outgoing.flushHeaders()
  try {
    for await (const bytes of response.body ?? []) outgoing.write(bytes)
    outgoing.end()
  } catch {
    // What was written before reaches the client first.
    outgoing.write('', () => outgoing.destroy())
  }
}

/** Whether a `Host` header names this machine in a way that no name server has a say in. */
function isLoopbackHost(host: string): boolean {
  const [, name = ''] = /^(\[[^\]]*\]|[^:]*)(?::\d+)?$/.exec(host.toLowerCase()) ?? []
  return /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(name)
}
