import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { publishedPackages } from '../packages/published-packages.ts'
import { repository } from '../packages/repository.ts'
import { listTarball } from '../packages/tarball.ts'

/*
 * The folder `files` lists the files of each tarball, except for the declarations of its sources. To update the
 * lists, run `npm run test:packed -- src/tarballs/files --update`.
 */
const packages = publishedPackages()
const lists = path.join(import.meta.dirname, 'files')

describe.each(packages)('the tarball of $name', ({ name, folder, tarball, installed }) => {
  const files = listTarball(tarball)
  const isDeclaration = (file: string) => /^dist\/.*\.d\.ts(\.map)?$/.test(file)

  it('contains the files of its list', async () => {
    // The first release creates the changelogs; see the last test of the tarball.
    const listed = files.filter((file) => !isDeclaration(file) && file !== 'CHANGELOG.md')
    await expect(`${listed.join('\n')}\n`).toMatchFileSnapshot(path.join(lists, listOf(name)))
  })

  it('contains the declarations of each source, and no others', () => {
    const stems = files.flatMap((file) => /^src\/(.+)\.ts$/.exec(file)?.[1] ?? [])
    const built = stems.flatMap((stem) => ['.d.ts', '.d.ts.map'].map((ending) => `dist/${stem}${ending}`))
    expect(files.filter(isDeclaration)).toEqual(built.sort())
  })

  it('contains the licence, the README and the changelog of its package', () => {
    const read = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : undefined)
    expect({
      licence: read(path.join(installed, 'LICENSE')),
      readme: read(path.join(installed, 'README.md')),
      changelog: read(path.join(installed, 'CHANGELOG.md')),
    }).toEqual({
      licence: readFileSync(path.join(repository, 'LICENSE'), 'utf8'),
      readme: readFileSync(path.join(folder, 'README.md'), 'utf8'),
      changelog: read(path.join(folder, 'CHANGELOG.md')),
    })
  })
})

it('each package has a list, and each list has a package', () => {
  expect(readdirSync(lists).sort()).toEqual(packages.map(({ name }) => listOf(name)).sort())
})

function listOf(name: string): string {
  return `${name.replace('@pds/', '')}.txt`
}
