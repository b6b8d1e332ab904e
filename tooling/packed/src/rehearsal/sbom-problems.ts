import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { Spec, Validation } from '@cyclonedx/cyclonedx-library'
import { listTarball } from '../packages/tarball.ts'
import type { PackedRelease } from './pack-with-sboms.ts'

/** Checks that each tarball has an SBOM that the schema of CycloneDX 1.6 accepts, and that is not in the tarball. */
export async function sbomProblems({ packages, sboms }: PackedRelease): Promise<string[]> {
  const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6)
  const problems: string[] = []
  for (const { name, tarball } of packages) {
    const file = path.join(sboms, path.basename(tarball).replace(/\.tgz$/, '.cdx.json'))
    const invalid = existsSync(file) ? await validator.validate(readFileSync(file, 'utf8')) : 'no SBOM'
    if (invalid !== null) problems.push(`${name}: ${JSON.stringify(invalid)}`)
    if (listTarball(tarball).some((packed) => packed.endsWith('.cdx.json')))
      problems.push(`${name}: an SBOM is in the tarball`)
  }
  return problems
}
