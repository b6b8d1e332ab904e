import { afterEach, expect, it, vi } from 'vitest'
import { openChannel } from './open-channel.ts'

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})

it.each([
  [undefined, []],
  ['', []],
  ['pds', ['a line']],
])(
  'prints nothing without NODE_DEBUG where every debuglog is enabled, as in workers: %j',
  (value, expected) => {
    const lines: string[] = []
    const debug = Object.assign((_format: string, line: string) => lines.push(line), { enabled: true })
    const { getBuiltinModule } = process
    vi.spyOn(process, 'getBuiltinModule').mockImplementation(((name: string) =>
      name === 'node:util' ? { debuglog: () => debug } : getBuiltinModule.call(process, name)) as never)
    vi.stubEnv('NODE_DEBUG', value)
    const channel = openChannel('pds:test', () => 'a line')
    expect(channel.isObserved).toBe(expected.length > 0)
    channel.publish(() => ({}))
    expect(lines).toEqual(expected)
  },
)
