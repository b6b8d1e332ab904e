import { globSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { longWaits } from './long-waits-first.ts'

it.each(longWaits)('%s is part of the path of a test file', (part) => {
  const repository = path.resolve(import.meta.dirname, '../../../..')
  expect(globSync(`{packages,tooling}/*/src/**/*${part}*.test.ts`, { cwd: repository })).not.toEqual([])
})
