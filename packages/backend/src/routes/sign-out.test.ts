import { memoryStore } from '@pds/session'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTestBackend, type TestBackend, TestBrowser } from '../test/test-backend.test-helper.ts'

let domain: TestBackend

beforeEach(async () => {
  domain = await startTestBackend()
})

afterEach(() => domain.close())

const revocations = () => domain.emulator.requests.filter(({ path }) => path === '/v2/account/revoke').length

describe('the sign-out route', () => {
  it('revokes the token and removes the cookie', async () => {
    const browser = new TestBrowser(domain.signIn())
    await browser.signIn()
    const response = await browser.post('/pds/sign-out')
    expect([response.status, await response.text()]).toEqual([204, ''])
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(browser.setCookies.at(-1)).toBe('__Host-pds=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure')
    expect(browser.cookies.size).toBe(0)
    expect(revocations()).toBe(1)
  })

  it('ends the session of a cookie that someone has copied', async () => {
    const pds = domain.signIn()
    const browser = new TestBrowser(pds)
    await browser.signIn()
    const copy = new TestBrowser(pds)
    for (const [name, value] of browser.cookies) copy.cookies.set(name, value)
    await browser.post('/pds/sign-out')
    expect((await copy.post('/pds/token')).status).toBe(401)
  })

  it('removes the cookie although the store fails', async () => {
    let fails = false
    const store = memoryStore()
    const { compareAndSet } = store
    store.compareAndSet = async (...record) => {
      if (fails) throw new Error('disk full')
      return compareAndSet(...record)
    }
    const browser = new TestBrowser(domain.signIn({ sessions: domain.oauthSessions({ store }) }))
    await browser.signIn()
    fails = true
    const response = await browser.post('/pds/sign-out')
    expect([response.status, await response.json()]).toEqual([500, { code: 'StoreFailed' }])
    expect(browser.cookies.size).toBe(0)
    expect(revocations()).toBe(1)
  })

  it('responds with 204 although the service fails to revoke the token', async () => {
    const browser = new TestBrowser(domain.signIn())
    await browser.signIn()
    domain.emulator.injectFault({ type: 'status', status: 500, path: '/v2/account/revoke', times: 9 })
    expect((await browser.post('/pds/sign-out')).status).toBe(204)
    expect((await browser.post('/pds/token')).status).toBe(401)
  })

  it('without a session removes the cookie', async () => {
    const browser = new TestBrowser(domain.signIn())
    browser.cookies.set('__Host-pds', 'unreadable')
    expect((await browser.post('/pds/sign-out')).status).toBe(204)
    expect(browser.cookies.size).toBe(0)
  })

  it('with its own login ends the session of the user, without a cookie', async () => {
    const pds = domain.ownLogin()
    const browser = new TestBrowser(pds, { 'x-user': 'ann' })
    await browser.post('/pds/token')
    expect((await browser.post('/pds/sign-out')).status).toBe(204)
    expect((await browser.post('/pds/token')).status).toBe(401)
    expect(browser.setCookies).toEqual([])
    expect((await new TestBrowser(pds).post('/pds/sign-out')).status).toBe(204)
  })
})
