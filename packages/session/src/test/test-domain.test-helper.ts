import { jwtGrant } from '@pds/auth-jwt'
import { oauthGrant } from '@pds/auth-oauth'
import { createTransport, type PDSTransportConfig } from '@pds/core'
import { type EmulatorOptions, type RunningEmulator, startEmulator } from '@pds/emulator'
import {
  createSession,
  memoryStore,
  type Session,
  type SessionEvents,
  type SessionOptions,
} from '@pds/session'
import type { Grant, TokenInfo } from '@pds/types'

/* An emulated domain with a clock that tests advance, and sessions of its applications. */

const redirect_uri = 'http://127.0.0.1:3000/callback'
const startTime: number = Date.parse('2026-01-02T03:04:05Z')
export const hour = 3_600_000

/** An event of a session, with its type. */
export type RecordedEvent = {
  [Type in keyof SessionEvents]: { type: Type } & SessionEvents[Type]
}[keyof SessionEvents]

export interface TestDomain {
  emulator: RunningEmulator
  api_endpoint: string
  /** Creates a session of an OAuth application, without a token. */
  oauth(options?: Partial<SessionOptions>, transport?: Partial<PDSTransportConfig>): Session
  /** Creates the grant of an OAuth application. */
  oauthGrant(transport?: Partial<PDSTransportConfig>): Grant
  /** Creates the grant of a JWT application, for the user `user-1`. */
  jwtGrant(transport?: Partial<PDSTransportConfig>): Grant
  /** Creates a session of a JWT application. */
  jwt(options?: Partial<SessionOptions>, transport?: Partial<PDSTransportConfig>): Session
  /** Signs a user in with an authorization code, and returns the token. */
  signIn(): Promise<TokenInfo & { access_token: string; refresh_token: string }>
  /** Returns the number of requests that obtain or refresh a token, failed ones included. */
  sends(): number
  close(): Promise<void>
}

export async function startTestDomain(options: EmulatorOptions = {}): Promise<TestDomain> {
  const emulator = await startEmulator({ clock: () => startTime, ...options })
  const { api_endpoint, domain_id } = emulator
  const clock = () => emulator.clock.now()
  const makeTransport = (changes: Partial<PDSTransportConfig> = {}) =>
    // No retries of the transport: in these tests only the session sends a second request.
    createTransport({ api_endpoint, clock, retryCount: 0, ...changes })
  const { client_id, client_secret } = emulator.app('webserver')
  const key = 'user-1'
  const createGrant = (transport?: Partial<PDSTransportConfig>) =>
    oauthGrant({ transport: makeTransport(transport), client_id, client_secret, redirect_uri })
  const createJwtGrant = (transport?: Partial<PDSTransportConfig>) => {
    const { client_id, private_key_pem } = emulator.app('jwt')
    const app = { domain_id, client_id, private_key_pem, user_id: 'user-1' }
    return jwtGrant({ transport: makeTransport(transport), ...app })
  }
  return {
    emulator,
    api_endpoint,
    oauth: (changes, transport) =>
      createSession({
        key,
        // The clock of the transport is the emulator's.
        ...(changes?.grant && { clock }),
        grant: createGrant(transport),
        ...changes,
      }),
    oauthGrant: createGrant,
    jwtGrant: createJwtGrant,
    jwt: (changes, transport) => createSession({ key, grant: createJwtGrant(transport), ...changes }),
    async signIn() {
      const code = emulator.createCode({ client_id })
      const form = {
        grant_type: 'authorization_code',
        client_id,
        client_secret: client_secret ?? '',
        redirect_uri,
        code,
      }
      const body = new URLSearchParams(form)
      const scripted = await fetch(`${api_endpoint}/v2/oauth/token`, { method: 'POST', body })
      return scripted.json()
    },
    sends: () =>
      emulator.requests.filter(
        ({ path, params }) => path === '/v2/oauth/token' && params.grant_type !== 'authorization_code',
      ).length,
    close: () => emulator.close(),
  }
}

/** Creates a memory store whose operations fail with the error that `failure` returns for them. */
export function failingStore(
  failure: (operation: string, rev?: number) => Error | undefined,
): Required<ReturnType<typeof memoryStore>> {
  const store = memoryStore() as Required<ReturnType<typeof memoryStore>>
  const check = (operation: string, rev?: number) => {
    const error = failure(operation, rev)
    if (error) throw error
  }
  return {
    ...store,
    async read(key) {
      check('read')
      return store.read(key)
    },
    async compareAndSet(key, record, expectedRev) {
      check('compareAndSet', expectedRev)
      return store.compareAndSet(key, record, expectedRev)
    },
    async lease(key, owner, ttl) {
      check('lease')
      return store.lease(key, owner, ttl)
    },
  }
}

/** Records all events of a session, in order. */
export function recordEvents(session: Session): RecordedEvent[] {
  const events: RecordedEvent[] = []
  for (const type of ['refreshed', 'login_required', 'signed_out', 'error'] as const) {
    session.subscribe(type, (event) => events.push({ type, ...event } as RecordedEvent))
  }
  return events
}

/** Returns options of a transport that delays each response of the token endpoint after the server has sent it. */
export function delayTokens(until: Promise<void>): Partial<PDSTransportConfig> {
  return {
    async fetch(url, init) {
      const response = await fetch(url, init)
      if (url.endsWith('/oauth/token')) await until
      return response
    },
  }
}

/** Creates a promise and the function that resolves it. */
export function gate(): { opened: Promise<void>; open(): void } {
  let open: () => void = () => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}
