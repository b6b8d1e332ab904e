import { spawn } from 'node:child_process'
import { on, once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAuthorizationUrl, getTokenByCode, parseCallback } from '@pds/auth-oauth'
import { isPDSError, type PDSTransport } from '@pds/core'
import type { ITokenInfo } from '@pds/types'

// How long to wait for the user to sign in, in milliseconds.
const signInTimeout = 10 * 60_000

/** Signs a user in with the system browser and returns the token. The host of the redirect URI must be 127.0.0.1. */
export async function signInWithBrowser(
  transport: PDSTransport,
  { client_id, redirect_uri: registered }: { client_id: string; redirect_uri: string },
): Promise<ITokenInfo> {
  const redirect = new URL(registered)
  const server = createServer()
  // Always listen on loopback, even if the redirect URI has another host. Port 0 selects a free port.
  server.listen(Number(redirect.port), '127.0.0.1')
  await once(server, 'listening')
  try {
    redirect.port = String((server.address() as AddressInfo).port)
    const app = { client_id, redirect_uri: redirect.href }
    const request = await createAuthorizationUrl(transport, app)
    openBrowser(request.url)

    const signal = AbortSignal.timeout(signInTimeout)
    const requests = on(server, 'request', { signal }) as AsyncIterable<[IncomingMessage, ServerResponse]>
    for await (const [incoming, response] of requests) {
      // Any page can send requests here, even with an invalid URL such as `//`.
      const url = URL.parse(`${redirect.origin}${incoming.url}`)
      // Browsers also request an icon.
      if (url?.pathname !== redirect.pathname) {
        respond(response, 404, 'Not found.')
        continue
      }
      try {
        const parsed = parseCallback(url, request)
        const token = await getTokenByCode(transport, parsed)
        respond(response, 200, 'You are signed in. You can close this window.')
        return token
      } catch (error) {
        respond(response, 400, 'Sign-in failed. The application shows the reason.')
        // Ignore a forged callback: no code was spent, and the service has not responded.
        if (!isPDSError(error) || error.outcome !== 'not-sent' || error.code === 'NetworkError') throw error
      }
    }
    throw new Error('the server of the redirect URI was closed before the sign-in')
  } finally {
    server.close()
    // Browsers open spare connections, which would keep the process running.
    setTimeout(() => server.closeAllConnections(), 500).unref()
  }
}

function respond(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    connection: 'close',
  })
  response.end(text)
}

/** Opens the system browser, in which the user may already be signed in (RFC 8252). */
function openBrowser(url: string): void {
  console.error(`If no browser opens, go to:\n${url}`)
  const commands: Partial<Record<NodeJS.Platform, string[]>> = {
    darwin: ['open'],
    win32: ['rundll32', 'url.dll,FileProtocolHandler'],
  }
  const { BROWSER } = process.env
  const [command = '', ...args] = BROWSER ? [BROWSER] : (commands[process.platform] ?? ['xdg-open'])
  // Do not use a shell: it would split the URL into several words.
  const browser = spawn(command, [...args, url], { stdio: 'ignore', detached: true })
  browser.once('error', (error) => console.error(error.message))
  browser.unref()
}
