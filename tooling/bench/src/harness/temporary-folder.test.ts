import { existsSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { startProcess } from './request-process.ts'

const file = new URL('temporary-folder.test-helper.ts', import.meta.url)

it.each(['error', 'SIGINT', 'SIGTERM', undefined] as const)(
  'removes all temporary files after %s',
  async (cause) => {
    const { request, end } = startProcess<{ end?: string }, string>(file)
    const folder = await request({})
    expect(path.basename(path.dirname(folder))).toMatch(/^pds-bench-/)
    expect(existsSync(folder)).toBe(true)
    if (cause) {
      await request({ end: cause }).catch(() => undefined)
      // Rejects only if the process has exited already: a signal takes a moment.
      await end().catch(() => undefined)
    } else {
      await end()
    }
    expect(existsSync(path.dirname(folder))).toBe(false)
  },
)
