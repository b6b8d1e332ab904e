import { jwtGrant } from '@pds/auth-jwt'
import { oauthGrant } from '@pds/auth-oauth'
import { type Backend, type BackendOptions, createBackend } from '@pds/backend'
import { createTransport, type PDSTransport } from '@pds/core'
import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { createSessions, type Sessions, type SessionsOptions } from '@pds/session'

/* An emulated domain, back ends over it, and a client that keeps cookies as a browser does. */

export const origin = 'https://app.example.com'
const startTime: number = Date.parse('2026-01-02T03:04:05Z')

/** The cookie secret of the tests. */
export const secret = 'a secret of the tests with more than 32 characters'

export interface TestBackend {
  readonly emulator: RunningEmulator
  readonly transport: PDSTransport
  readonly clock: () => number
  /** The errors that the back ends have reported. */
  readonly errors: unknown[]
  /** Creates a pool of a JWT application. */
  jwtSessions(options?: Partial<SessionsOptions>): Sessions
  /** Creates a pool of an OAuth application. */
  oauthSessions(options?: Partial<SessionsOptions>): Sessions
  /** Creates a back end whose users the header `x-user` names. */
  ownLogin(options?: Partial<BackendOptions>): Backend
  /** Creates a back end that signs users in. Its `redirect_uri` is registered. */
  signIn(options?: Partial<BackendOptions>, redirect_uri?: string): Backend
  close(): Promise<void>
}

/** Starts an emulated domain whose clock tests advance. The back ends have the same clock. */
export async function startTestBackend(redirectUri: string = `${origin}/pds/callback`): Promise<TestBackend> {
  const emulator = await startEmulator({
    clock: () => startTime,
    users: [{ user_id: 'user-1' }, { user_id: 'user-2' }],
    apps: [
      { type: 'jwt', client_id: 'jwt-app' },
      { type: 'webserver', client_id: 'web-app', client_secret: 'web-secret', redirect_uris: [redirectUri] },
    ],
  })
  const { api_endpoint, domain_id } = emulator
  const clock = () => emulator.clock.now()
  const transport = createTransport({ api_endpoint, clock, retryCount: 0 })
  const app = { client_id: 'web-app', client_secret: 'web-secret', redirect_uri: redirectUri }
  const errors: unknown[] = []
  const onError = (error: unknown) => void errors.push(error)
  const { private_key_pem } = emulator.app('jwt')
  const jwtSessions = (options?: Partial<SessionsOptions>) =>
    createSessions({
      grant: (user_id) =>
        jwtGrant({ transport, domain_id, client_id: 'jwt-app', private_key_pem, user_id, auto_create: true }),
      ...options,
    })
  const oauthSessions = (options?: Partial<SessionsOptions>) =>
    createSessions({ grant: () => oauthGrant({ transport, ...app }), ...options })
  return {
    emulator,
    transport,
    clock,
    errors,
    jwtSessions,
    oauthSessions,
    ownLogin: (options) =>
      createBackend({
        sessions: jwtSessions(),
        userOf: (request) => request.headers.get('x-user'),
        clock,
        onError,
        ...(options as object),
      }),
    signIn: (options) =>
      createBackend({
        sessions: oauthSessions(),
        signIn: { transport, ...app },
        cookie: { secret },
        clock,
        onError,
        ...(options as object),
      }),
    close: () => emulator.close(),
  }
}

/** A client of a back end. It sends the headers that a browser sends, and keeps cookies. */
export class TestBrowser {
  /** The cookies by name. */
  readonly cookies: Map<string, string> = new Map()
  /** The `Set-Cookie` headers that were received. */
  readonly setCookies: string[] = []
  readonly #pds: Pick<Backend, 'handle'>
  readonly #origin: string
  readonly #headers: Record<string, string>

  constructor(pds: Pick<Backend, 'handle'>, headers: Record<string, string> = {}, base: string = origin) {
    this.#pds = pds
    this.#headers = headers
    this.#origin = base
  }

  /** Sends a request as a script of the page does. */
  async post(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const json = body === undefined ? {} : { 'content-type': 'application/json' }
    return this.#send(path, {
      method: 'POST',
      headers: { origin: this.#origin, 'sec-fetch-site': 'same-origin', ...json, ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
  }

  /** Opens a page. */
  async open(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return this.#send(path, { headers: { 'sec-fetch-dest': 'document', ...headers } })
  }

  /** Signs in: starts, accepts at the service as `user-1`, and returns the response of the callback. */
  async signIn(path = '/pds/sign-in'): Promise<Response> {
    return this.open(await this.authorize(path))
  }

  /** Starts a sign-in and accepts it at the service. Returns the callback. */
  async authorize(path = '/pds/sign-in', user_id = 'user-1'): Promise<string> {
    const started = await this.open(path)
    const url = new URL(started.headers.get('location') ?? '')
    url.searchParams.set('user_id', user_id)
    const accepted = await fetch(url, { redirect: 'manual' })
    return accepted.headers.get('location') ?? ''
  }

  async #send(path: string, init: { headers: Record<string, string> } & RequestInit): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { ...this.#headers, ...(cookie && { cookie }), ...init.headers }
    const response = await this.#pds.handle(new Request(new URL(path, this.#origin), { ...init, headers }))
    for (const header of response.headers.getSetCookie()) {
      this.setCookies.push(header)
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(header) ?? []
      if (/max-age=0\b/i.test(header)) this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
    return response
  }
}
