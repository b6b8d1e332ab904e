import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { dryRun } from './dry-run.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'pds-dry-run-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

it('fails with what deno reports', async () => {
  writeFileSync(path.join(folder, 'deno.json'), '{ "workspace": ["./missing"] }')
  await expect(dryRun(folder)).rejects.toThrow(/^deno publish --dry-run failed: .*missing/s)
})

it('fails with the error of the system if deno does not start', async () => {
  await expect(dryRun(path.join(folder, 'missing'))).rejects.toThrow(
    /^deno publish --dry-run failed: spawn .* ENOENT$/,
  )
})
