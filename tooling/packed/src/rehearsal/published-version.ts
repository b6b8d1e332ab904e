import { execFile } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { repository, tools } from '../packages/repository.ts'
import { listTarball, readManifest } from '../packages/tarball.ts'

const run = promisify(execFile)
const pnpm = path.join(repository, 'node_modules/.bin/pnpm')

/** The last version of a package in a registry. */
export interface PublishedVersion {
  readonly version: string
  readonly files: readonly string[]
}

/**
 * Downloads the last version of a package into a new folder in `folder`. Returns undefined if the registry has none.
 * `registry`: the address of the registry, by default the one of npm's configuration.
 */
export async function lastPublished(
  name: string,
  folder: string,
  registry?: string,
): Promise<PublishedVersion | undefined> {
  const destination = mkdtempSync(path.join(folder, 'published-'))
  const options = { cwd: destination, maxBuffer: 2 ** 26 }
  if (registry !== undefined)
    writeFileSync(path.join(destination, '.npmrc'), `registry=${registry}\n@pds:registry=${registry}\n`)
  try {
    await run(pnpm, ['view', `${name}@latest`, 'version'], options)
  } catch (error) {
    if (/ERR_PNPM_FETCH_404/.test(String(Object(error).stderr))) return undefined
    throw error
  }
  const npm = [path.join(tools, 'npm/bin/npm-cli.js'), 'pack', '--silent', `${name}@latest`]
  const { stdout } = await run(process.execPath, [...npm, '--min-release-age=0'], options)
  const tarball = path.join(destination, stdout.trim())
  return { version: String(readManifest(tarball).version), files: listTarball(tarball) }
}
