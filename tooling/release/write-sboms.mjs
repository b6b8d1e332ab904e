// Writes an SBOM for each package, in CycloneDX 1.6: node tooling/release/write-sboms.mjs <tarballs> <destination>. The
// SBOM lists the locked runtime dependencies. Peer dependencies are not in it, because the application chooses them.
//
// pnpm writes a random serial number, the time, and components in random order. Here the same release gets the same bytes.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const [tarballs, destination] = process.argv.slice(2).map((folder) => path.resolve(folder))
const format = ['--sbom-format', 'cyclonedx', '--sbom-spec-version', '1.6']
const out = path.join(destination, '%s-%v.cdx.json')
execFileSync(
  'pnpm',
  ['--filter', './packages/*', 'sbom', ...format, '--prod', '--exclude-peers', '--split', '--out', out],
  { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] },
)

for (const name of readdirSync(destination)) {
  const file = path.join(destination, name)
  const { serialNumber: _, metadata, components = [], dependencies = [], ...sbom } = JSON.parse(read(file))
  const { timestamp: __, component, ...origin } = metadata
  const content = {
    ...sbom,
    metadata: { ...origin, component: withHash(component) },
    components: sortedBy('bom-ref', components.map(withHash)),
    dependencies: sortedBy(
      'ref',
      dependencies.map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.sort() })),
    ),
  }
  writeFileSync(file, `${JSON.stringify({ ...content, serialNumber: serialNumberOf(content) }, null, 2)}\n`)
}

/** Adds the hash of its tarball to a package of this release. The lockfile has the hashes of all other packages. */
function withHash(component) {
  const { group = '', name, version } = component
  const tarball = path.join(tarballs, `${group.slice(1)}-${name}-${version}.tgz`)
  if (group !== '@pds' || !existsSync(tarball)) return component
  const content = createHash('sha512').update(readFileSync(tarball)).digest('hex')
  return { ...component, hashes: [{ alg: 'SHA-512', content }] }
}

function sortedBy(key, objects) {
  return objects.sort((a, b) => (a[key] < b[key] ? -1 : 1))
}

/** Returns a UUID of version 8 (RFC 9562) from the content. */
function serialNumberOf(content) {
  const hash = createHash('sha256').update(JSON.stringify(content)).digest('hex')
  const [, a, b, c, d, e] = /^(.{8})(.{4}).(.{3}).(.{3})(.{12})/.exec(hash)
  return `urn:uuid:${a}-${b}-8${c}-8${d}-${e}`
}

function read(file) {
  return readFileSync(file, 'utf8')
}
