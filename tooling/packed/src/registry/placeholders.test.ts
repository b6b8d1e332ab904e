import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { tools } from '../packages/repository.ts'
import { publishEnvironment } from './environment.ts'
import { ScratchRepository } from './scratch.ts'
import { startLocalRegistry } from './server.ts'

const npm = path.join(tools, 'npm/bin/npm-cli.js')
const args = ['tooling/release/write-placeholders.mjs', 'placeholders']
let folder: string
let scratch: ScratchRepository

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'pds-placeholders-'))
  scratch = await ScratchRepository.copy(path.join(folder, 'repository'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function writeRepository(repository: unknown) {
  const manifest = JSON.parse(scratch.read('package.json'))
  writeFileSync(path.join(scratch.folder, 'package.json'), JSON.stringify({ ...manifest, repository }))
}

it('a placeholder of each package can be published before the first release', async () => {
  const repository = { type: 'git', url: 'git+https://github.com/example/pds.git' }
  writeRepository(repository)
  execFileSync(process.execPath, args, { cwd: scratch.folder })
  const names = readdirSync(path.join(scratch.folder, 'packages'))
  expect(readdirSync(path.join(scratch.folder, 'placeholders'))).toEqual(names)
  const placeholder = path.join(scratch.folder, 'placeholders/core')
  expect(JSON.parse(readFileSync(path.join(placeholder, 'package.json'), 'utf8'))).toMatchObject({
    name: '@pds/core',
    version: '0.0.0',
    repository,
  })
  const registry = await startLocalRegistry(path.join(folder, 'registry'))
  try {
    const env = publishEnvironment(path.join(folder, 'home'), registry.url)
    const publish = [npm, 'publish', '--access', 'public', placeholder]
    await promisify(execFile)(process.execPath, publish, { cwd: folder, env })
    expect(Object.keys((await registry.packument('@pds/core'))?.versions ?? {})).toEqual(['0.0.0'])
  } finally {
    await registry.close()
  }
})

it('without the address of the repository, no placeholders are written', () => {
  writeRepository(undefined)
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: scratch.folder, encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('has no "repository"') })
})
