import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { repository } from '../packages/repository.ts'
import { startTestDomain, type TestDomain } from '../runtimes/test-domain.ts'
import { NextApp } from './next-app.ts'
import { nextAppFiles } from './next-app-files.ts'

/*
 * The packed packages in servers of Next.js, whose global fetch has a cache on the disk. By default, Next.js 14 stores
 * the responses to POST requests of a page in it. Next.js 16 stores them with `fetchCache = 'default-cache'`.
 */

const {
  next,
  react,
  'react-dom': reactDom,
} = JSON.parse(readFileSync(path.join(repository, 'docs/package.json'), 'utf8')).devDependencies

describe.each([
  { next: '14.2.35', react: '18.3.1', 'react-dom': '18.3.1' },
  { next, react, 'react-dom': reactDom },
])('Next.js $next', (versions) => {
  const routes = ['page', 'default-cache', 'handler', 'build']
  const folder = mkdtempSync(path.join(tmpdir(), 'pds-next-'))
  /** The tokens that the server received or returned, by a description. */
  const secrets: Record<string, string> = {}
  let domain: TestDomain
  let app: NextApp
  let origin: string
  let requestedByBuild: string[]

  beforeAll(async () => {
    domain = await startTestDomain()
    const tokens: Record<string, Awaited<ReturnType<TestDomain['signIn']>>> = {}
    for (const name of [...routes, 'force-cache', 'session']) {
      const token = await domain.signIn()
      tokens[name] = token
      secrets[`the refresh token of ${name}`] = token.refresh_token
    }
    const { api_endpoint } = domain.emulator
    const packed = ['@pds/auth-oauth', '@pds/core', '@pds/session', '@pds/types']
    app = await NextApp.install(folder, versions, packed)
    app.write(nextAppFiles)
    const variables = { PDS_TEST: JSON.stringify({ api_endpoint, app: domain.app, tokens }) }
    const requested = domain.watch()
    await app.build(variables)
    requestedByBuild = requested()
    origin = await app.start(variables)
  })

  afterAll(async () => {
    await app?.stop()
    await domain?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Requests a route, and returns the access token or the code of the error in its response. */
  async function load(name: string): Promise<string> {
    const response = await fetch(`${origin}/${name}?name=${name}`)
    const text = await response.text()
    const token = /eyJ[\w-]+\.[\w-]+\.[\w-]+/.exec(text)?.[0]
    if (token !== undefined) secrets[`the access token of ${name}`] = token
    return token ?? /InvalidParameter\.RefreshToken|\b200\b/.exec(text)?.[0] ?? text
  }

  it('sends no request while it builds', () => {
    expect(requestedByBuild).toEqual([])
  })

  it.each(routes)('sends each refresh of the route %s to the service', async (name) => {
    const requested = domain.watch()
    expect(await load(name)).toMatch(/^eyJ/)
    expect(await load(name)).toBe('InvalidParameter.RefreshToken')
    expect(requested()).toEqual(['/v2/oauth/token refresh_token 200', '/v2/oauth/token refresh_token 400'])
  })

  it('sends each request of session.fetch with cache: no-store', async () => {
    const requested = domain.watch()
    expect([await load('session'), await load('session')]).toEqual(['200', '200'])
    expect(requested()).toEqual(['/v2/user/get 200', '/v2/user/get 200'])
  })

  it('stores no token on the disk, except with fetchCache = force-cache', async () => {
    const token = await load('force-cache')
    // Next.js ignores no-store here, as the guide says. This also shows that the search finds a stored token.
    expect(await load('force-cache')).toBe(token)
    await expect.poll(() => app.findStored(secrets)).toContain('the access token of force-cache')
    expect(app.findStored(secrets).filter((name) => !name.endsWith('force-cache'))).toEqual([])
    expect(Object.keys(secrets)).toHaveLength(2 * routes.length + 3)
  })
})
