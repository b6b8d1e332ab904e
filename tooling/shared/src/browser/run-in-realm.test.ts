import { expect, it } from 'vitest'
import { runInRealm } from './run-in-realm.ts'

it('a realm has globals of a page and no globals of Node.js', () => {
  const names = [
    'fetch',
    'crypto',
    'self',
    'process',
    'Buffer',
    'require',
    'module',
    'setImmediate',
    'global',
  ]
  const script = `var found = ${JSON.stringify(names)}.filter((name) => name in globalThis).join(' ')`
  expect(runInRealm(script).found).toBe('fetch crypto self')
})
