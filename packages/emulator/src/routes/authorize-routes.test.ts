import type { RunningEmulator } from '@pds/emulator'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  callbackParams,
  countCodes,
  csrfTokenOf,
  TestBrowser,
  validQuery,
} from '../pages/browser.test-helper.ts'
import { startTestDomain } from '../test/start-test-domain.test-helper.ts'

let emulator: RunningEmulator
let browser: TestBrowser

beforeAll(async () => {
  emulator = await startTestDomain()
})

beforeEach(() => {
  browser = new TestBrowser(emulator)
})

afterAll(() => emulator.close())

const codes = () => countCodes(emulator)

async function exchange(code: string): Promise<{ user_id?: string; code?: string }> {
  const { client_id, redirect_uri } = validQuery
  const form = { client_id, redirect_uri, client_secret: 'webserver-app-secret', grant_type: 'code', code }
  const body = new URLSearchParams(form)
  return (await fetch(`${emulator.api_endpoint}/v2/oauth/token`, { method: 'POST', body })).json()
}

describe('signing in', () => {
  it.each(['ann', ' bob '])('as %j leads to a code after consent', async (user_id) => {
    const signedIn = await browser.submit({ user_id })
    expect([signedIn.status, signedIn.location?.pathname]).toEqual([303, '/v2/oauth/authorize'])
    expect(callbackParams(signedIn)).toEqual(validQuery)
    const consent = await browser.open(signedIn.location as URL)
    expect(consent.html).toContain('Allow access?')
    const allowed = await browser.post({ csrf_token: csrfTokenOf(consent), decision: 'allow' })
    expect([allowed.status, allowed.headers.get('cache-control')]).toEqual([303, 'no-store'])
    expect(allowed.location?.href).toMatch(/^http:\/\/127\.0\.0\.1:3000\/callback\?state=the-state&code=/)
    const { code = '' } = callbackParams(allowed)
    expect(await exchange(code)).toMatchObject({ user_id: user_id.trim() })
  })

  it.each([
    ['unknown', 'This domain has no user with the id “unknown”.'],
    ['', 'Enter a user id.'],
    ['  ', 'Enter a user id.'],
  ])('as %j, which is not a user, shows the form again', async (user_id, message) => {
    const { status, location, html } = await browser.submit({ user_id })
    expect([status, location]).toEqual([400, undefined])
    expect(html).toContain(`id="user-error" role="alert">${message}</p>`)
    expect(html).toContain(`value="${user_id}" aria-invalid="true" aria-describedby="user-error"`)
    expect(html).toContain('<title>Error: Sign in')
  })

  it('gives the browser a new id and invalidates the old id', async () => {
    const before = await browser.open()
    expect(before.headers.get('set-cookie')).toMatch(
      new RegExp(
        `^pds_emulator_${emulator.port}=[0-9a-f]{32}; Path=/v2/oauth/authorize; HttpOnly; SameSite=Lax$`,
      ),
    )
    const { cookie } = browser
    const csrf_token = csrfTokenOf(before)
    const signedIn = await browser.post({ csrf_token, user_id: 'ann' })
    expect(signedIn.headers.get('set-cookie')).toMatch(
      /=[0-9a-f]{32}; Path=\/v2\/oauth\/authorize; HttpOnly; SameSite=Lax$/,
    )
    expect(browser.cookie).not.toBe(cookie)
    const again = await browser.open()
    expect(again.headers.getSetCookie()).toEqual([])
    expect(again.html).toContain('Ann')
    const other = new TestBrowser(emulator)
    other.cookie = cookie
    expect((await other.open()).html).toContain('<h1>Sign in</h1>')
    // The earlier form, as the back button shows it.
    const stale = await browser.post({ csrf_token, user_id: 'bob' })
    expect(stale.status).toBe(403)
    expect((await browser.open()).html).toContain('Ann')
  })

  it('is possible as another user', async () => {
    await browser.submit({ user_id: 'ann' })
    const [, href = ''] = /<a href="([^"]*)">Use another user/.exec((await browser.open()).html) ?? []
    const address = new URL(href.replaceAll('&amp;', '&'), emulator.api_endpoint)
    expect((await browser.open(address)).html).toContain('<h1>Sign in</h1>')
    const { cookie } = browser
    const signedIn = await browser.submit({ user_id: 'bob' }, address)
    expect(callbackParams(signedIn)).toEqual(validQuery)
    expect((await browser.open(signedIn.location as URL)).html).toContain('bob')
    // The browser id of Ann is no longer valid.
    browser.cookie = cookie
    expect((await browser.open()).html).toContain('<h1>Sign in</h1>')
  })

  it('ignores a browser id that it did not issue', async () => {
    browser.cookie = `pds_emulator_${emulator.port}=x`
    const { headers } = await browser.open()
    expect(headers.get('set-cookie')).toMatch(/=[0-9a-f]{32};/)
  })

  it('can be cancelled', async () => {
    const cancelled = await browser.submit({ user_id: '', decision: 'deny' })
    expect(cancelled.status).toBe(303)
    expect(callbackParams(cancelled)).toMatchObject({ error: 'access_denied', state: 'the-state' })
  })
})

describe('consent', () => {
  beforeEach(() => browser.submit({ user_id: 'ann' }))

  it('shows the application, the user, the scopes and the redirect host', async () => {
    const { html } = await browser.open({ ...validQuery, scope: 'file:read,user:read' })
    for (const part of [
      'webserver-app',
      'Ann',
      '127.0.0.1:3000',
      '<code>file:read</code>',
      '<code>user:read</code>',
    ]) {
      expect(html).toContain(part)
    }
    expect((await browser.open()).html).toContain('Full access to your account')
  })

  it('can be denied', async () => {
    const before = codes()
    const denied = await browser.submit({ decision: 'deny' })
    expect([denied.status, denied.location?.origin]).toEqual([303, 'http://127.0.0.1:3000'])
    expect(callbackParams(denied)).toEqual({
      state: 'the-state',
      error: 'access_denied',
      error_description: 'The user denied access.',
    })
    expect(codes()).toBe(before)
  })

  it('issues a new code for each submission of a form', async () => {
    const csrf_token = csrfTokenOf(await browser.open())
    const first = await browser.post({ csrf_token, decision: 'allow' })
    const again = await browser.post({ csrf_token, decision: 'allow' })
    expect(callbackParams(first).code).not.toBe(callbackParams(again).code)
    expect(await exchange(callbackParams(again).code ?? '')).toMatchObject({ user_id: 'ann' })
  })

  it('is not accepted from a browser without a signed-in user', async () => {
    const other = new TestBrowser(emulator)
    const { status, location } = await other.submit({ decision: 'allow' })
    expect([status, location?.pathname, location?.searchParams.get('code')]).toEqual([
      303,
      '/v2/oauth/authorize',
      null,
    ])
  })

  it('is required each time, and no code is issued without it', async () => {
    const before = codes()
    await browser.open()
    expect((await browser.open()).html).toContain('Allow access?')
    expect(codes()).toBe(before)
  })

  it('is hidden by hide_consent', async () => {
    const { status, location, headers } = await browser.open({ ...validQuery, hide_consent: 'true' })
    expect([status, location?.searchParams.has('code')]).toEqual([302, true])
    expect(headers.get('cache-control')).toBe('no-store')
    expect((await browser.open({ ...validQuery, hide_consent: 'false' })).html).toContain('Allow access?')
  })

  it('is hidden by hide_consent right after a sign-in', async () => {
    const query = { ...validQuery, hide_consent: 'true' }
    const other = new TestBrowser(emulator)
    const signedIn = await other.submit({ user_id: 'bob' }, query)
    expect(callbackParams(await other.open(signedIn.location as URL))).toHaveProperty('code')
  })
})

describe('prompt', () => {
  const withPrompt = (prompt: string, more: Record<string, string> = {}) => ({
    ...validQuery,
    prompt,
    ...more,
  })

  it('none redirects without a page', async () => {
    expect(callbackParams(await browser.open(withPrompt('none')))).toEqual({
      state: 'the-state',
      error: 'login_required',
    })
    await browser.submit({ user_id: 'ann' })
    expect(callbackParams(await browser.open(withPrompt('none')))).toEqual({
      state: 'the-state',
      error: 'consent_required',
    })
    expect(callbackParams(await browser.open(withPrompt('none', { hide_consent: 'true' })))).toHaveProperty(
      'code',
    )
  })

  it('none redirects programs, too', async () => {
    const program = new TestBrowser(emulator, { accept: '*/*' })
    expect(callbackParams(await program.open(withPrompt('none')))).toMatchObject({ error: 'login_required' })
  })

  it('none cannot be combined with other values', async () => {
    expect(callbackParams(await browser.open(withPrompt('none login')))).toMatchObject({
      error: 'invalid_request',
    })
  })

  it.each(['login', 'select_account'])('%s shows the sign-in page exactly once', async (prompt) => {
    await browser.submit({ user_id: 'ann' })
    const query = withPrompt(`${prompt} consent`, { hide_consent: 'true' })
    expect((await browser.open(query)).html).toContain('<h1>Sign in</h1>')
    const signedIn = await browser.submit({ user_id: 'bob' }, query)
    expect(callbackParams(signedIn).prompt).toBe('consent')
    expect((await browser.open(signedIn.location as URL)).html).toContain('Allow access?')
  })

  it('consent overrides hide_consent', async () => {
    await browser.submit({ user_id: 'ann' })
    const { html } = await browser.open(withPrompt('consent', { hide_consent: 'true' }))
    expect(html).toContain('Allow access?')
  })

  it('ignores other values', async () => {
    expect((await browser.open(withPrompt('create'))).html).toContain('<h1>Sign in</h1>')
  })
})

describe('the log', () => {
  it('has the requests for pages without their secrets', async () => {
    const { length } = emulator.requests
    const csrf_token = csrfTokenOf(await browser.open())
    const { cookie } = browser
    await browser.post({ csrf_token, user_id: 'ann' })
    const { code = '' } = callbackParams(await browser.submit({ decision: 'allow' }))
    await browser.open({ ...validQuery, client_id: 'unknown' })
    const since = emulator.requests.slice(length)
    expect(since.map(({ method, status, user_id }) => [method, status, user_id])).toEqual([
      ['GET', 200, undefined],
      ['POST', 303, 'ann'],
      ['GET', 200, 'ann'],
      ['POST', 303, 'ann'],
      ['GET', 400, undefined],
    ])
    expect(since.at(-1)).toMatchObject({ client_id: 'unknown', error: 'InvalidParameter.ClientId' })
    expect(since.at(0)?.response).toBeUndefined()
    const log = JSON.stringify(since)
    for (const secret of [csrf_token, cookie, browser.cookie, code].map(
      (text) => text.split('=').at(-1) ?? '',
    )) {
      expect(secret).toMatch(/^[\w-]{32,}$/)
      expect(log).not.toContain(secret)
    }
  })

  it('has the faults of pages', async () => {
    emulator.injectFault({ type: 'status', status: 503, body: 'html', path: '/v2/oauth/authorize' })
    expect((await browser.open()).status).toBe(503)
    emulator.injectFault({ type: 'drop', when: 'after', path: '/v2/oauth/authorize' })
    await browser.open().catch(() => undefined)
    expect(emulator.requests.slice(-2).map(({ fault, status }) => [fault, status])).toEqual([
      ['status', 503],
      ['drop', 0],
    ])
    emulator.injectFault({ type: 'truncate', path: '/v2/oauth/authorize' })
    await expect(browser.open()).rejects.toThrow('terminated')
  })
})
