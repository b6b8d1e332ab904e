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
import type { TokenInfo } from '@pds/types'

/* A domain with a clock that tests move, and sessions of its applications. */

const redirect_uri = 'http://127.0.0.1:3000/callback'
const startTime: number = Date.parse('2026-01-02T03:04:05Z')
export const hour = 3_600_000

/** What a session has told its listeners, in order. */
export type Told = {
  [Type in keyof SessionEvents]: { type: Type } & SessionEvents[Type]
}[keyof SessionEvents]

export interface TestDomain {
  emulator: RunningEmulator
  api_endpoint: string
  /** A session of an OAuth application that nobody has signed in to. */
  oauth(options?: Partial<SessionOptions>, transport?: Partial<PDSTransportConfig>): Session
  /** A session of a JWT application. */
  jwt(options?: Partial<SessionOptions>, transport?: Partial<PDSTransportConfig>): Session
  /** A token as a sign-in gives it. */
  signIn(): Promise<TokenInfo & { access_token: string; refresh_token: string }>
  /** How many tokens were obtained or refreshed, or tried to be. */
  sends(): number
  close(): Promise<void>
}

export async function startTestDomain(options: EmulatorOptions = {}): Promise<TestDomain> {
  const emulator = await startEmulator({ clock: () => startTime, ...options })
  const { api_endpoint, domain_id } = emulator
  const clock = () => emulator.clock.now()
  const makeTransport = (changes: Partial<PDSTransportConfig> = {}) =>
    // What is sent again is the session's business in these tests.
    createTransport({ api_endpoint, clock, retryCount: 0, ...changes })
  const { client_id, client_secret } = emulator.app('webserver')
  const key = { key: 'user-1', clock }
  return {
    emulator,
    api_endpoint,
    oauth: (changes, transport) =>
      createSession({
        ...key,
        grant: oauthGrant({ transport: makeTransport(transport), client_id, client_secret, redirect_uri }),
        ...changes,
      }),
    jwt(changes, transport) {
      const { client_id, private_key_pem } = emulator.app('jwt')
      const app = { domain_id, client_id, private_key_pem, user_id: 'user-1' }
      return createSession({
        ...key,
        grant: jwtGrant({ transport: makeTransport(transport), ...app }),
        ...changes,
      })
    },
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

/** A store in which tests let operations fail: with what `failure` gives for one of them. */
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

/** Writes down what a session tells. */
export function listen(session: Session): Told[] {
  const told: Told[] = []
  for (const type of ['refreshed', 'login_required', 'signed_out', 'error'] as const) {
    session.subscribe(type, (event) => told.push({ type, ...event } as Told))
  }
  return told
}

/** Options of a transport that holds back responses of the token endpoint, after the server has sent them. */
export function holdTokens(until: Promise<void>): Partial<PDSTransportConfig> {
  return {
    async fetch(url, init) {
      const response = await fetch(url, init)
      if (url.endsWith('/oauth/token')) await until
      return response
    },
  }
}

/** A promise with what settles it. */
export function gate(): { opened: Promise<void>; open(): void } {
  let open: () => void = () => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}
