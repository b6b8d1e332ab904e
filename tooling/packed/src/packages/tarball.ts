import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'

/** Returns the files of a tarball, sorted, without the folder `package` that npm puts around them. */
export function listTarball(file: string): string[] {
  return execFileSync('tar', ['-tzf', file], { encoding: 'utf8' })
    .trimEnd()
    .split('\n')
    .map((name) => name.replace(/^package\//, ''))
    .sort()
}

/** Extracts the files of a tarball into `folder`, without the folder `package`. */
export function extractTarball(file: string, folder: string): void {
  mkdirSync(folder, { recursive: true })
  execFileSync('tar', ['-xzf', file, '--strip-components', '1', '-C', folder])
}

/** Returns the manifest in a tarball. */
export function readManifest(file: string): Readonly<Record<string, unknown>> {
  return JSON.parse(execFileSync('tar', ['-xzOf', file, 'package/package.json'], { encoding: 'utf8' }))
}
