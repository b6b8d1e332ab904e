import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { listTarball } from './list-tarball.ts'
import { publishedPackages } from './published-packages.ts'

interface SourceMap {
  readonly file: string
  readonly sourceRoot?: string
  readonly sources: readonly string[]
}

describe.each(publishedPackages())('the source maps of $name', ({ installed, tarball }) => {
  const files = listTarball(tarball)
  const maps = files.filter((file) => file.endsWith('.map'))
  const readMap = (file: string): SourceMap => JSON.parse(readFileSync(path.join(installed, file), 'utf8'))

  it('are each named by the file that they map, and each such file names one', () => {
    const mapped = files.filter((file) => /^dist\/.*\.(d\.ts|js)$/.test(file))
    expect(mapped).not.toEqual([])
    const named = mapped.map((file) => {
      const text = readFileSync(path.join(installed, file), 'utf8')
      const [, address = 'none'] = /\n\/\/# sourceMappingURL=(\S+)\s*$/.exec(text) ?? []
      return path.posix.join(path.posix.dirname(file), address)
    })
    expect(named.sort()).toEqual(maps)
    expect(maps.map((map) => readMap(map).file)).toEqual(maps.map((map) => path.posix.basename(map, '.map')))
  })

  it('name no source outside of the tarball, and none that is not in it', () => {
    const missing = maps.flatMap((map) => {
      const { sourceRoot = '', sources } = readMap(map)
      expect(sources, map).not.toEqual([])
      return sources
        .map((source) => path.posix.join(path.posix.dirname(map), sourceRoot, source))
        .filter((source) => !files.includes(source) || !existsSync(path.join(installed, source)))
        .map((source) => `${map}: ${source}`)
    })
    expect(missing).toEqual([])
  })
})
