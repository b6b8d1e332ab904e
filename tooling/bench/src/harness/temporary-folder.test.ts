import { existsSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { startProcess } from './request-process.ts'

const file = new URL('temporary-folder.test-helper.ts', import.meta.url)

it.each(['error', 'SIGINT', 'SIGTERM', undefined] as const)('leaves nothing behind after %s', async (end) => {
  const { ask, end: letGo } = startProcess<{ end?: string }, string>(file)
  const folder = await ask({})
  expect(path.basename(path.dirname(folder))).toMatch(/^pds-bench-/)
  expect(existsSync(folder)).toBe(true)
  if (end) await ask({ end }).catch(() => undefined)
  await letGo()
  expect(existsSync(path.dirname(folder))).toBe(false)
})
