import type * as oauth from '@pds/auth-oauth'
import type * as core from '@pds/core'
import type { IPDSRequestConfig, PDSErrorCode, PDSOutcome, PDSTransportConfig } from '@pds/core'
import { type RunningEmulator, startEmulator } from '@pds/emulator'
import type { ITokenInfo } from '@pds/types'
import { bundleForPage, type Page, type PageServer, servePages } from 'shared/browser'

/** The result of a call on a page: the token of `signInWithPopup`, the result of `completeSignIn`, or the error. */
export interface Result {
  status?: oauth.SignInResult['status']
  token?: ITokenInfo | undefined
  returnTo?: string | undefined
  appState?: unknown
  error?: { code: PDSErrorCode; outcome: PDSOutcome; message: string }
}

/** A call of a function of the package, with its arguments. */
export interface PageCall {
  name: 'signInWithRedirect' | 'completeSignIn' | 'signInWithPopup'
  transport: PDSTransportConfig
  params?: oauth.SignInWithRedirectParams
  options?: IPDSRequestConfig
  /** Whether the signal of the call is aborted from the start. */
  aborted?: boolean
  /** How many times to make the call concurrently. */
  times?: number
}

/** The globals that the bundle defines in each page. */
export interface PageGlobals {
  pds: typeof oauth &
    Pick<typeof core, 'createTransport'> & {
      call(call: PageCall): Promise<Result[]>
      controller: AbortController
    }
  /** The result of the last call in a click handler. */
  result?: Promise<Result[]>
}

const script = `
  import * as oauth from '@pds/auth-oauth'
  import { createTransport } from '@pds/core'
  export { createTransport }
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
          (result) => (name === 'signInWithPopup' ? { token: result } : { ...result }),
          ({ code, outcome, message }) => ({ error: { code, outcome, message } }),
        ),
      ),
    )
  }
`

/** An emulated domain, the pages of an application and the arguments of its calls. */
export interface SignInSite {
  emulator: RunningEmulator
  /** The origin of the application's pages. */
  origin: string
  redirect_uri: string
  params: oauth.SignInWithRedirectParams
  /** A transport whose sign-in page approves immediately. */
  transport: PDSTransportConfig
  /** Returns the number of token requests so far. */
  exchanges(): number
  close(): Promise<void>
}

/** Starts the emulator and the pages of a browser application, which have these headers. */
export async function startSignInSite(headers?: Record<string, string>): Promise<SignInSite> {
  const bundle = await bundleForPage(script, import.meta.dirname, 'pds')
  const pages: PageServer = await servePages(bundle, headers)
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
export function call(page: Page, pageCall: PageCall): Promise<Result[]> {
  return page.evaluate((given) => (globalThis as unknown as PageGlobals).pds.call(given), pageCall)
}

/** Signs in by redirect, waits for the page of the redirect URI and returns the callback URL. */
export async function signInByRedirect(
  page: Page,
  { transport, params }: SignInSite,
  changes: Partial<PageCall> = {},
): Promise<string> {
  const from = page.url()
  const isCallback = ({ href, pathname }: URL) => pathname === '/callback' && href !== from
  const left = call(page, { name: 'signInWithRedirect', transport, params, ...changes })
  await Promise.all([page.waitForURL(isCallback), left.catch(() => undefined)])
  return page.url()
}

/** Returns the keys in the storages of a page. */
export function stored(page: Page): Promise<{ session: string[]; local: string[] }> {
  return page.evaluate(() => ({
    session: Object.keys(sessionStorage),
    local: Object.keys(localStorage),
  }))
}

/** Init script: counts the open channels, the signal listeners and the timers of a page in `live`. */
export function watchResources(): void {
  const timers = new Set<unknown>()
  const live = {
    channels: 0,
    signals: 0,
    get timers() {
      return timers.size
    },
  }
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
  const { setTimeout, clearTimeout, BroadcastChannel } = window
  Object.assign(window, {
    live,
    setTimeout(run: () => void, milliseconds: number) {
      const fire = () => {
        timers.delete(id)
        run()
      }
      const id: unknown = setTimeout.call(window, fire, milliseconds)
      timers.add(id)
      return id
    },
    clearTimeout(id: Parameters<typeof clearTimeout>[0]) {
      timers.delete(id)
      clearTimeout.call(window, id)
    },
    BroadcastChannel: class extends BroadcastChannel {
      constructor(name: string) {
        super(name)
        live.channels++
      }
      override close() {
        live.channels--
        super.close()
      }
    },
  })
}

/** The value of `live` when a call has released everything. */
export const noResources = { channels: 0, signals: 0, timers: 0 }
