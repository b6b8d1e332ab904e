import { oauthGrant } from '@pds/auth-oauth'
import { createTransport } from '@pds/core'
import { createSession, encryptedStore, type Session, type Store } from '@pds/session'
import { webStore, webStoreKey } from '@pds/session-web'
import type { TokenInfo } from '@pds/types'

/*
 * Runs in each tab of the tests: a session of the browser application, and the functions that a test calls.
 * session-tabs.ts bundles it for a page.
 */

export interface TabOptions {
  api_endpoint: string
  redirect_uri: string
  /** How far the domain's clock is ahead of the machine's clock, in milliseconds. */
  ahead: number
  isEncrypted: boolean
  /** Times of the session, in milliseconds. */
  limits: { requestTimeout?: number; leaseTime?: number; suspectTime?: number; waitTimeout?: number }
}

/** An event of the session. */
export interface TabEvent {
  type: 'refreshed' | 'login_required' | 'signed_out' | 'error'
  by?: 'this' | 'another'
  /** The time by the clock that all tabs share, in milliseconds since the epoch. */
  at: number
}

/** The results of concurrent `getAccessToken` calls. */
export interface TokenResults {
  /** The distinct tokens. */
  access_tokens: string[]
  errors: { code: string; cause: unknown }[]
  /** The time by the clock that all tabs share, in milliseconds since the epoch. */
  at: number
}

/** The events of the session, in order. */
export const events: TabEvent[] = []
/** How many times the session has read its store. */
export let reads = 0
/** Whether the session holds a lease and waits for `releaseHold`. */
export let isHolding = false

let ahead = 0
let session: Session
let store: Store
let endHold: (() => void) | undefined
let shouldHold = false

/** Opens the session. */
export async function open(options: TabOptions): Promise<void> {
  ahead = options.ahead
  const { api_endpoint, redirect_uri } = options
  const clock = () => Date.now() + ahead
  const transport = createTransport({ api_endpoint, clock, timeout: options.limits.requestTimeout })
  const plainStore = webStore()
  store = observed(options.isEncrypted ? encryptedStore(plainStore, await webStoreKey()) : plainStore)
  const grant = oauthGrant({ transport, client_id: 'browser-app', redirect_uri })
  session = createSession({ key: 'me', grant, store, clock, ...options.limits })
  for (const type of ['refreshed', 'login_required', 'signed_out', 'error'] as const) {
    session.subscribe(type, (event: object) => events.push({ type, at: Date.now(), ...event } as TabEvent))
  }
}

/** Wraps the store to count its reads and to hold a lease on demand. */
function observed(inner: Store): Store {
  return {
    ...inner,
    get scope() {
      return inner.scope
    },
    read(key) {
      reads++
      return inner.read(key)
    },
    async lease(key, owner, ttl) {
      const fence = await inner.lease(key, owner, ttl)
      if (fence !== undefined && shouldHold) {
        shouldHold = false
        isHolding = true
        await new Promise<void>((resolve) => {
          endHold = resolve
        })
        isHolding = false
      }
      return fence
    },
  }
}

export function scope(): string {
  return store.scope
}

/** Advances the clock of the session, by milliseconds. */
export function advance(milliseconds: number): void {
  ahead += milliseconds
}

/** Pauses the session after it acquires its next lease, until `releaseHold`. */
export function holdNextLease(): void {
  shouldHold = true
}

/** Lets the session continue with its lease. */
export function releaseHold(): void {
  endHold?.()
}

export function setToken(token: TokenInfo): Promise<void> {
  return session.setToken(token)
}

export function signOut(): Promise<{ revoked: boolean }> {
  return session.signOut()
}

/** Reads the store and returns the status of the session. */
export async function readStatus(): Promise<string> {
  const { status } = await session.status()
  return status
}

/** Calls `getAccessToken` for the given number of concurrent callers. */
export async function getTokens(callers: number): Promise<TokenResults> {
  const access_tokens = new Set<string>()
  const errors: TokenResults['errors'] = []
  const calls = Array.from({ length: callers }, () =>
    session.getAccessToken().then(
      (token) => access_tokens.add(token),
      ({ code, cause }) => errors.push({ code, cause: cause instanceof Error ? `${cause}` : cause }),
    ),
  )
  await Promise.all(calls)
  return { access_tokens: [...access_tokens], errors, at: Date.now() }
}

/** Calls the API with the token of the session and returns the status. */
export async function callApi(url: string): Promise<number> {
  return (await session.fetch(url, { method: 'POST' })).status
}

/** Registers a listener that requests the token during the next event and throws. Returns that token. */
export function getTokenFromListener(): Promise<string> {
  return new Promise((resolve, reject) => {
    session.subscribe('refreshed', () => {
      session.getAccessToken().then(resolve, reject)
      throw new Error('a listener')
    })
  })
}

/** Fills localStorage completely and returns the number of items written. */
export function fillLocalStorage(): number {
  let written = 0
  for (let size = 2 ** 20; size >= 1; size /= 2) {
    try {
      for (;;) {
        localStorage.setItem(`filler-${written}`, 'x'.repeat(size))
        written++
      }
    } catch {
      // A smaller item may still fit.
    }
  }
  return written
}
