import { execFileSync } from 'node:child_process'

/** The files of a tarball, sorted, without the folder `package` that npm puts around them. */
export function listTarball(file: string): string[] {
  return execFileSync('tar', ['-tzf', file], { encoding: 'utf8' })
    .trimEnd()
    .split('\n')
    .map((name) => name.replace(/^package\//, ''))
    .sort()
}
