import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify, stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { leftOut } from '../jsr/left-out.ts'
import { repository, tools } from '../packages/repository.ts'
import { publishEnvironment } from '../registry/environment.ts'
import { type LocalRegistry, startLocalRegistry } from '../registry/server.ts'
import { formatRehearsal } from './format-rehearsal.ts'
import { type Rehearsal, rehearse } from './rehearse.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'pds-rehearsal-'))
const output = path.join(folder, 'output')
const names = readdirSync(path.join(repository, 'packages')).map((name) => `@pds/${name}`)
let npm: LocalRegistry
let rehearsal: Rehearsal

beforeAll(async () => {
  npm = await startLocalRegistry(path.join(folder, 'npm'))
  await publishOldTypes()
  const temporary = path.join(folder, 'rehearsal')
  mkdirSync(temporary)
  rehearsal = await rehearse({ folder: temporary, output, publishedAt: npm.url })
})
afterAll(async () => {
  await npm?.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Publishes a version 0.0.1 of `@pds/types` with one file, to the registry that is in place of npm. */
async function publishOldTypes() {
  const old = path.join(folder, 'types')
  mkdirSync(old)
  writeFileSync(path.join(old, 'package.json'), '{ "name": "@pds/types", "version": "0.0.1" }')
  writeFileSync(path.join(old, 'old.js'), '')
  const env = publishEnvironment(path.join(folder, 'home'), npm.url)
  const cli = path.join(tools, 'npm/bin/npm-cli.js')
  await promisify(execFile)(process.execPath, [cli, 'publish', '--access', 'public'], { cwd: old, env })
}

describe('a rehearsal of a release', () => {
  it('passes all checks, except that only a public repository can have an address', () => {
    const missing = readRoot().repository === undefined
    const expected = rehearsal.checks.map(({ name }) => ({
      name,
      problems:
        name === 'npm accepts the provenance' && missing
          ? [expect.stringContaining('package.json has no "repository". Add {')]
          : [],
    }))
    expect(rehearsal.checks).toEqual(expected)
    expect(rehearsal.checks).toHaveLength(8)
  })

  it('packs every package, because its registry is empty', () => {
    expect(rehearsal.packages.map(({ name }) => name)).toEqual(names)
  })

  it('compares with the last published version', () => {
    for (const { name, published } of rehearsal.packages)
      expect(published).toEqual(
        name === '@pds/types' ? { version: '0.0.1', files: ['old.js', 'package.json'] } : undefined,
      )
    const lines = stripVTControlCharacters(formatRehearsal(rehearsal)).split('\n')
    expect(lines.find((line) => line.startsWith('@pds/types'))).toMatch(
      /^@pds\/types +\S+ +[\d.]+ +\d+ +yes +0\.0\.1: \+CHANGELOG\.md \+LICENSE .* and \d+ more$/,
    )
    expect(lines.find((line) => line.startsWith('@pds/core '))).toMatch(/ first version$/)
  })

  it('lets deno accept each package for JSR that is not left out', () => {
    const onJsr = rehearsal.packages.filter(({ name }) => leftOut[name] === undefined)
    expect(rehearsal.onJsr).toEqual(onJsr.map(({ name, version }) => `${name}@${version}`).sort())
    expect(Object.keys(leftOut).filter((name) => !names.includes(name))).toEqual([])
    const { exports, imports } = readOutput('jsr/core/jsr.json')
    expect(exports).toMatchObject({ '.': './src/index.ts', './internal': './src/internal.ts' })
    expect(imports).toMatchObject({ '@pds/types': expect.stringMatching(/^jsr:@pds\/types@\^\d/) })
  })

  it('keeps the tarballs and an SBOM of each package', () => {
    const stems = rehearsal.packages.map(
      ({ name, version }) => `${name.slice(1).replace('/', '-')}-${version}`,
    )
    expect(readdirSync(path.join(output, 'tarballs'))).toEqual(stems.map((stem) => `${stem}.tgz`).sort())
    expect(readdirSync(path.join(output, 'sboms'))).toEqual(stems.map((stem) => `${stem}.cdx.json`).sort())
  })
})

describe('an SBOM', () => {
  const sbomOf = (name: string) => {
    const file = readdirSync(path.join(output, 'sboms')).find((sbom) =>
      new RegExp(`^pds-${name}-\\d`).test(sbom),
    )
    return readOutput(path.join('sboms', file ?? 'none'))
  }

  it('lists the runtime dependencies with versions, licences, hashes and purls, and nothing else', () => {
    const { components } = sbomOf('session-redis')
    const { version } = JSON.parse(
      readFileSync(path.join(repository, 'packages/core/node_modules/ky/package.json'), 'utf8'),
    )
    // No clients of Redis: they are peers.
    expect(components.map(({ name }: { name: string }) => name)).toEqual(['core', 'session', 'types', 'ky'])
    expect(components.at(-1)).toMatchObject({
      version,
      purl: `pkg:npm/ky@${version}`,
      licenses: [{ license: { id: 'MIT' } }],
      externalReferences: [
        { hashes: [{ alg: 'SHA-512', content: expect.stringMatching(/^[0-9a-f]{128}$/) }] },
        {},
      ],
    })
  })

  it('has the hashes of the tarballs of the release, no time, and a serial number of its content', () => {
    const { serialNumber, metadata, components } = sbomOf('session-redis')
    for (const { group, hashes } of [metadata.component, ...components])
      if (group === '@pds') expect(hashes).toEqual([{ alg: 'SHA-512', content: expect.any(String) }])
    expect(metadata).not.toHaveProperty('timestamp')
    expect(serialNumber).not.toBe(sbomOf('session-sqlite').serialNumber)
  })
})

function readRoot() {
  return JSON.parse(readFileSync(path.join(repository, 'package.json'), 'utf8'))
}

function readOutput(file: string) {
  return JSON.parse(readFileSync(path.join(output, file), 'utf8'))
}
