import { readFileSync } from 'node:fs'
import { createTransport, type PDSFetchInit } from '@pds/core'
import { requestToken } from '@pds/core/internal'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ok, serve, spendable } from '../test/scripted-server.test-helper.ts'
import { version } from './user-agent.ts'

afterEach(() => {
  vi.unstubAllGlobals()
})

describe('the user agent', () => {
  it('has the version of the manifest, which `pnpm version-packages` copies', () => {
    const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
    expect(version).toBe(manifest.version)
  })

  it.each([
    ['by default', {}, {}, `pds-core/${version}`],
    ['never with identify: false', { identify: false }, {}, expect.not.stringContaining('pds')],
    ["never instead of the caller's", {}, { 'User-Agent': 'my-app/1' }, 'my-app/1'],
  ])('is sent %s', async (_what, config, headers, expected) => {
    const { received, api_endpoint } = await serve(ok)
    await requestToken(createTransport({ api_endpoint, ...config }), spendable, { headers })
    expect(received[0]?.headers['user-agent']).toEqual(expected)
  })

  it('is not set in browsers, where it would cause a preflight request', async () => {
    vi.stubGlobal('navigator', { userAgent: 'Mozilla/5.0 (X11; Linux x86_64)' })
    const sent: PDSFetchInit[] = []
    const fetch = async (_url: string, init: PDSFetchInit) => {
      sent.push(init)
      return Response.json(ok.body)
    }
    await requestToken(createTransport({ api_endpoint: 'https://bj1.test', fetch }), spendable)
    expect(sent[0]?.headers).toEqual({
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
    })
  })
})
