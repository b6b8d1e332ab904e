import { spawn } from 'node:child_process'
import { on, once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAuthorizationUrl, getTokenByCode, parseCallback } from '@pds/auth-oauth'
import { isPDSError, type PDSTransport } from '@pds/core'
import type { ITokenInfo } from '@pds/types'

// A user who has not come back after this has gone away. In milliseconds.
const patience = 10 * 60_000

/** Signs a user in with the browser of the system, and gives the token. The redirect URI is on 127.0.0.1. */
export async function signInWithBrowser(
  transport: PDSTransport,
  { client_id, redirect_uri: registered }: { client_id: string; redirect_uri: string },
): Promise<ITokenInfo> {
  const redirect = new URL(registered)
  const server = createServer()
  // On this machine only, whatever the address says; port 0 is any free one.
  server.listen(Number(redirect.port), '127.0.0.1')
  await once(server, 'listening')
  try {
    redirect.port = String((server.address() as AddressInfo).port)
    const app = { client_id, redirect_uri: redirect.href }
    const request = await createAuthorizationUrl(transport, app)
    openBrowser(request.url)

    const signal = AbortSignal.timeout(patience)
    const calls = on(server, 'request', { signal }) as AsyncIterable<[IncomingMessage, ServerResponse]>
    for await (const [incoming, response] of calls) {
      // Any page can ask for anything here, such as `//`, which is no address.
      const url = URL.parse(`${redirect.origin}${incoming.url}`)
      // Browsers ask for an icon, too.
      if (url?.pathname !== redirect.pathname) {
        say(response, 404, 'There is nothing here.')
        continue
      }
      try {
        const parsed = parseCallback(url, request)
        const token = await getTokenByCode(transport, parsed)
        say(response, 200, 'You are signed in. You can close this window.')
        return token
      } catch (error) {
        say(response, 400, 'That was no sign-in. The application says more.')
        // Nothing was spent, and the server has not answered: somebody else on this machine made that up.
        if (!isPDSError(error) || error.outcome !== 'not-sent' || error.code === 'NetworkError') throw error
      }
    }
    throw new Error('the server of the redirect URI was closed')
  } finally {
    server.close()
    // Browsers open connections before they have a use for them, and these would keep the process.
    setTimeout(() => server.closeAllConnections(), 500).unref()
  }
}

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    connection: 'close',
  })
  response.end(text)
}

/** Opens the browser in which the user may be signed in already, as no window inside an application is (RFC 8252). */
function openBrowser(url: string): void {
  console.error(`If no browser opens, go to:\n${url}`)
  const commands: Partial<Record<NodeJS.Platform, string[]>> = {
    darwin: ['open'],
    win32: ['rundll32', 'url.dll,FileProtocolHandler'],
  }
  const { BROWSER } = process.env
  const [command = '', ...args] = BROWSER ? [BROWSER] : (commands[process.platform] ?? ['xdg-open'])
  // Without a shell, which would read the address as more than one word.
  const browser = spawn(command, [...args, url], { stdio: 'ignore', detached: true })
  browser.once('error', (error) => console.error(error.message))
  browser.unref()
}
