import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { findProxy } from './check-proxy.ts'

const endpoint = new URL('https://bj1.api.aliyunpds.com')
const proxy = 'http://user:secret@proxy.test:8080'

it.each<[string, Record<string, string>, string, string | undefined]>([
  ['no variables', {}, 'ok', undefined],
  ['a proxy that Node.js ignores', { HTTPS_PROXY: proxy }, 'warn', undefined],
  ['a proxy', { https_proxy: proxy, NODE_USE_ENV_PROXY: '1' }, 'ok', proxy],
  ['a proxy by an option', { HTTPS_PROXY: proxy, NODE_OPTIONS: '--use-env-proxy' }, 'ok', proxy],
  ['the proxy of http:', { HTTP_PROXY: proxy, NODE_USE_ENV_PROXY: '1' }, 'ok', proxy],
  [
    'an empty variable in lower case',
    { https_proxy: '', HTTPS_PROXY: proxy, NODE_USE_ENV_PROXY: '1' },
    'warn',
    undefined,
  ],
  [
    'ALL_PROXY, which Node.js does not know',
    { ALL_PROXY: proxy, NODE_USE_ENV_PROXY: '1' },
    'warn',
    undefined,
  ],
  [
    'an invalid proxy',
    { HTTPS_PROXY: 'user:secret@proxy.test:8080', NODE_USE_ENV_PROXY: '1' },
    'fail',
    undefined,
  ],
])('finds %s, and shows no password', (_, env, state, used) => {
  const result = findProxy(endpoint, env)
  expect(result.state).toBe(state)
  expect(result.proxy?.href).toBe(used && new URL(used).href)
  expect(JSON.stringify([result.text, result.advice])).not.toContain('secret')
})

it('finds no proxy of https: for an endpoint with http:', () => {
  const env = { HTTPS_PROXY: proxy, NODE_USE_ENV_PROXY: '1' }
  const found = findProxy(new URL('http://127.0.0.1:3000'), env)
  expect(found).toMatchObject({ state: 'warn', advice: { en: expect.stringContaining('set HTTP_PROXY.') } })
})

// Node.js 22 has undici 6, Node.js 24 has undici 7, Node.js 26 has undici 8.
it.each([
  ['*', true, true],
  ['localhost,*', true, false],
  ['localhost,.aliyunpds.com', true, true],
  ['*.aliyunpds.com:443', true, true],
  ['*api.aliyunpds.com', true, false],
  ['BJ1.api.aliyunpds.com', true, true],
  ['bj1.api.aliyunpds.com:8443', false, false],
  ['.bj1.api.aliyunpds.com', false, true],
  ['aliyunpds.com', false, true],
  ['', false, false],
])('reads NO_PROXY=%s as undici 6 (%s) and undici 7 (%s)', (NO_PROXY, ...isExcluded) => {
  const found = ['6.28.1', '7.29.1'].map((version) =>
    findProxy(endpoint, { HTTPS_PROXY: proxy, NO_PROXY }, ['--use-env-proxy'], version),
  )
  expect(found).toMatchObject([{ state: 'ok' }, { state: 'ok' }])
  expect(found.map(({ proxy }) => proxy === undefined)).toEqual(isExcluded)
})

it('follows the undici of this Node.js', async () => {
  const requests: string[] = []
  const server = createServer().on('connect', ({ url }, socket) => {
    requests.push(`${url}`)
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const HTTP_PROXY = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const url = new URL('https://bj1.pds.invalid')
  for (const NO_PROXY of ['other.invalid', 'pds.invalid', '.pds.invalid']) {
    const env = { HTTP_PROXY, NO_PROXY, NODE_USE_ENV_PROXY: '1' }
    requests.length = 0
    const code = `fetch('${url}').catch(() => undefined)`
    await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code], { env })
    expect(findProxy(url, env).proxy !== undefined, NO_PROXY).toBe(requests.includes('bj1.pds.invalid:443'))
  }
})
