import path from 'node:path'
import { startEmulator } from '@pds/emulator'
import {
  type Browser,
  browserIsMissing,
  bundleForPage,
  launchBrowser,
  type PageServer,
  servePages,
} from 'shared/browser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/* A sign-in in an effect of React, which StrictMode runs twice in development. */

// Where React is installed.
const docs = path.resolve(import.meta.dirname, '../../../docs')

/** A page that shows its user, or redirects to the sign-in. */
const script = `
  import { completeSignIn, signInWithRedirect } from '@pds/auth-oauth'
  import { createTransport } from '@pds/core/fetch'
  import { createElement, StrictMode, useEffect, useState } from 'react'
  import { createRoot } from 'react-dom/client'

  const { api_endpoint, app, abortsOnCleanup } = globalThis.config
  const authorization_endpoint = '/oauth/authorize?user_id=user-1'
  export const results = []
  let isLeaving = false

  function App({ name }) {
    const [text, setText] = useState('Loading')
    useEffect(() => {
      const controller = new AbortController()
      // Another transport in each run of the effect.
      const transport = createTransport({ api_endpoint, authorization_endpoint })
      const signal = abortsOnCleanup ? controller.signal : undefined
      completeSignIn(transport, { signal }).then(
        ({ status, token, returnTo, appState }) => {
          results.push({ name, status, access_token: token?.access_token, returnTo, appState })
          if (token) setText('Signed in as ' + token.user_id)
          else if (status === 'no-callback' && !isLeaving) {
            isLeaving = true
            signInWithRedirect(transport, { ...app, returnTo: '/photos', appState: 7 })
          }
        },
        ({ code }) => {
          results.push({ name, code })
        },
      )
      return () => controller.abort()
    }, [])
    return createElement('p', null, text)
  }

  const root = createRoot(document.body.appendChild(document.createElement('main')))
  export const render = (name) =>
    root.render(createElement(StrictMode, null, createElement(App, { key: name, name })))
  render('first')
`

describe.skipIf(browserIsMissing)(`a sign-in in StrictMode ${browserIsMissing || ''}`, () => {
  let browser: Browser
  let pages: PageServer

  beforeAll(async () => {
    // The script needs the body.
    const bundle = await bundleForPage(script, docs, 'app')
    pages = await servePages(`addEventListener('DOMContentLoaded', () => {${bundle}; globalThis.app = app })`)
    browser = await launchBrowser()
  })

  afterAll(async () => {
    await browser?.close()
    await pages?.close()
  })

  it.each([
    ['', false],
    [' whose cleanup aborts the signal', true],
  ])('signs in once in an effect%s', async (_cleanup, abortsOnCleanup) => {
    const app = { client_id: 'page-app', redirect_uri: `${pages.origin}/callback` }
    const emulator = await startEmulator({
      apps: [{ type: 'browser', client_id: app.client_id, redirect_uris: [app.redirect_uri] }],
    })
    const page = await (await browser.newContext()).newPage()
    await page.addInitScript((config) => Object.assign(globalThis, { config }), {
      api_endpoint: emulator.api_endpoint,
      app,
      abortsOnCleanup,
    })
    await page.goto(pages.origin)
    await page.getByText('Signed in as user-1').waitFor()
    expect(page.url()).toBe(app.redirect_uri)

    const results = () => page.evaluate<{ access_token?: string }[]>('app.results')
    const access_token = (await results()).at(-1)?.access_token
    expect(access_token).toMatch(/./)
    const completed = { name: 'first', status: 'completed', access_token, returnTo: '/photos', appState: 7 }
    expect(await results()).toEqual([completed, completed])

    // A component that mounts later does not take the page for one without a sign-in, and does not redirect.
    await page.evaluate('app.render("second")')
    const handled = { name: 'second', status: 'already-handled' }
    await expect.poll(results).toEqual([completed, completed, handled, handled])
    const count = (path: string) => emulator.requests.filter((request) => request.path === path).length
    expect([count('/v2/oauth/authorize'), count('/v2/oauth/token')]).toEqual([1, 1])
    await page.context().close()
    await emulator.close()
  })
})
