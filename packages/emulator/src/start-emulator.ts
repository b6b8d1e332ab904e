import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer, type HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { isControlRequest } from './control/control-path.ts'
import { createEmulator, type Emulator } from './create-emulator.ts'
import { ConnectionDropped } from './create-fetch-handler.ts'
import type { EmulatorOptions } from './domain/options.ts'
import { isCorrupted } from './faults/corrupt-response.ts'

/** The options of `startEmulator`. */
export interface StartEmulatorOptions extends EmulatorOptions {
  /** The host to listen on: `127.0.0.1`, `::1` or `localhost`. Default: `127.0.0.1`. */
  hostname?: string
  /** The port to listen on. Default: 0, which selects a free port. */
  port?: number
}

/** A PDS domain with a server on this machine. */
export interface RunningEmulator extends Emulator {
  /** The base URL, for the option `api_endpoint` of a client. */
  readonly api_endpoint: string
  /** The port of the server. */
  readonly port: number
  /** Stops the server and closes open connections, including those of live pages. */
  close(): Promise<void>
}

const loopbackHosts = ['127.0.0.1', '::1', 'localhost']

/**
 * Starts a PDS domain on a loopback address.
 *
 * Throws a `RangeError` for any other address, because the secrets of the default applications are public. Throws an
 * error with code `EADDRINUSE` if the port is in use.
 *
 * @example
 * ```ts
 * import { startEmulator } from '@pds/emulator'
 *
 * const emulator = await startEmulator({ users: [{ user_id: 'ann' }] })
 * const response = await fetch(`${emulator.api_endpoint}/v2/user/get`, { method: 'POST' })
 * response.status // 401: the request has no access token
 * await emulator.close()
 * ```
 */
export async function startEmulator(options: StartEmulatorOptions = {}): Promise<RunningEmulator> {
  const { hostname = '127.0.0.1', port = 0, ...emulatorOptions } = options
  if (!loopbackHosts.includes(hostname)) {
    throw new RangeError(
      `hostname must be one of ${loopbackHosts.join(', ')} (received ${hostname}): ` +
        'the emulator listens on this machine only',
    )
  }
  const emulator = await createEmulator(emulatorOptions)
  const server = createAdaptorServer({
    fetch: async (request, bindings) => {
      if (isForeignControlRequest(request)) return new Response(foreignHostMessage, { status: 403 })
      // The server supports only HTTP/1.1, so these are the bindings of HTTP/1.1.
      const { outgoing } = bindings as HttpBindings
      try {
        const response = await emulator.fetch(request)
        if (!isCorrupted(response)) return response
        await sendCorrupted(response, outgoing)
      } catch (error) {
        if (!(error instanceof ConnectionDropped || request.signal.aborted)) throw error
        // In Bun, destroying the response instead would send status 200 without a body.
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
    // Not spread, because that would call the getters.
    Object.getOwnPropertyDescriptors(emulator),
  )
}

const foreignHostMessage = 'The Host header must be localhost, 127.x.x.x or [::1].\n'

/**
 * Checks whether a request to the emulator itself has a foreign `Host` header. Such a request may come from a web page
 * whose name resolves to this machine (DNS rebinding). The page could read the log and inject faults.
 */
function isForeignControlRequest({ method, url, headers }: Request): boolean {
  return isControlRequest(method, new URL(url).pathname) && !isLoopbackHost(headers.get('host') ?? '')
}

/** Sends a response whose body violates HTTP. Cuts the connection if the body fails. */
async function sendCorrupted(response: Response, outgoing: HttpBindings['outgoing']): Promise<void> {
  outgoing.writeHead(response.status, Object.fromEntries(response.headers))
  outgoing.flushHeaders()
  try {
    for await (const bytes of response.body ?? []) outgoing.write(bytes)
    outgoing.end()
  } catch {
    // Destroys the connection after the bytes so far were written.
    outgoing.write('', () => outgoing.destroy())
  }
}

/** Checks whether a `Host` header names this machine without the help of a name server. */
function isLoopbackHost(host: string): boolean {
  const [, name = ''] = /^(\[[^\]]*\]|[^:]*)(?::\d+)?$/.exec(host.toLowerCase()) ?? []
  // Many systems ask the network for names below localhost.
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(name)
}
