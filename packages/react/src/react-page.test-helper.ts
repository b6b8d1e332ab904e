import { getTokenByCode } from '@pds/auth-oauth'
import { createTransport } from '@pds/core/fetch'
import { type RunningEmulator, startEmulator } from '@pds/emulator'
import type { ITokenInfo } from '@pds/types'
import { type BrowserContext, bundleForPage, type Page, type PageServer, servePages } from 'shared/browser'
import type { PdsProviderProps } from './pds-provider.ts'

/** How the application of a page is rendered. */
export interface PageConfig {
  isStrict?: boolean
  /** Whether the provider gets `isSignInPending`. Default: true. */
  hasPendingCheck?: boolean
  /** Whether the session gets its tokens from `/token` of the page's server, not from a sign-in. */
  hasBackEnd?: boolean
  /** Whether a component beside the hook suspends until `app.resume` is called. */
  suspends?: boolean
  /** The sign-in page. Default: it signs in user-1 without questions. */
  authorization_endpoint?: string
  /** The HTML of the server, which the page hydrates. */
  html?: string
  initialState?: PdsProviderProps['initialState']
}

const script = `
  import { completeSignIn, isSignInPending, oauthGrant, signInWithRedirect } from '@pds/auth-oauth'
  import { createTransport } from '@pds/core/fetch'
  import { PDSError } from '@pds/core/internal'
  import { PdsProvider } from '@pds/react'
  import { createSession } from '@pds/session'
  import { webStore } from '@pds/session-web'
  import { createElement, StrictMode, Suspense, use } from 'react'
  import { createRoot, hydrateRoot } from 'react-dom/client'
  import { App, fetches, rendered } from './react-app.test-helper.ts'
  export { fetches, rendered }

  const { config, api_endpoint, client_id, redirect_uri } = globalThis
  const { authorization_endpoint = '/oauth/authorize?user_id=user-1' } = config
  const app = { client_id, redirect_uri }
  const transport = createTransport({ api_endpoint, authorization_endpoint })

  async function obtain({ rejected }) {
    const response = await fetch('/token', { method: 'POST', body: JSON.stringify({ rejected }) })
    if (response.ok) return response.json()
    const code = response.status === 401 ? 'LoginRequired' : 'NetworkError'
    throw new PDSError('the back end failed', { code, outcome: 'responded' })
  }

  export function openSession(key = 'me') {
    if (config.hasBackEnd) return createSession({ key, grant: { obtain }, origins: [api_endpoint] })
    return createSession({ key, grant: oauthGrant({ transport, ...app }), store: webStore() })
  }

  /** Counts the listeners of a session. */
  function countListeners(session) {
    const { subscribe } = session
    session.listeners = 0
    session.subscribe = (...given) => {
      const stop = subscribe(...given)
      session.listeners++
      return () => {
        session.listeners--
        stop()
      }
    }
    return session
  }

  export const session = countListeners(openSession())
  export const other = countListeners(openSession('another'))
  export const signIns = []
  const actions = {
    api_endpoint,
    signIn: () => signInWithRedirect(transport, { ...app, returnTo: '/photos', appState: 7 }),
    signOut: () => session.signOut(),
  }
  export const { signIn } = actions

  export let resume
  const waited = new Promise((resolve) => { resume = resolve })
  function Waiting() {
    if (config.suspends) use(waited)
    return createElement('p', null, 'Complete')
  }

  const providerProps = config.hasBackEnd ? {} : {
    completeSignIn: () => completeSignIn(transport, { retryCount: 0 }),
    ...(config.hasPendingCheck !== false && { isSignInPending }),
    onSignIn: (result) => {
      signIns.push({ ...result, rendered: rendered.at(-1) })
      history.replaceState(null, '', result.returnTo)
    },
  }

  const treeOf = (session) => {
    const tree = createElement(
      PdsProvider,
      { session, initialState: config.initialState, ...providerProps },
      createElement(Suspense, { fallback: 'Suspended' }, createElement(App, actions), createElement(Waiting)),
    )
    return config.isStrict ? createElement(StrictMode, null, tree) : tree
  }

  const container = document.body.appendChild(document.createElement('div'))
  container.innerHTML = config.html ?? ''
  const root = config.html ? hydrateRoot(container, treeOf(session)) : createRoot(container)
  if (!config.html) root.render(treeOf(session))
  export const render = (session) => root.render(treeOf(session))
  export const unmount = () => root.unmount()
`

/** An emulated domain, and pages that render an application with the hooks. */
export interface ReactSite {
  emulator: RunningEmulator
  origin: string
  /** Returns a token of user-1. */
  createToken(): Promise<ITokenInfo>
  /** Opens a page in a context. `problems` gets the errors of its console and its uncaught errors. */
  open(context: BrowserContext, config: PageConfig, problems: string[]): Promise<Page>
  close(): Promise<void>
}

export async function startReactSite(): Promise<ReactSite> {
  const bundle = await bundleForPage(script, import.meta.dirname, 'app')
  // The script needs the body.
  const pages: PageServer = await servePages(
    `addEventListener('DOMContentLoaded', () => {${bundle}; globalThis.app = app })`,
  )
  const { origin } = pages
  const redirect_uri = `${origin}/callback`
  const client_id = 'page-app'
  const emulator = await startEmulator({
    apps: [{ type: 'browser', client_id, redirect_uris: [redirect_uri] }],
  })
  const { api_endpoint } = emulator
  return {
    emulator,
    origin,
    createToken() {
      const app = { client_id, redirect_uri }
      return getTokenByCode(createTransport({ api_endpoint }), { ...app, code: emulator.createCode(app) })
    },
    async open(context, config, problems) {
      const page = await context.newPage()
      page.on('pageerror', (error) => void problems.push(String(error)))
      page.on('console', (message) => {
        const isExpected = /^Failed to load resource|React DevTools/.test(message.text())
        if (!isExpected) problems.push(message.text())
      })
      await page.addInitScript((globals) => Object.assign(globalThis, globals), {
        config,
        api_endpoint,
        client_id,
        redirect_uri,
      })
      return page
    },
    async close() {
      await pages.close()
      await emulator.close()
    },
  }
}

/** Returns the statuses that a page has rendered since it was loaded, without repetitions. */
export function renderedBy(page: Page): Promise<string[]> {
  return page.evaluate('app.rendered')
}
