import { mkdirSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { runInRealm } from 'shared/browser'
import { afterAll, describe, expect, it } from 'vitest'
import { repository } from '../packages/repository.ts'
import { budgets, keepToBudget, type Sizes, sizesTable, writeBudgets, writeVariable } from './budgets.ts'
import type { Bundle } from './bundle.ts'
import { bundlerNames, bundlers } from './bundlers.ts'
import { entryOf, writeEntry } from './entry.ts'
import { imports } from './imports.ts'
import { packagesOf, partsOf } from './parts.ts'

const sizes: Sizes = Object.fromEntries(imports.map(({ title }) => [title, {}]))
const writesBudgets = process.env[writeVariable] === '1'

afterAll(() => {
  const measured = Object.values(sizes).flatMap((row) => Object.keys(row))
  // Not where only some of the tests ran.
  if (measured.length < imports.length * bundlerNames.length) return
  const folder = path.join(repository, 'artefacts')
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    path.join(folder, 'bundle-sizes.md'),
    sizesTable(sizes, writesBudgets ? writeBudgets(sizes) : budgets),
  )
})

describe.each(bundlerNames)('of the bundles by %s', (bundler) => {
  it.each(imports)('$title has what it uses, and keeps to its budget', async (imported) => {
    const entry = writeEntry(entryOf(imported))
    const bundle = await bundlers[bundler](entry, imported.platform)
    const bytes = gzipSync(bundle.code, { level: 9 }).length
    sizes[imported.title] = { ...sizes[imported.title], [bundler]: bytes }

    expect(packagesOf(bundle, entry)).toEqual([...imported.packages].sort())
    expect(partsOf(bundle).sort()).toEqual([...imported.parts, ...(imported.like ?? [])].sort())
    if (imported.platform === 'page') expectNothingOfNode(bundle)
    else expect(bundle.imports.filter((name) => !isBuiltin(name))).toEqual([])

    if (!writesBudgets) keepToBudget(imported.title, bundler, bytes)
  })

  it('what is warned of is refused', async () => {
    const entry = writeEntry("import * as core from '@pds/core'\nglobalThis.exported = core.misspelt\n")
    await expect(bundlers[bundler](entry, 'page')).rejects.toThrow('misspelt')
  })

  it('the types are not a byte, and no value', async () => {
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

function expectNothingOfNode({ code, imports }: Bundle): void {
  expect(imports).toEqual([])
  expect(code).not.toMatch(/["'`]node:|\brequire\b|\bBuffer\b|__vite-browser-external/)
}
