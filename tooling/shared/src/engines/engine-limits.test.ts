import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { engineLimits } from './engine-limits.ts'

const root = path.resolve(import.meta.dirname, '../../../..')

it('the table of limits has the needs of tests, and no more', () => {
  const files = globSync('{packages,tooling}/*/src/**/*.page.test.ts', { cwd: root })
  const text = files.map((file) => readFileSync(path.join(root, file), 'utf8')).join('\n')
  const needs = new Set([...text.matchAll(/\bleftOut\('([^']+)'\)/g)].map(([, need]) => need))
  expect([...needs].sort()).toEqual(Object.keys(engineLimits).sort())
})
