import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { defaultApps, type RunningEmulator, startEmulator, type UserOptions } from '@pds/emulator'
import { createServer, type Plugin } from 'vite'

/** A running web application without a back end: a page, and the domain that it signs in to. */
export interface RunningWebApp {
  /** The URL of the page, with a slash at the end. */
  readonly url: string
  readonly emulator: RunningEmulator
  /** Stops the page's server and the domain, even while pages are open. */
  close(): Promise<void>
}

const root = fileURLToPath(new URL('page', import.meta.url))
// The logo.
const publicDir = fileURLToPath(new URL('../../../look', import.meta.url))
const host = '127.0.0.1'
const packages = ['@pds/auth-oauth', '@pds/core', '@pds/session', '@pds/session-web']

const users: readonly UserOptions[] = [
  { user_id: 'ann', user_name: 'Ann Lee' },
  { user_id: 'lin', user_name: '林晓雯' },
  { user_id: 'sam', user_name: 'Sam Okafor', role: 'admin' },
]

/**
 * Serves the page in this folder with Vite on a free port, and starts an emulated domain with the page as its browser
 * application. Both listen on this machine only and send no request to another machine.
 */
export async function startWebApp(): Promise<RunningWebApp> {
  const domain: { emulator?: RunningEmulator } = {}
  const cacheDir = mkdtempSync(path.join(tmpdir(), 'pds-web-app-'))
  const removeCache = () => rmSync(cacheDir, { recursive: true, force: true })
  // Vite exits the process on SIGTERM, without a call of close().
  process.once('exit', removeCache)
  const vite = await createServer({
    root,
    publicDir,
    cacheDir,
    configFile: false,
    envDir: false,
    appType: 'spa',
    logLevel: 'warn',
    clearScreen: false,
    // Bundle these packages at the start: they have many modules, and Vite reloads the page for a dependency that it
    // discovers later.
    optimizeDeps: { noDiscovery: true, include: packages },
    server: { host, port: 0, forwardConsole: false },
    plugins: [serveConfig(domain)],
  })
  try {
    await vite.listen()
    const [url = ''] = vite.resolvedUrls?.local ?? []
    const { port: pagePort } = new URL(url)
    const redirect_uris = [host, 'localhost'].map((name) => `http://${name}:${pagePort}/callback`)
    const apps = defaultApps.map((app) =>
      app.type === 'browser' ? { ...app, name: 'My drive', redirect_uris } : app,
    )
    const emulator = await startEmulator({ users, apps })
    domain.emulator = emulator
    return {
      url,
      emulator,
      async close() {
        await Promise.all([vite.close(), emulator.close()])
        process.off('exit', removeCache)
        removeCache()
      },
    }
  } catch (error) {
    await vite.close()
    process.off('exit', removeCache)
    removeCache()
    throw error
  }
}

/** Serves the configuration of the page, and a policy that allows the page requests to its own server and domain only. */
function serveConfig(domain: { emulator?: RunningEmulator }): Plugin {
  return {
    name: 'pds-web-app',
    configureServer({ middlewares }) {
      middlewares.use((request, response, next) => {
        response.setHeader('referrer-policy', 'no-referrer').setHeader('x-content-type-options', 'nosniff')
        const { emulator } = domain
        // A page from an earlier run can send a request before the domain has started.
        if (!emulator) return void response.writeHead(503, { 'retry-after': '1' }).end()
        const { api_endpoint } = emulator
        const { client_id } = emulator.app('browser')
        response.setHeader(
          'content-security-policy',
          contentSecurityPolicy(api_endpoint, request.socket.localPort),
        )
        if (request.url !== '/config.json') return next()
        response.setHeader('content-type', 'application/json').setHeader('cache-control', 'no-store')
        response.end(JSON.stringify({ api_endpoint, client_id }))
      })
    },
  }
}

function contentSecurityPolicy(api_endpoint: string, pagePort: number | undefined): string {
  const sockets = [host, 'localhost'].map((name) => `ws://${name}:${pagePort}`).join(' ')
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    // Vite reports source changes over the socket, and waits for its server in the worker.
    `connect-src 'self' ${sockets} ${api_endpoint}`,
    'worker-src blob:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}
