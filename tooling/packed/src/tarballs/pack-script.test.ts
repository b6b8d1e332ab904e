import { execFile } from 'node:child_process'
import { readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { publishedPackages } from '../packages/published-packages.ts'
import { repository } from '../packages/repository.ts'

const tarballs = path.join(repository, 'tarballs')

it('npm run pack writes the tarball of each package to tarballs', async () => {
  rmSync(tarballs, { recursive: true, force: true })
  const pnpm = path.join(repository, 'node_modules', '.bin', 'pnpm')
  await promisify(execFile)(pnpm, ['run', 'pack:run'], { cwd: repository })
  const expected = publishedPackages().map(({ tarball }) => path.basename(tarball))
  expect(readdirSync(tarballs).sort()).toEqual(expected.sort())
})
