import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, inject, it } from 'vitest'
import { publishedPackages } from '../packages/published-packages.ts'
import { runNode } from '../packages/run-node.ts'
import { listTarball } from '../packages/tarball.ts'

interface SourceMap {
  readonly file: string
  readonly sourceRoot?: string
  readonly sources: readonly string[]
}

describe.each(publishedPackages())('the source maps of $name', ({ installed, tarball }) => {
  const files = listTarball(tarball)
  const maps = files.filter((file) => file.endsWith('.map'))
  const readMap = (file: string): SourceMap => JSON.parse(readFileSync(path.join(installed, file), 'utf8'))

  it('correspond to the built files: each built file names its source map', () => {
    const read = (file: string) => readFileSync(path.join(installed, file), 'utf8')
    const built = files.filter((file) => /^dist\/.*\.(d\.ts|js)$/.test(file))
    // Files without code and files that only re-export have nothing to map.
    const mapped = built.filter((file) => !/^(export \{[^}]*\} from "[^"]*";\s*)*$/.test(read(file)))
    expect(mapped).not.toEqual([])
    const named = mapped.map((file) => {
      const text = read(file)
      const [, address = 'none'] = /\n\/\/# sourceMappingURL=(\S+)\s*$/.exec(text) ?? []
      return path.posix.join(path.posix.dirname(file), address)
    })
    expect(named.sort()).toEqual(maps)
    expect(maps.map((map) => readMap(map).file)).toEqual(maps.map((map) => path.posix.basename(map, '.map')))
  })

  it('name only sources that the tarball contains', () => {
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

it('a stack trace names the line of the source', async () => {
  const script = `
    import { createTransport } from '@pds/core'
    try { createTransport({ api_endpoint: 'nowhere' }) } catch ({ stack }) { console.log(stack) }`
  const flags = ['--enable-source-maps', '--input-type=module', '--eval', script]
  const { stdout, stderr } = await runNode(flags, { cwd: inject('packed').installed })
  const [, file = stderr, line] =
    /\((\S+\/@pds\/core\/src\/errors\/[\w-]+\.ts):(\d+):\d+\)/.exec(stdout) ?? []
  expect(readFileSync(file, 'utf8').split('\n')[Number(line) - 1]).toContain('new PDSError(')
})
