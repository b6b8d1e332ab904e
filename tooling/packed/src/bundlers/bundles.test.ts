import { mkdirSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { runInRealm } from 'shared/browser'
import { afterAll, describe, expect, it } from 'vitest'
import { repository } from '../packages/repository.ts'
import { budgets, checkBudget, type Sizes, sizesTable, writeBudgets, writeVariable } from './budgets.ts'
import type { Bundle } from './bundle.ts'
import { bundlerNames, bundlers } from './bundlers.ts'
import { entryOf, writeEntry } from './entry.ts'
import { imports } from './imports.ts'
import { packagesOf, partsOf } from './parts.ts'

const sizes: Sizes = Object.fromEntries(imports.map(({ title }) => [title, {}]))
const writesBudgets = process.env[writeVariable] === '1'

afterAll(() => {
  const measured = Object.values(sizes).flatMap((row) => Object.keys(row))
  // A run of some of the tests has not measured all sizes.
  if (measured.length < imports.length * bundlerNames.length) return
  const folder = path.join(repository, 'artefacts')
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    path.join(folder, 'bundle-sizes.md'),
    sizesTable(sizes, writesBudgets ? writeBudgets(sizes) : budgets),
  )
})

describe.each(bundlerNames)('bundles by %s', (bundler) => {
  it.each(imports)('$title: contains only what it uses, within its budget', async (imported) => {
    const entry = writeEntry(entryOf(imported))
    const bundle = await bundlers[bundler](entry, imported.platform)
    const bytes = gzipSync(bundle.code, { level: 9 }).length
    sizes[imported.title] = { ...sizes[imported.title], [bundler]: bytes }

    expect(packagesOf(bundle, entry)).toEqual([...imported.packages].sort())
    expect(partsOf(bundle).sort()).toEqual([...imported.parts, ...(imported.similar ?? [])].sort())
    if (imported.platform === 'page') expectNoNodeCode(bundle)
    else expect(bundle.imports.filter((name) => !isBuiltin(name))).toEqual([])

    if (!writesBudgets) checkBudget(imported.title, bundler, bytes)
  })

  it('a warning fails the build', async () => {
    const entry = writeEntry("import * as core from '@pds/core'\nglobalThis.exported = core.misspelt\n")
    await expect(bundlers[bundler](entry, 'page')).rejects.toThrow('misspelt')
  })

  it('@pds/types adds no code and no value', async () => {
    const page = 'globalThis.exported = {}\n'
    const without = await bundlers[bundler](writeEntry(page), 'page')
    const entry = writeEntry(`${page}export * from '@pds/types'\n`)
    const bundle = await bundlers[bundler](entry, 'page')
    expect(packagesOf(bundle, entry)).toEqual([])
    expect(bundle.code).toBe(without.code)

    const listing = "import * as types from '@pds/types'\nglobalThis.exported = Object.keys(types).join()\n"
    const { code } = await bundlers[bundler](writeEntry(listing), 'page')
    expect(runInRealm(code).exported).toBe('')
  })
})

function expectNoNodeCode({ code, imports }: Bundle): void {
  expect(imports).toEqual([])
  expect(code).not.toMatch(/["'`]node:|\brequire\b|\bBuffer\b|__vite-browser-external/)
}
