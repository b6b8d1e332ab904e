import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { defaultApps, type RunningEmulator, startEmulator, type UserOptions } from '@pds/emulator'
import { createServer, type Plugin } from 'vite'

export interface StartWebOptions {
  /** The port of the page: the next free one where it is taken; 0 for any free one. Default: 5173. */
  port?: number
  /** The port of the domain. Default: 0, a free one. */
  emulatorPort?: number
}

/** The demo on this machine: a page, and the domain that it signs in to. */
export interface RunningWeb {
  /** The address of the page, with a slash at its end. */
  readonly url: string
  readonly emulator: RunningEmulator
  /** Ends both, also with pages that are open. */
  close(): Promise<void>
}

const root = fileURLToPath(new URL('../web', import.meta.url))
const host = '127.0.0.1'
const packages = ['@pds/auth-oauth', '@pds/core', '@pds/session', '@pds/session-web']

const users: readonly UserOptions[] = [
  { user_id: 'ann', user_name: 'Ann Lee' },
  { user_id: 'lin', user_name: '林晓雯' },
  { user_id: 'sam', user_name: 'Sam Okafor', role: 'admin' },
]

/**
 * Starts the page of `tooling/demo/web` on Vite, and an emulated domain that knows it. Both listen on this machine only,
 * and ask nobody else for anything. Throws the system's error where the port of the domain is taken.
 */
export async function startWeb({ port = 5173, emulatorPort = 0 }: StartWebOptions = {}): Promise<RunningWeb> {
  const domain: { emulator?: RunningEmulator } = {}
  const cacheDir = mkdtempSync(path.join(tmpdir(), 'pds-demo-'))
  const removeCache = () => rmSync(cacheDir, { recursive: true, force: true })
  // Vite ends the process by itself where that is asked to end.
  process.once('exit', removeCache)
  const vite = await createServer({
    root,
    cacheDir,
    configFile: false,
    envDir: false,
    appType: 'spa',
    logLevel: 'warn',
    clearScreen: false,
    // Bundled at the start: they have many modules, and what is found later makes a page load itself again.
    optimizeDeps: { noDiscovery: true, include: packages },
    server: { host, port, forwardConsole: false },
    plugins: [pageOf(domain)],
  })
  try {
    await vite.listen()
    const [url = ''] = vite.resolvedUrls?.local ?? []
    const { port: pagePort } = new URL(url)
    const redirect_uris = [host, 'localhost'].map((name) => `http://${name}:${pagePort}/callback`)
    const apps = defaultApps.map((app) =>
      app.type === 'browser' ? { ...app, name: 'My drive', redirect_uris } : app,
    )
    const emulator = await startEmulator({ port: emulatorPort, users, apps })
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

/** Tells the page of its domain, and the browser that the page may speak to nobody else. */
function pageOf(domain: { emulator?: RunningEmulator }): Plugin {
  return {
    name: 'pds-demo',
    configureServer({ middlewares }) {
      middlewares.use((request, response, next) => {
        response.setHeader('referrer-policy', 'no-referrer').setHeader('x-content-type-options', 'nosniff')
        const { emulator } = domain
        // Asked for in the moment before the domain is there, by a page that was open before.
        if (!emulator) return void response.writeHead(503, { 'retry-after': '1' }).end()
        const { api_endpoint } = emulator
        const { client_id } = emulator.app('browser')
        response.setHeader('content-security-policy', policy(api_endpoint, request.socket.localPort))
        if (request.url !== '/config.json') return next()
        response.setHeader('content-type', 'application/json').setHeader('cache-control', 'no-store')
        response.end(JSON.stringify({ api_endpoint, client_id }))
      })
    },
  }
}

function policy(api_endpoint: string, pagePort: number | undefined): string {
  const sockets = [host, 'localhost'].map((name) => `ws://${name}:${pagePort}`).join(' ')
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    // The socket is Vite's, which tells the page of changes of its source; so is the worker, which waits for Vite.
    `connect-src 'self' ${sockets} ${api_endpoint}`,
    'worker-src blob:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}
