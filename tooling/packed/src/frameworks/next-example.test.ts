import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { type Browser, type BrowserContext, browserIsMissing, launchBrowser, type Page } from 'shared/browser'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { repository } from '../packages/repository.ts'
import { findTexts, NextApp } from './next-app.ts'
import { examplePackages, exampleVersions } from './next-example-packages.ts'
import { type RecordingProxy, startRecordingProxy } from './recording-proxy.ts'

/*
 * The application of the Next.js guide with the packed packages: built without its settings, served behind a proxy, and
 * used in Chromium.
 */

const examples = path.join(repository, 'docs/examples')
const settings = {
  PDS_CLIENT_ID: 'web-app',
  PDS_CLIENT_SECRET: 'the secret of the WebServer application',
  COOKIE_SECRET: 'the secret that encrypts the cookies of the example',
  PDS_BROWSER_CLIENT_ID: 'page-app',
}

describe.skipIf(browserIsMissing)(`the example of Next.js ${browserIsMissing || ''}`, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'pds-next-example-'))
  let proxy: RecordingProxy
  let emulator: RunningEmulator
  let browser: Browser
  let app: NextApp

  beforeAll(async () => {
    ;[proxy, browser] = await Promise.all([startRecordingProxy(), launchBrowser()])
    emulator = await startEmulator({
      users: [{ user_id: 'ann', user_name: 'Ann Lee' }],
      apps: [
        {
          type: 'webserver',
          client_id: settings.PDS_CLIENT_ID,
          client_secret: settings.PDS_CLIENT_SECRET,
          redirect_uris: [`${proxy.origin}/pds/callback`],
        },
        {
          type: 'browser',
          client_id: settings.PDS_BROWSER_CLIENT_ID,
          redirect_uris: [`${proxy.origin}/browser`],
        },
        { type: 'jwt', client_id: 'jwt-app' },
      ],
    })
    app = await NextApp.install(folder, exampleVersions(), examplePackages)
    cpSync(path.join(examples, 'nextjs'), folder, { recursive: true })
  })

  afterAll(async () => {
    await app?.stop()
    await browser?.close()
    await emulator?.close()
    await proxy?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Returns the secrets of the application and all tokens of the emulator, by a description. */
  async function findSecrets(): Promise<Record<'server' | 'access', Record<string, string>>> {
    const { grants } = await emulator.exportState()
    const pairs = grants.flatMap(({ tokens, client_id }) => tokens.map((pair) => ({ ...pair, client_id })))
    const name = (kind: 'access' | 'refresh') =>
      Object.fromEntries(
        pairs.map((pair, index) => [`${kind} token ${index} of ${pair.client_id}`, pair[`${kind}_token`]]),
      )
    return {
      server: {
        'the client secret': settings.PDS_CLIENT_SECRET,
        'the cookie secret': settings.COOKIE_SECRET,
        'the private key': emulator.app('jwt').private_key_pem.split('\n')[1] ?? '',
        ...name('refresh'),
      },
      access: name('access'),
    }
  }

  describe('with a sign-in at PDS', () => {
    let context: BrowserContext
    let page: Page
    /** Errors in the console, uncaught errors and failed hydrations. */
    let problems: string[]

    beforeAll(async () => {
      // Without any setting.
      await app.build()
      proxy.forwardTo(
        await app.start({
          ...settings,
          PDS_API_ENDPOINT: emulator.api_endpoint,
          PDS_REDIRECT_URI: `${proxy.origin}/pds/callback`,
        }),
      )
    })

    beforeEach(async () => {
      problems = []
      context = await browser.newContext()
      context.on('weberror', (error) => void problems.push(String(error.error())))
      context.on('console', (message) => void problems.push(`${message.type()}: ${message.text()}`))
      await context.addInitScript(recordStatus)
      page = await context.newPage()
    })

    afterEach(async () => {
      expect(problems).toEqual([])
      expect(app.errors).toBe('')
      await context.close()
    })

    afterAll(() => app.stop())

    const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true })
    const link = () => page.getByRole('link', { name: 'Sign in', exact: true })
    const status = (text: string) => page.getByRole('status').getByText(text, { exact: true }).waitFor()
    const cookies = async () => JSON.stringify(await context.cookies())
    const statuses = () => page.evaluate<string[]>('statuses')
    /** Returns the last page that the server has rendered at a path. React separates texts by comments. */
    const rendered = (url: string) =>
      proxy.served.findLast(({ path }) => path.split('?')[0] === url)?.text.replaceAll('<!-- -->', '')
    const paths = () => emulator.requests.map(({ method, path, status }) => `${method} ${path} ${status}`)

    async function signIn(): Promise<void> {
      await page.goto(proxy.origin)
      await link().click()
      await button(/Ann Lee/).click()
      await button('Allow').click()
      await page.getByRole('heading', { name: 'Hello Ann Lee' }).waitFor()
    }

    it('is built without settings and requests', () => {
      // The tsconfig.json has what Next.js would add.
      expect(app.read('tsconfig.json')).toBe(
        readFileSync(path.join(examples, 'nextjs/tsconfig.json'), 'utf8'),
      )
      expect(emulator.requests).toEqual([])
    })

    it('signs a user in, renders the user on the server, and signs the user out', async () => {
      await signIn()
      expect(page.url()).toBe(`${proxy.origin}/`)
      await button('Call the service').click()
      await page.getByText('The service says: Ann Lee').waitFor()
      expect(rendered('/')).toContain('<p role="status">Signed in as Ann Lee</p>')
      expect(await statuses()).toEqual(['Signed in as Ann Lee'])

      await page.reload()
      await status('Signed in as Ann Lee')
      expect(await cookies()).toContain('"pds-loopback"')
      await button('Sign out').click()
      await link().waitFor()
      // The page shows it before the response arrives.
      await expect.poll(cookies).not.toContain('"pds-loopback')
      await page.reload()
      await link().waitFor()
      expect(paths()).toContain('POST /v2/account/revoke 204')
    })

    it('gives the page another token after the service has rejected one', async () => {
      await signIn()
      await status('Signed in as Ann Lee')
      await button('Call the service').click()
      await page.getByText('The service says: Ann Lee').waitFor()
      emulator.clock.advance(3 * 3_600_000)
      emulator.clearRequests()
      await button('Call the service').click()
      await expect
        .poll(paths)
        .toEqual(['POST /v2/user/get 401', 'POST /v2/oauth/token 200', 'POST /v2/user/get 200'])
      // The browser reports the response with status 401.
      await expect.poll(() => problems.splice(0)).toEqual([expect.stringContaining('401')])
    })

    it('shows why a sign-in failed', async () => {
      await page.goto(proxy.origin)
      await link().click()
      await button(/Ann Lee/).click()
      await button('Deny').click()
      await page.getByRole('alert').getByText('The sign-in failed: access_denied').waitFor()
      await link().waitFor()
    })

    it('signs a user in at a page whose browser keeps the tokens', async () => {
      await page.goto(`${proxy.origin}/browser`)
      await button('Sign in').click()
      await button(/Ann Lee/).click()
      await button('Allow').click()
      await status('Signed in as Ann Lee')
      expect(page.url()).toBe(`${proxy.origin}/browser`)
      expect(rendered('/browser')).toContain('<p role="status">loading</p>')
      expect(await statuses()).toEqual(['loading', 'signing_in', 'Signed in as Ann Lee'])
      await page.reload()
      await status('Signed in as Ann Lee')
      await button('Sign out').click()
      await button('Sign in').waitFor()
    })

    it('stores no secret in the build, and sends none to a page', async () => {
      const { server, access } = await findSecrets()
      expect(Object.keys(server).length).toBeGreaterThan(5)
      expect(app.findStored({ ...server, ...access })).toEqual([])
      const pages = proxy.served.filter(({ path }) => path !== '/pds/token').map(({ text }) => text)
      const tokens = proxy.served.filter(({ path }) => path === '/pds/token').map(({ text }) => text)
      expect(pages.length).toBeGreaterThan(10)
      expect(findTexts({ ...server, ...access }, pages)).toEqual([])
      expect(findTexts(server, tokens)).toEqual([])
      // The search finds the tokens where they are.
      expect(findTexts(access, tokens).length).toBeGreaterThan(1)
    })
  })

  describe('with its own login, below a basePath', () => {
    const origin = 'https://app.example.com'
    let server: string
    let requestedByBuild: number

    beforeAll(async () => {
      cpSync(path.join(examples, 'nextjs-own-login'), folder, { recursive: true })
      const route = 'app/pds/[...route]/route.ts'
      app.write({
        'next.config.mjs':
          "export default { basePath: '/shop', trailingSlash: true, skipTrailingSlashRedirect: true }",
        'lib/pds.ts': replaceText(
          app.read('lib/pds.ts'),
          'origin: process.env.APP_ORIGIN,',
          "origin: process.env.APP_ORIGIN, basePath: '/shop/pds',",
        ),
        [route]: replaceText(app.read(route), '(pds)', "(pds, { basePath: '/shop' })"),
      })
      const variables = {
        PDS_API_ENDPOINT: emulator.api_endpoint,
        PDS_DOMAIN_ID: emulator.domain_id,
        PDS_CLIENT_ID: 'jwt-app',
        PDS_PRIVATE_KEY: emulator.app('jwt').private_key_pem,
        APP_ORIGIN: origin,
        LOGIN_SECRET: 'the secret of the login',
        SESSIONS_FILE: 'own-login.db',
      }
      emulator.clearRequests()
      await app.build(variables)
      requestedByBuild = emulator.requests.length
      server = await app.start(variables)
    })

    async function post(route: string, cookie = '', body?: object, from = origin): Promise<Response> {
      return fetch(`${server}/shop/${route}`, {
        method: 'POST',
        redirect: 'manual',
        // A browser without Sec-Fetch-Site.
        headers: { origin: from, cookie, ...(body && { 'content-type': 'application/json' }) },
        ...(body && { body: JSON.stringify(body) }),
      })
    }

    const load = async (cookie: string) =>
      (await (await fetch(`${server}/shop`, { headers: { cookie } })).text()).replaceAll('<!-- -->', '')

    it('sends no request while it is built, with all settings', () => {
      expect(requestedByBuild).toBe(0)
    })

    it('gives pages the tokens of the signed-in user, until the user signs out', async () => {
      const login = await post('login', '', { user_id: 'ann' })
      const [cookie = ''] = login.headers.get('set-cookie')?.split(';') ?? []
      expect(await load(cookie)).toContain('Hello Ann Lee')
      const { access_token, user_id } = await (await post('pds/token', cookie)).json()
      expect(user_id).toBe('ann')
      const renewed = await (await post('pds/token', cookie, { rejected: access_token })).json()
      expect(renewed.access_token).toMatch(/^eyJ/)
      expect(renewed.access_token).not.toBe(access_token)

      expect((await post('pds/token')).status).toBe(401)
      expect((await post('pds/token', cookie, {}, 'https://evil.example')).status).toBe(403)
      expect((await post('pds/sign-out', cookie)).status).toBe(204)
      expect((await post('pds/token', cookie)).status).toBe(401)
      // Server components have another instance of the module, and share the sessions.
      expect(await load(cookie)).toContain('Welcome')
      expect(app.errors).toBe('')
    })
  })
})

/** Runs in each page: records the texts of its status before and after hydration. */
function recordStatus(): void {
  const statuses: string[] = []
  const record = () => {
    const text = document.querySelector('[role=status]')?.textContent
    if (text && text !== statuses.at(-1)) statuses.push(text)
  }
  Object.assign(globalThis, { statuses })
  new MutationObserver(record).observe(document, { childList: true, characterData: true, subtree: true })
}

function replaceText(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`the text has no ${from}`)
  return text.replace(from, to)
}
