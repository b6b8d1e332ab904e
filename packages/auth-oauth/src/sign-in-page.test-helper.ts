import type * as oauth from '@pds/auth-oauth'
import type { IPDSRequestConfig, PDSErrorCode, PDSOutcome, PDSTransportConfig } from '@pds/core'
import { type RunningEmulator, startEmulator } from '@pds/emulator'
import type { IAuthorizationReq, ITokenInfo } from '@pds/types'
import { bundleForPage, type Page, type PageServer, servePages } from 'shared/browser'

/** What a call on a page came to: its token, nothing, or its error. */
export interface Result {
  token?: ITokenInfo | undefined
  error?: { code: PDSErrorCode; outcome: PDSOutcome; message: string }
}

/** A function of the package, by its name, with what it is called with. */
export interface PageCall {
  name: 'signInWithRedirect' | 'completeSignIn' | 'signInWithPopup'
  transport: PDSTransportConfig
  params?: IAuthorizationReq
  options?: IPDSRequestConfig
  /** Whether the call has a signal that is aborted already. */
  aborted?: boolean
  /** How often it is made at once. */
  times?: number
}

/** What the bundle puts into each page. */
export interface PageGlobals {
  pds: typeof oauth & { call(call: PageCall): Promise<Result[]>; controller: AbortController }
  /** What the last call in a click came to. */
  result?: Promise<Result[]>
}

const script = `
  import * as oauth from '@pds/auth-oauth'
  import { createTransport } from '@pds/core'
  export * from '@pds/auth-oauth'
  export let controller = new AbortController()
  export function call({ name, transport: config, params, options = {}, aborted = false, times = 1 }) {
    controller = new AbortController()
    if (aborted) controller.abort()
    const all = { ...options, signal: controller.signal }
    const transport = createTransport(config)
    const rest = { signInWithRedirect: [params], completeSignIn: [all], signInWithPopup: [params, all] }[name]
    const calls = Array.from({ length: times }, () => oauth[name](transport, ...rest))
    return Promise.all(
      calls.map((called) =>
        called.then(
          (token) => ({ token }),
          ({ code, outcome, message }) => ({ error: { code, outcome, message } }),
        ),
      ),
    )
  }
`

/** A domain, an application's pages, and what they call their functions with. */
export interface SignInSite {
  emulator: RunningEmulator
  /** Of the application. */
  origin: string
  redirect_uri: string
  params: IAuthorizationReq
  /** A transport whose authorize page approves at once. */
  transport: PDSTransportConfig
  /** How many codes have been exchanged, or tried to be. */
  exchanges(): number
  close(): Promise<void>
}

export async function startSignInSite(): Promise<SignInSite> {
  const pages: PageServer = await servePages(await bundleForPage(script, import.meta.dirname, 'pds'))
  const redirect_uri = `${pages.origin}/callback?from=login`
  const client_id = 'page-app'
  const emulator = await startEmulator({
    apps: [{ type: 'browser', client_id, redirect_uris: [redirect_uri] }],
  })
  const { api_endpoint } = emulator
  return {
    emulator,
    origin: pages.origin,
    redirect_uri,
    params: { client_id, redirect_uri },
    transport: { api_endpoint, authorization_endpoint: '/oauth/authorize?user_id=user-1' },
    exchanges: () => emulator.requests.filter(({ path }) => path === '/v2/oauth/token').length,
    async close() {
      await pages.close()
      await emulator.close()
    },
  }
}

/** Makes a call on a page. */
export function call(page: Page, made: PageCall): Promise<Result[]> {
  return page.evaluate((given) => (globalThis as unknown as PageGlobals).pds.call(given), made)
}

/** Leaves a page to sign in by redirect, and is back on that of the redirect URI. Gives its address. */
export async function goAndComeBack(
  page: Page,
  { transport, params }: SignInSite,
  changes: Partial<PageCall> = {},
): Promise<string> {
  const from = page.url()
  const isBack = ({ href, pathname }: URL) => pathname === '/callback' && href !== from
  const left = call(page, { name: 'signInWithRedirect', transport, params, ...changes })
  await Promise.all([page.waitForURL(isBack), left.catch(() => undefined)])
  return page.url()
}

/** What a page keeps that outlives it. */
export function stored(page: Page): Promise<{ session: string[]; local: string[] }> {
  return page.evaluate(() => ({
    session: Object.keys(sessionStorage),
    local: Object.keys(localStorage),
  }))
}

/** Counts, as an init script, the listeners of messages and of signals and the timers of a page, in `live`. */
export function watchResources(): void {
  const live = { listeners: 0, timers: 0, signals: 0 }
  const signals = AbortSignal.prototype
  const { addEventListener: listen, removeEventListener: forget } = EventTarget.prototype
  Object.assign(signals, {
    addEventListener(this: AbortSignal, ...given: Parameters<typeof listen>) {
      live.signals++
      listen.apply(this, given)
    },
    removeEventListener(this: AbortSignal, ...given: Parameters<typeof forget>) {
      live.signals--
      forget.apply(this, given)
    },
  })
  const { addEventListener, removeEventListener, setInterval, clearInterval } = window
  Object.assign(window, {
    live,
    addEventListener(type: string, ...rest: [EventListener]) {
      if (type === 'message') live.listeners++
      addEventListener.call(window, type, ...rest)
    },
    removeEventListener(type: string, ...rest: [EventListener]) {
      if (type === 'message') live.listeners--
      removeEventListener.call(window, type, ...rest)
    },
    setInterval(...given: Parameters<typeof setInterval>) {
      live.timers++
      return setInterval.apply(window, given)
    },
    clearInterval(id: number) {
      live.timers--
      clearInterval.call(window, id)
    },
  })
}

/** What `live` holds where a call has left nothing behind. */
export const noResources = { listeners: 0, timers: 0, signals: 0 }
