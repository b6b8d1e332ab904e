import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { repository, tools } from '../packages/repository.ts'

const run = promisify(execFile)
const script = path.join(repository, 'tooling/release/fetch-pnpm.mjs')
const { packageManager } = JSON.parse(readFileSync(path.join(repository, 'package.json'), 'utf8'))
const version = packageManager.replace('pnpm@', '')
// npm in the version of the tests, with an empty cache.
const environment = (more: NodeJS.ProcessEnv = {}) => ({
  ...process.env,
  PATH: `${path.join(tools, '.bin')}${path.delimiter}${process.env.PATH}`,
  TMPDIR: folder,
  NPM_CONFIG_CACHE: path.join(folder, 'cache'),
  ...more,
})
let folder: string

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'pds-fetch-pnpm-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

it('prints the path of a pnpm of the pinned version', async () => {
  const { stdout } = await run(process.execPath, [script], { env: environment() })
  // Outside of the repository, whose settings may ask for another version.
  const pnpm = await run(stdout.trim(), ['--version'], { cwd: folder })
  expect(pnpm.stdout.trim()).toBe(version)
})

it('rejects another program of this version, for which the registry has a correct hash', async () => {
  const name = `@pnpm/exe.${process.platform}-${process.arch}`
  mkdirSync(path.join(folder, 'package'))
  writeFileSync(path.join(folder, 'package/package.json'), JSON.stringify({ name, version }))
  await run('tar', ['-czf', 'other.tgz', 'package'], { cwd: folder })
  const tarball = readFileSync(path.join(folder, 'other.tgz'))
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`
  const server = createServer((request, response) => {
    if (request.url?.endsWith('.tgz')) return response.end(tarball)
    const dist = { tarball: `http://${request.headers.host}/other.tgz`, integrity }
    return response.end(JSON.stringify({ name, versions: { [version]: { name, version, dist } } }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  try {
    const env = environment({ npm_config_registry: url, NPM_CONFIG_REGISTRY: url, NO_PROXY: '127.0.0.1' })
    await expect(run(process.execPath, [script], { env })).rejects.toThrow(
      `${name}@${version} has another hash than in pnpm-lock.yaml`,
    )
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
})
