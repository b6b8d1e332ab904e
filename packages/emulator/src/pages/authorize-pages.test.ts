import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { hostile, hostileId, startTestDomain } from '../test/start-test-domain.test-helper.ts'
import {
  callbackParams,
  countCodes,
  csrfTokenOf,
  type PageResponse,
  TestBrowser,
  validQuery,
} from './browser.test-helper.ts'

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

describe('an invalid request', () => {
  const { client_id, ...withoutClient } = validQuery
  const { redirect_uri, ...withoutRedirect } = validQuery
  const cases: [string, Record<string, string> | string, string][] = [
    ['an unknown application', { ...validQuery, client_id: 'unknown' }, 'no application with this client_id'],
    ['a JWT application', { ...validQuery, client_id: 'jwt-app' }, 'This is a JWT application'],
    ['no application', withoutClient, 'The parameter client_id is missing'],
    ['no redirect URI', withoutRedirect, 'The parameter redirect_uri is missing'],
    ['an unknown redirect URI', { ...validQuery, redirect_uri: 'https://evil.test/' }, 'did not register'],
    [
      'a javascript: redirect URI',
      { ...validQuery, redirect_uri: 'javascript:alert(1)' },
      'did not register',
    ],
    [
      'a duplicated state',
      `${new URLSearchParams(validQuery)}&state=2`,
      'The parameter state is given more than once',
    ],
  ]

  it.each(cases)('with %s shows an error page and is not redirected', async (_what, query, message) => {
    const seen = await browser.open(query)
    expect([seen.status, seen.location]).toEqual([400, undefined])
    expect(seen.headers.get('content-type')).toBe('text/html; charset=UTF-8')
    expect(seen.html).toContain(message)
    const posted = await browser.post(
      { csrf_token: csrfTokenOf(await browser.open()), user_id: 'ann' },
      query,
    )
    expect([posted.status, posted.location]).toEqual([400, undefined])
    const program = await new TestBrowser(emulator, { accept: 'application/json' }).open(query)
    expect([program.status, program.location]).toEqual([400, undefined])
    expect(JSON.parse(program.html).code).toMatch(/^InvalidParameter/)
  })

  it('is redirected if the redirect URI is registered', async () => {
    for (const seen of [
      await browser.open({ ...validQuery, response_type: 'token' }),
      await browser.post(
        { csrf_token: csrfTokenOf(await browser.open()) },
        { ...validQuery, response_type: 'token' },
      ),
    ]) {
      expect(callbackParams(seen)).toMatchObject({ error: 'unsupported_response_type', state: 'the-state' })
    }
  })

  it('with an unknown user_id shows an error page', async () => {
    const { status, html } = await browser.open({ ...validQuery, user_id: 'unknown' })
    expect([status, html]).toEqual([404, expect.stringContaining('no user with this user_id')])
  })

  it('of a program gets a JSON response', async () => {
    const { status, html, headers } = await new TestBrowser(emulator, { accept: '*/*' }).open()
    expect([status, JSON.parse(html).code]).toEqual([400, 'InvalidParameterMissing'])
    expect(headers.get('access-control-allow-origin')).toBe('*')
  })
})

describe('a form', () => {
  it.each([
    ['without a token', () => ({})],
    ['with an empty token', () => ({ csrf_token: '' })],
    [
      'with a wrong token',
      (token: string) => ({ csrf_token: token.replace(/^./, (c) => (c === 'A' ? 'B' : 'A')) }),
    ],
  ])('%s does nothing and links to a new sign-in', async (_what, fields) => {
    await browser.submit({ user_id: 'ann' })
    const form = fields(csrfTokenOf(await browser.open()))
    const before = codes()
    for (const action of [{ decision: 'allow' }, { decision: 'deny' }, { user_id: 'bob' }]) {
      const { status, location, html } = await browser.post({ ...form, ...action })
      expect([status, location]).toEqual([403, undefined])
      expect(html).toContain('This form is out of date')
      const query = String(new URLSearchParams(validQuery)).replaceAll('&', '&amp;')
      expect(html).toContain(`href="/v2/oauth/authorize?${query}">Continue the sign-in`)
    }
    expect(codes()).toBe(before)
    expect((await browser.open()).html).toContain('Ann')
  })

  it('of another browser does nothing', async () => {
    const other = new TestBrowser(emulator)
    const csrf_token = csrfTokenOf(await other.open())
    expect((await browser.post({ csrf_token, user_id: 'ann' })).status).toBe(403)
    await browser.open()
    expect((await browser.post({ csrf_token, user_id: 'ann' })).status).toBe(403)
  })

  it('with another content type does nothing', async () => {
    const csrf_token = csrfTokenOf(await browser.open())
    const { status, html } = await browser.post({ csrf_token, user_id: 'ann' }, validQuery, {
      'content-type': 'text/plain',
    })
    expect([status, html]).toEqual([400, expect.stringContaining('The application sent an invalid request.')])
  })

  it('of a program is rejected with JSON', async () => {
    const { status, html } = await new TestBrowser(emulator, { accept: '*/*' }).post({ user_id: 'ann' })
    expect([status, JSON.parse(html).code]).toEqual([403, 'Forbidden.Form'])
  })
})

describe('each page', () => {
  async function pages(query: Record<string, string> = validQuery): Promise<PageResponse[]> {
    const signIn = await browser.open(query)
    const unknownUser = await browser.submit({ user_id: 'unknown' }, query)
    await browser.submit({ user_id: 'ann' }, query)
    const consent = await browser.open(query)
    const stale = await browser.post({}, query)
    return [signIn, unknownUser, consent, stale, await browser.open({ ...query, client_id: 'unknown' })]
  }

  it('runs no script, cannot be framed or cached, and is not readable for other origins', async () => {
    const seen = await pages()
    expect(seen.map(({ status }) => status)).toEqual([200, 400, 200, 403, 400])
    for (const { headers, html } of seen) {
      expect(headers.get('content-security-policy')).toMatch(
        /^default-src 'none'; style-src 'sha256-[\w+/]{43}='; img-src data:; form-action [^;]*; frame-ancestors 'none'; base-uri 'none'$/,
      )
      expect(Object.fromEntries(headers)).toMatchObject({
        'x-frame-options': 'DENY',
        'referrer-policy': 'same-origin',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        vary: expect.stringContaining('Accept-Language'),
      })
      // An opener must keep access to its popup, and other pages must not read the response.
      expect([...headers.keys()].filter((name) => /^(cross-origin|access-control)/.test(name))).toEqual([])
      expect(html).not.toMatch(/<script|\son\w+=|javascript:/)
    }
  })

  it('allows its form to be redirected to the redirect URI', async () => {
    const [signIn, , consent] = await pages()
    for (const seen of [signIn, consent]) {
      expect(seen?.headers.get('content-security-policy')).toContain(
        "form-action 'self' http://localhost:* http://127.0.0.1:*;",
      )
    }
    const query = { ...validQuery, client_id: hostileId, redirect_uri: 'com.example.app:/callback' }
    expect((await browser.open(query)).headers.get('content-security-policy')).toContain(
      "form-action 'self' com.example.app:;",
    )
  })

  it('escapes values from the request and the domain', async () => {
    const query = {
      ...validQuery,
      client_id: hostileId,
      redirect_uri: 'com.example.app:/callback',
      state: hostile,
      scope: `scope${hostile}`,
      extra: hostile,
    }
    const seen = [
      ...(await pages(query)),
      await browser.submit({ user_id: hostile }, { ...query, prompt: 'login' }),
    ]
    const signedIn = await browser.submit({ user_id: hostileId }, { ...query, prompt: 'login' })
    seen.push(await browser.open(signedIn.location as URL))
    seen.push(await browser.open({ ...query, client_id: hostile }))
    seen.push(await browser.open({ ...query, redirect_uri: hostile }))
    seen.push(
      await browser.open(
        `${new URLSearchParams(query)}&${encodeURIComponent(hostile)}=1&${encodeURIComponent(hostile)}=2`,
      ),
    )
    for (const { html } of seen) {
      expect(html).toMatch(/^<!doctype html>/)
      expect(html).not.toContain('<script')
      expect(html).not.toContain(`id'"`)
    }
    // All pages except the stale form and the last page, which does not name an unknown parameter.
    expect(seen.filter(({ html }) => html.includes('&quot;&gt;&lt;script&gt;alert(1)'))).toHaveLength(
      seen.length - 2,
    )
    expect(seen.at(-1)?.html).toContain('A parameter is given more than once.')
  })

  it.each([
    [undefined, 'en', 'Sign in'],
    ['de', 'en', 'Sign in'],
    ['zh', 'zh-Hans', '登录'],
    ['zh-CN,zh;q=0.9,en;q=0.8', 'zh-Hans', '登录'],
    ['en-US,en;q=0.9,zh;q=0.8', 'en', 'Sign in'],
    ['en;q=0.3, zh-TW;q=0.7', 'zh-Hans', '登录'],
    ['zh;q=0, en;q=0.1', 'en', 'Sign in'],
    ['fr, *;q=0.5', 'en', 'Sign in'],
  ])('for %j is in %s', async (accepted, lang, heading) => {
    const other = new TestBrowser(emulator, accepted === undefined ? {} : { 'accept-language': accepted })
    const { html, headers } = await other.open()
    expect(headers.get('content-language')).toBe(lang)
    expect(html).toContain(`<html lang="${lang}">`)
    expect(html).toContain(`<h1>${heading}</h1>`)
    expect((await other.open({ client_id: 'unknown' })).html).toContain(
      lang === 'en' ? 'This sign-in cannot continue' : '无法继续登录',
    )
  })
})

it('shows 20 of many users and accepts each user', async () => {
  const many = await startEmulator({ users: Array.from({ length: 30 }, (_, n) => ({ user_id: `u${n}` })) })
  const other = new TestBrowser(many)
  const { html } = await other.open()
  expect(html.match(/class="button pick"/g)).toHaveLength(20)
  expect(html).toContain('More users: 10.')
  expect((await other.submit({ user_id: 'u29' })).status).toBe(303)
  await many.close()
})

it('shows the form without a list if there are no users', async () => {
  const empty = await startEmulator({ users: [] })
  const { html, status } = await new TestBrowser(empty).open()
  expect([status, html.includes('class="button pick"')]).toEqual([200, false])
  await empty.close()
})
