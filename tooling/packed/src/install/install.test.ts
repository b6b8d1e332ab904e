import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lockedVersions, repository } from '../packages/repository.ts'
import { type LocalRelease, releaseLocally } from '../registry/publish.ts'
import { install, type Manager, managers, ordinaryRegistry, type Registries } from './managers.ts'
import { installScripts, type Size, sizeOf, type TreeEntry } from './tree.ts'

const session = ['@pds/core', '@pds/session', '@pds/types', 'ky']
const browserOfSystem = [
  'bundle-name',
  'default-browser',
  'default-browser-id',
  'define-lazy-prop',
  'is-docker',
  'is-in-ssh',
  'is-inside-container',
  'is-wsl',
  'open',
  'powershell-utils',
  'run-applescript',
  'wsl-utils',
]
const transitiveDependencies: Record<string, readonly string[]> = {
  '@pds/types': [],
  '@pds/core': ['@pds/types', 'ky'],
  '@pds/auth-oauth': ['@pds/core', '@pds/types', 'ky'],
  '@pds/auth-loopback': ['@pds/auth-oauth', '@pds/core', '@pds/types', ...browserOfSystem, 'ky'],
  '@pds/auth-jwt': ['@pds/core', '@pds/types', 'jose', 'ky'],
  '@pds/client': [
    '@pds/auth-jwt',
    '@pds/auth-oauth',
    '@pds/core',
    '@pds/session',
    '@pds/types',
    'jose',
    'ky',
  ],
  '@pds/backend': [
    '@pds/auth-oauth',
    '@pds/core',
    '@pds/session',
    '@pds/types',
    '@remix-run/node-fetch-server',
    'jose',
    'ky',
  ],
  // npm installs peers that are not optional.
  '@pds/react': [...session, 'react'],
  '@pds/session': ['@pds/core', '@pds/types', 'ky'],
  // The keychain is an optional peer.
  '@pds/session-keychain': ['@pds/core', '@pds/types', 'env-paths', 'is-safe-filename', 'ky'],
  '@pds/session-sqlite': session,
  // The application passes its own clients: these packages install none.
  '@pds/session-postgres': session,
  '@pds/session-redis': session,
  '@pds/session-web': session,
  '@pds/cli': [
    '@clack/core',
    '@clack/prompts',
    '@napi-rs/keyring',
    // The binary of this platform.
    `@napi-rs/keyring-linux-${process.arch}-gnu`,
    '@pds/auth-jwt',
    '@pds/auth-loopback',
    '@pds/auth-oauth',
    '@pds/core',
    '@pds/session',
    '@pds/session-keychain',
    '@pds/session-sqlite',
    '@pds/types',
    ...browserOfSystem,
    'commander',
    'env-paths',
    'fast-string-truncated-width',
    'fast-string-width',
    'fast-wrap-ansi',
    'is-safe-filename',
    'jose',
    'ky',
    'sisteransi',
  ],
  '@pds/emulator': ['@hono/node-server', '@pds/types', 'hono', 'jose'],
}

const folder = mkdtempSync(path.join(tmpdir(), 'pds-install-'))
const sizesFile = path.join(import.meta.dirname, 'sizes.json')
const sizes: Record<string, Size & { readonly packages: Record<string, Size> }> = {}
let release: LocalRelease
let registries: Registries

beforeAll(async () => {
  release = await releaseLocally(path.join(folder, 'release'))
  registries = { local: release.registry.url, ordinary: await ordinaryRegistry(folder) }
})
afterAll(async () => {
  await release?.registry.close()
  rmSync(folder, { recursive: true, force: true })
})

const namesOf = (tree: readonly TreeEntry[]) => tree.map(({ name }) => name).sort()

it('the table of dependencies has all published packages', () => {
  const names = release.scratch.packages().map(({ name }) => name)
  expect(Object.keys(transitiveDependencies).sort()).toEqual(names.sort())
})

describe.each(Object.entries(managers))('%s', (managerName: string, manager: Manager) => {
  // npm installs all packages. For the other managers, these packages cover all kinds of dependencies.
  const names = ['@pds/auth-oauth', '@pds/auth-jwt', '@pds/session-redis', '@pds/client']
  const installed = managerName === 'npm' ? Object.keys(transitiveDependencies) : names

  it.each(installed)('installs %s with its dependencies, each once, and nothing else', async (name) => {
    const at = path.join(folder, managerName, name.replace('/', '-'))
    const tree = await install(manager, name, at, registries)
    expect(namesOf(tree)).toEqual([name, ...(transitiveDependencies[name] ?? [])].sort())

    const own = release.scratch.packages().map(({ name, version }) => [name, version])
    const versions = { ...Object.fromEntries(own), ...lockedVersions() }
    for (const { name, version } of tree) expect({ name, version }).toEqual({ name, version: versions[name] })
    for (const { name, folder } of tree)
      if (folder) expect({ name, runs: installScripts(folder) }).toEqual({ name, runs: [] })

    if (managerName === 'npm') {
      const entries = tree.map(({ name, folder = '' }) => [name, sizeOf(folder)] as const)
      const total = (key: keyof Size) => entries.reduce((sum, [, size]) => sum + size[key], 0)
      const packages = Object.fromEntries(entries.sort(([a], [b]) => a.localeCompare(b)))
      sizes[name] = { files: total('files'), bytes: total('bytes'), packages }
    }
  })
})

it('the installed sizes are within 10 % of the recorded sizes', () => {
  const record = path.join(repository, 'artefacts', 'install-sizes.json')
  mkdirSync(path.dirname(record), { recursive: true })
  writeFileSync(record, `${JSON.stringify(sizes, null, 2)}\n`)
  process.stdout.write(`${tableOf(sizes)}\n`)

  expect(Object.keys(sizes).sort()).toEqual(Object.keys(transitiveDependencies).sort())
  const recorded: typeof sizes = JSON.parse(readFileSync(sizesFile, 'utf8'))
  const changed = Object.entries(sizes).flatMap(([name, { files, bytes }]) => {
    const { files: oldFiles = 0, bytes: oldBytes = 0 } = recorded[name] ?? {}
    const within = (now: number, before: number) => Math.abs(now - before) <= before / 10
    if (within(files, oldFiles) && within(bytes, oldBytes)) return []
    return [`${name}: ${files} files, ${bytes} bytes (recorded: ${oldFiles} files, ${oldBytes} bytes)`]
  })
  expect(
    changed,
    `to record the new sizes: cp ${path.relative(repository, record)} ${path.relative(repository, sizesFile)}`,
  ).toEqual([])
})

function tableOf(all: typeof sizes): string {
  const row = (name: string, packages: number | string, files: number | string, kB: number | string) =>
    `${name.padEnd(24)}${`${packages}`.padStart(9)}${`${files}`.padStart(7)}${`${kB}`.padStart(9)}`
  const rows = Object.entries(all).flatMap(([name, { files, bytes, packages }]) => [
    row(name, Object.keys(packages).length, files, Math.round(bytes / 1000)),
    ...Object.entries(packages).map(([part, size]) =>
      row(`  ${part}`, '', size.files, Math.round(size.bytes / 1000)),
    ),
  ])
  return [row('installed alone', 'packages', 'files', 'kB'), ...rows].join('\n')
}
