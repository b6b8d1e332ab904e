import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { defaultApps, type RunningEmulator, startEmulator, type UserOptions } from '@pds/emulator'
import { Hono } from 'hono'
import { buildPage } from './build-page.ts'
import { createPds } from './create-pds.ts'
import { pageRoutes } from './page-routes.ts'

export interface StartWebOptions {
  /** The port of the application. If it is in use, the next free port; 0 for any free port. Default: 5173. */
  port?: number
  /** The port of the domain. Default: 0, any free port. */
  emulatorPort?: number
}

/** The running showcase: an application with a back end and a page, and the domain that its users sign in to. */
export interface RunningWeb {
  /** The URL of the page, with a slash at the end. */
  readonly url: string
  readonly emulator: RunningEmulator
  /** Stops the server of the application and the domain, even while pages are open. */
  close(): Promise<void>
}

const host = '127.0.0.1'
const maxPort = 65_535

const users: readonly UserOptions[] = [
  { user_id: 'ann', user_name: 'Ann Lee' },
  { user_id: 'lin', user_name: '林晓雯' },
  { user_id: 'sam', user_name: 'Sam Okafor', role: 'admin' },
]

/**
 * Starts an emulated domain, and the application: its back end and its page on one port. Both listen on this machine only
 * and send no request to another machine. Throws the system's error if the port of the domain is in use.
 */
export async function startWeb({ port = 5173, emulatorPort = 0 }: StartWebOptions = {}): Promise<RunningWeb> {
  const files = await buildPage()
  // A page from an earlier run can send a request before the domain has started.
  let app = new Hono().all('*', ({ body }) => body(null, 503, { 'retry-after': '1' }))
  const server = createAdaptorServer({
    fetch: (request) => app.fetch(request),
    overrideGlobalObjects: false,
  }) as Server
  const origin = await listen(server, port)
  const close = async () => {
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
  try {
    const redirect_uri = `${origin}/pds/callback`
    const emulator = await startDomain(redirect_uri, emulatorPort)
    const { api_endpoint } = emulator
    const { client_id, client_secret } = emulator.app('webserver')
    const secret = randomBytes(32).toString('base64url')
    const pds = createPds({ api_endpoint, client_id, client_secret, redirect_uri, secret })
    app = pageRoutes(files, origin, api_endpoint).route('/', pds)
    return {
      url: `${origin}/`,
      emulator,
      close: async () => void (await Promise.all([close(), emulator.close()])),
    }
  } catch (error) {
    await close()
    throw error
  }
}

function startDomain(redirect_uri: string, port: number): Promise<RunningEmulator> {
  const apps = defaultApps.map((app) =>
    app.type === 'webserver' ? { ...app, name: 'My drive', redirect_uris: [redirect_uri] } : app,
  )
  return startEmulator({
    port,
    users,
    apps,
    api: { '/v2/drive/list': ({ user }) => ({ items: [{ drive_id: user?.default_drive_id }] }) },
  })
}

/** Listens on a port, or on the next free one. Returns the origin. */
async function listen(server: Server, port: number): Promise<string> {
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || port === maxPort) throw error
    return listen(server, port + 1)
  }
  return `http://${host}:${(server.address() as AddressInfo).port}`
}
