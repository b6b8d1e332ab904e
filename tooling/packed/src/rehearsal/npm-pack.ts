import { execFile } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { tools } from '../packages/repository.ts'
import { listTarball, readManifest } from '../packages/tarball.ts'

const run = promisify(execFile)

// Only pnpm adds the licence of the repository.
const addedByPnpm = 'LICENSE'
// Only pnpm removes them and replaces `workspace:` ranges: see .pnpmfile.mjs.
const changedByPnpm = ['devDependencies', 'scripts', 'dependencies', 'peerDependencies', 'repository']

/**
 * Packs packages with npm into `destination`, and compares the tarballs with those that pnpm packed. Returns the
 * differences: none, except for those that are intended. `packages`: the folder of each package, and its tarball by pnpm.
 */
export async function compareWithNpm(
  packages: readonly { readonly folder: string; readonly tarball: string }[],
  destination: string,
): Promise<string[]> {
  mkdirSync(destination)
  const npm = [path.join(tools, 'npm/bin/npm-cli.js'), 'pack', '--silent', '--pack-destination', destination]
  const folders = packages.map(({ folder }) => folder)
  await run(process.execPath, [...npm, ...folders], { cwd: destination, maxBuffer: 2 ** 26 })
  return packages.flatMap(({ tarball }) => {
    const name = path.basename(tarball)
    const problems = differences(tarball, path.join(destination, name))
    return problems.map((problem) => `${name}: ${problem}`)
  })
}

function differences(packedByPnpm: string, packedByNpm: string): string[] {
  const [pnpmFiles, npmFiles] = [listTarball(packedByPnpm), listTarball(packedByNpm)]
  const onlyPnpm = pnpmFiles.filter((file) => !npmFiles.includes(file) && file !== addedByPnpm)
  const onlyNpm = npmFiles.filter((file) => !pnpmFiles.includes(file))
  const [pnpmFields, npmFields] = [readManifest(packedByPnpm), readManifest(packedByNpm)]
  const fields = new Set(Object.keys({ ...pnpmFields, ...npmFields }))
  for (const field of changedByPnpm) fields.delete(field)
  const isDifferent = (field: string) =>
    JSON.stringify(pnpmFields[field]) !== JSON.stringify(npmFields[field])
  return [
    ...onlyPnpm.map((file) => `only pnpm packs ${file}`),
    ...onlyNpm.map((file) => `only npm packs ${file}`),
    ...[...fields].filter(isDifferent).map((field) => `package.json has another ${field}`),
  ]
}
