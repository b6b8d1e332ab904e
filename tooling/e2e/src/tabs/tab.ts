import { oauthGrant } from '@pds/auth-oauth'
import { createTransport } from '@pds/core'
import { createSession, encryptedStore, type Session, type Store } from '@pds/session'
import { webStore, webStoreKey } from '@pds/session-web'
import type { TokenInfo } from '@pds/types'

/*
 * What runs in each tab of the tests: a session of the browser application, and what a test asks of it. Bundled for a
 * page, see session-tabs.ts.
 */

export interface TabOptions {
  api_endpoint: string
  redirect_uri: string
  /** How far the domain's clock is ahead of this machine's, in milliseconds. */
  ahead: number
  isEncrypted: boolean
  /** Times of the session, in milliseconds. */
  limits: { requestTimeout?: number; leaseTime?: number; waitTimeout?: number }
}

export interface Told {
  type: 'refreshed' | 'login_required' | 'signed_out' | 'error'
  by?: 'this' | 'another'
  /** In milliseconds since the epoch, by the clock that all tabs share. */
  at: number
}

/** What a caller got. */
export interface Asked {
  /** Each token that was given, once. */
  access_tokens: string[]
  errors: { code: string; cause: unknown }[]
  /** In milliseconds since the epoch, by the clock that all tabs share. */
  at: number
}

/** What the session told its listeners, in order. */
export const told: Told[] = []
/** How often the session has looked into its store. */
export let looks = 0
/** Whether it got the lease of its key, and waits for `letGo` before it goes on. */
export let isHolding = false

let ahead = 0
let session: Session
let store: Store
let letGoOf: (() => void) | undefined
let isToHold = false

/** Opens the session. */
export async function open(options: TabOptions): Promise<void> {
  ahead = options.ahead
  const { api_endpoint, redirect_uri } = options
  const clock = () => Date.now() + ahead
  const transport = createTransport({ api_endpoint, clock, timeout: options.limits.requestTimeout })
  const kept = webStore()
  store = watched(options.isEncrypted ? encryptedStore(kept, await webStoreKey()) : kept)
  const grant = oauthGrant({ transport, client_id: 'browser-app', redirect_uri })
  session = createSession({ key: 'me', grant, store, clock, ...options.limits })
  for (const type of ['refreshed', 'login_required', 'signed_out', 'error'] as const) {
    session.subscribe(type, (event: object) => told.push({ type, at: Date.now(), ...event } as Told))
  }
}

/** The store, with what a test wants to know of it. */
function watched(inner: Store): Store {
  return {
    ...inner,
    get scope() {
      return inner.scope
    },
    read(key) {
      looks++
      return inner.read(key)
    },
    async lease(key, owner, ttl) {
      const fence = await inner.lease(key, owner, ttl)
      if (fence !== undefined && isToHold) {
        isToHold = false
        isHolding = true
        await new Promise<void>((resolve) => {
          letGoOf = resolve
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

/** Lets time pass for the session. In milliseconds. */
export function advance(milliseconds: number): void {
  ahead += milliseconds
}

/** Stops the session right after it gets its next lease, until `letGo`. */
export function holdNextLease(): void {
  isToHold = true
}

export function letGo(): void {
  letGoOf?.()
}

export function setToken(token: TokenInfo): Promise<void> {
  return session.setToken(token)
}

export function signOut(): Promise<{ revoked: boolean }> {
  return session.signOut()
}

/** Lets so many callers ask for the token at once. */
export async function ask(callers: number): Promise<Asked> {
  const access_tokens = new Set<string>()
  const errors: Asked['errors'] = []
  const asking = Array.from({ length: callers }, () =>
    session.getAccessToken().then(
      (token) => access_tokens.add(token),
      ({ code, cause }) => errors.push({ code, cause }),
    ),
  )
  await Promise.all(asking)
  return { access_tokens: [...access_tokens], errors, at: Date.now() }
}

/** Calls the API with the session's token, and gives the status. */
export async function callApi(url: string): Promise<number> {
  return (await session.fetch(url, { method: 'POST' })).status
}

/** Lets a listener ask for the token from within the next event, and throw. Gives the token that it got. */
export function askFromListener(): Promise<string> {
  return new Promise((resolve, reject) => {
    session.subscribe('refreshed', () => {
      session.getAccessToken().then(resolve, reject)
      throw new Error('a listener')
    })
  })
}

/** Writes into localStorage until nothing more goes in. */
export function fillLocalStorage(): number {
  let written = 0
  for (let size = 2 ** 20; size >= 1; size /= 2) {
    try {
      for (;;) {
        localStorage.setItem(`filler-${written}`, 'x'.repeat(size))
        written++
      }
    } catch {
      // A smaller piece may go in.
    }
  }
  return written
}
