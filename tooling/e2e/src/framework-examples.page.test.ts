import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { defaultApps, type RunningEmulator, startEmulator } from '@pds/emulator'
import { build, type Plugin } from 'esbuild'
import { type Browser, type BrowserContext, browserIsMissing, launchBrowser, type Page } from 'shared/browser'
import { compile } from 'svelte/compiler'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { compileScript, parse } from 'vue/compiler-sfc'

/* The code of the guide to React, Vue and Svelte in a real browser, with the real frameworks. */

const examples = path.resolve(import.meta.dirname, '../../../docs/examples')

/** Compiles the components of Vue and Svelte. */
const components: Plugin = {
  name: 'components',
  setup({ onLoad }) {
    onLoad({ filter: /\.vue$/ }, async ({ path: filename }) => {
      const { descriptor } = parse(await readFile(filename, 'utf8'), { filename })
      const { content } = compileScript(descriptor, { id: 'app', inlineTemplate: true })
      return { contents: content, loader: 'ts' }
    })
    onLoad({ filter: /\.svelte$/ }, async ({ path: filename }) => {
      const { js } = compile(await readFile(filename, 'utf8'), { filename, generate: 'client' })
      return { contents: js.code, loader: 'js' }
    })
  },
}

/** A page with a session, which counts its listeners, and the component of an example. */
const script = (mount: string) => `
  import { createSession } from '@pds/session'
  const refresh = () => Promise.reject(new Error('no test refreshes a token'))
  export const session = createSession({ key: 'me', grant: { refresh } })
  const { subscribe } = session
  export let listeners = 0
  session.subscribe = (...given) => {
    const stop = subscribe(...given)
    listeners++
    return () => {
      listeners--
      stop()
    }
  }
  const target = document.body.appendChild(document.createElement('main'))
  ${mount}
`
const vue = script(`
  import { createApp } from 'vue'
  import App from './App.vue'
  const app = createApp(App, { session })
  app.mount(target)
  export const unmount = () => app.unmount()
`)
const svelte = script(`
  import { mount, unmount as unmountComponent } from 'svelte'
  import App from './App.svelte'
  const app = mount(App, { target, props: { session } })
  export const unmount = () => unmountComponent(app)
`)

async function bundle(folder: string, contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: path.join(examples, folder), loader: 'ts' },
    bundle: true,
    format: 'iife',
    globalName: 'example',
    platform: 'browser',
    target: 'es2022',
    jsx: 'automatic',
    define: {
      __VUE_OPTIONS_API__: 'true',
      __VUE_PROD_DEVTOOLS__: 'false',
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
    },
    plugins: [components],
    write: false,
  })
  return outputFiles[0]?.text ?? ''
}

describe.skipIf(browserIsMissing)(`the guide to React, Vue and Svelte ${browserIsMissing || ''}`, () => {
  let browser: Browser
  let emulator: RunningEmulator
  let server: Server
  let origin: string
  let context: BrowserContext
  let page: Page
  let problems: string[]

  beforeAll(async () => {
    const scripts: Record<string, string> = {}
    server = createServer((request, response) => {
      const name = /^\/(\w+)\.js$/.exec(request.url ?? '')?.[1]
      if (name) return void response.setHeader('content-type', 'text/javascript').end(scripts[name])
      const example = /^\/(vue|svelte)$/.exec(request.url ?? '')?.[1] ?? 'react'
      const data = `data-api-endpoint="${emulator.api_endpoint}" data-client-id="browser-app"`
      const head = `<title>A page</title><script src="/${example}.js" defer></script>`
      response.setHeader('content-type', 'text/html; charset=utf-8')
      response.end(`<!doctype html><html lang="en" ${data}>${head}<body></body></html>`)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const apps = defaultApps.map((app) =>
      app.type === 'browser' ? { ...app, redirect_uris: [`${origin}/callback`] } : app,
    )
    const users = [{ user_id: 'ann', user_name: 'Ann Lee' }]
    ;[browser, emulator, scripts.react, scripts.vue, scripts.svelte] = await Promise.all([
      launchBrowser(),
      startEmulator({ apps, users }),
      bundle('react', "import './main.tsx'"),
      bundle('vue', vue),
      bundle('svelte', svelte),
    ])
  })

  beforeEach(async () => {
    problems = []
    context = await browser.newContext()
    page = await context.newPage()
    page.on('pageerror', (error) => void problems.push(String(error)))
    page.on('console', (message) => {
      if (!/React DevTools|development version of Vue/.test(message.text())) problems.push(message.text())
    })
  })

  afterEach(async () => {
    await context.close()
    expect(problems).toEqual([])
  })

  afterAll(async () => {
    await browser?.close()
    await emulator?.close()
    server?.close()
    server?.closeAllConnections()
  })

  const button = (name: string) => page.getByRole('button', { name, exact: true })
  const text = (expected: string) => page.getByText(expected, { exact: true }).waitFor()

  it('signs in and out with the code for React', async () => {
    await page.goto(`${origin}/photos`)
    await button('Sign in').click()
    await page.getByRole('button', { name: /Ann Lee/ }).click()
    await button('Allow').click()
    await text('Hello Ann Lee')
    expect(page.url()).toBe(`${origin}/photos`)
    await button('Sign out').click()
    await button('Sign in').click()
    await button('Deny').click()
    await button('access_denied: try again').click()
    await button('Sign in').waitFor()
  })

  it.each(['vue', 'svelte'])('shows the user with the code for %s', async (example) => {
    await page.goto(`${origin}/${example}`)
    await text('Signed out')
    const { access_token, refresh_token } = { access_token: 'a', refresh_token: 'r' }
    await page.evaluate(
      (token) => {
        const { session } = (
          globalThis as unknown as { example: { session: import('@pds/session').Session } }
        ).example
        return session.setToken(token)
      },
      { access_token, refresh_token, expires_in: 7200, user_id: 'ann', user_name: 'Ann Lee' },
    )
    await text('Signed in as Ann Lee')
    await page.evaluate('example.session.signOut().then(() => undefined)')
    await text('Signed out')
    expect(await page.evaluate('example.listeners')).toBe(1)
    await page.evaluate('example.unmount()')
    expect(await page.evaluate('example.listeners')).toBe(0)
  })
})
