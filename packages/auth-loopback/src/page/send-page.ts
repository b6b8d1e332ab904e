import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { style } from './style.ts'

// Removes the code and the state from the address bar, so that they do not stay in the history of the browser.
const script = `history.replaceState(null, '', location.pathname)`

/** Sends a default page, which has only its own style and script. */
export function sendPage(response: ServerResponse, status: number, html: string): void {
  sendHtml(response, status, html, `style-src ${hashSource(style)}; img-src data:`)
}

/** Sends a page of the application, which may have inline styles and images. */
export function sendOwnPage(response: ServerResponse, status: number, html: string): void {
  sendHtml(response, status, html, "style-src 'unsafe-inline'; img-src data: https:; font-src data:")
}

/** Sends a line of text. */
export function sendText(response: ServerResponse, status: number, text: string): void {
  send(response, status, 'text/plain; charset=utf-8', "default-src 'none'", text)
}

function sendHtml(response: ServerResponse, status: number, html: string, sources: string): void {
  const policy = `default-src 'none'; script-src ${hashSource(script)}; ${sources}; form-action 'none'`
  // Browsers run a script after the end of the document, too.
  send(response, status, 'text/html; charset=utf-8', policy, `${html}<script>${script}</script>\n`)
}

function send(response: ServerResponse, status: number, type: string, policy: string, body: string): void {
  response.writeHead(status, {
    'content-type': type,
    'content-security-policy': `${policy}; base-uri 'none'; frame-ancestors 'none'`,
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    vary: 'accept-language',
    // The server ends after the sign-in.
    connection: 'close',
  })
  response.end(body)
}

function hashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}
