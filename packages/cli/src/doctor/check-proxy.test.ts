import { expect, it } from 'vitest'
import { findProxy } from './check-proxy.ts'

const endpoint = new URL('https://bj1.api.aliyunpds.com')
const proxy = 'http://user:secret@proxy.test:8080'

it.each<[string, Record<string, string>, string, string | undefined]>([
  ['no variables', {}, 'ok', undefined],
  ['a proxy that Node.js ignores', { HTTPS_PROXY: proxy }, 'warn', undefined],
  ['a proxy', { https_proxy: proxy, NODE_USE_ENV_PROXY: '1' }, 'ok', proxy],
  ['a proxy by an option', { HTTPS_PROXY: proxy, NODE_OPTIONS: '--use-env-proxy' }, 'ok', proxy],
  ['a proxy of another scheme', { HTTP_PROXY: proxy, NODE_USE_ENV_PROXY: '1' }, 'warn', undefined],
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

it.each([
  ['*', true],
  ['localhost,.aliyunpds.com', true],
  ['*.aliyunpds.com:443', true],
  ['BJ1.api.aliyunpds.com', true],
  ['bj1.api.aliyunpds.com:8443', false],
  ['aliyunpds.com', false],
  ['', false],
])('reads NO_PROXY=%s', (NO_PROXY, isExcluded) => {
  const found = findProxy(endpoint, { HTTPS_PROXY: proxy, NO_PROXY }, ['--use-env-proxy'])
  expect(found).toMatchObject({ state: 'ok' })
  expect(found.proxy === undefined).toBe(isExcluded)
})
