import { connect } from 'node:net'
import type { RunningEmulator } from '@pds/emulator'
import fc from 'fast-check'

/** A request that is sent over a socket, byte by byte. `fetch` would reject many of these. */
export interface RawRequest {
  method: string
  target: string
  headers: [name: string, value: string][]
  body: Uint8Array
}

const ids = ['jwt-app', 'webserver-app', 'native-app', 'browser-app', 'unknown', '']
const redirectUris = [
  'http://127.0.0.1:3000/callback',
  'http://127.0.0.1:65536/callback',
  'http://127.0.0.1:99999999999/callback',
  'http://[::1]:1/callback',
  'com.example.app:/callback',
  'javascript:alert(1)',
  'http://',
]
const names = [
  ...['client_id', 'client_secret', 'redirect_uri', 'grant_type', 'code', 'code_verifier', 'refresh_token'],
  ...['assertion', 'app_id', 'user_id', 'scope', 'state', 'prompt', 'response_type', 'login_type', 'token'],
  ...['code_challenge', 'code_challenge_method', 'hide_consent', 'csrf_token', 'decision', 'share_id'],
  ...['share_pwd', 'expire_sec', 'addition_data', 'subdomain_id', '__proto__', 'constructor'],
]
const values = [
  ...[...ids, ...redirectUris, 'authorization_code', 'code', 'refresh_token', 'default', 'S256', 'none'],
  ...['webserver-app-secret', 'urn:ietf:params:oauth:grant-type:jwt-bearer', 'user-1', 'share-1', 'allow'],
  ...['eyJhbGciOiJSUzI1NiJ9.e30.x', 'eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.bnVsbA.', 'a.b.c', '%'],
]
const paths = [
  ...[
    '/v2/oauth/token',
    '/v2/oauth/authorize',
    '/v2/oauth/revoke',
    '/v2/account/token',
    '/v2/account/revoke',
  ],
  ...['/v2/user/get', '/v2/share_link/get_share_token', '/v2/drive/list', '/', '/favicon.ico', '/_emulator/'],
  ...[
    '/.well-known/oauth-authorization-server',
    '/_emulator/faults',
    '/_emulator/requests',
    '//',
    '/%',
    '/%00',
  ],
  ...[
    '/v2/oauth/token/..',
    '/v2//user/get',
    'http://elsewhere.test/v2/user/get',
    '*',
    '/?',
    '/v2/oauth/token#x',
  ],
]
const methods = ['GET', 'POST', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND', 'M-SEARCH']

const printable = fc.stringMatching(/^[ -~]{0,20}$/)
const value = fc.oneof(fc.constantFrom(...values), printable, fc.string({ unit: 'grapheme' }))
const params = fc.array(fc.tuple(fc.oneof(fc.constantFrom(...names), printable), value), { maxLength: 9 })
const form = params.map((entries) =>
  entries.map((entry) => entry.map(encodeURIComponent).join('=')).join('&'),
)
const json = fc.oneof(
  params.map((entries) => JSON.stringify(Object.fromEntries(entries))),
  fc.dictionary(fc.constantFrom(...names), fc.jsonValue()).map((fields) => JSON.stringify(fields)),
  fc.json(),
)
const encoder = new TextEncoder()
const body = fc.oneof(
  form.map((text) => encoder.encode(text)),
  json.map((text) => encoder.encode(text)),
  fc.uint8Array({ maxLength: 200 }),
  fc.constant(new Uint8Array()),
)
const header = fc.oneof(
  fc.tuple(
    fc.constant('content-type'),
    fc.constantFrom(
      'application/json',
      'application/x-www-form-urlencoded',
      'text/plain',
      ';',
      'multipart/form-data',
    ),
  ),
  fc.tuple(
    fc.constant('accept'),
    fc.constantFrom('text/html', '*/*', 'application/json', 'text/html;q=x', ','),
  ),
  fc.tuple(
    fc.constant('authorization'),
    fc.oneof(fc.constantFrom('Bearer x', 'Basic YTpi', 'Basic %', 'Basic', 'Bearer '), printable),
  ),
  fc.tuple(
    fc.constantFrom('cookie', 'x-share-token', 'accept-language', 'origin', 'referer', 'range'),
    printable,
  ),
  fc.tuple(fc.constantFrom('last-event-id', 'if-none-match', 'access-control-request-headers'), printable),
)
const target = fc
  .tuple(fc.constantFrom(...paths), fc.oneof(form, printable, fc.constant('')))
  .map(([path, query]) => (query === '' ? path : `${path}?${query}`))
  .map((text) => encodeURI(text).replaceAll(' ', '%20'))

/** A random request. Many of its parts are valid, so that it gets beyond the first check. */
export const rawRequest: fc.Arbitrary<RawRequest> = fc.record({
  method: fc.constantFrom(...methods, ...Array<string>(10).fill('POST'), ...Array<string>(5).fill('GET')),
  target,
  headers: fc.array(header, { maxLength: 5 }),
  body,
})

/** Sends a request and returns the status of its response, or 0 if the connection was closed without one. */
export function sendRaw({ port }: RunningEmulator, request: RawRequest): Promise<number> {
  const { method, target, headers, body } = request
  const lines = [
    `${method} ${target} HTTP/1.1`,
    'host: 127.0.0.1',
    'connection: close',
    ...(body.length > 0 ? [`content-length: ${body.length}`] : []),
    ...headers.map(([name, text]) => `${name}: ${Buffer.from(text).toString('latin1')}`),
  ]
  return new Promise((resolve) => {
    let response = ''
    const socket = connect(port, '127.0.0.1')
    const end = () => {
      socket.destroy()
      resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(response)?.[1] ?? 0))
    }
    socket.on('data', (data) => {
      response += data.toString('latin1')
      // A stream of events does not end.
      if (response.includes('text/event-stream')) end()
    })
    socket.on('error', end)
    socket.on('close', end)
    socket.write(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body]))
  })
}
