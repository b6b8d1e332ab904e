import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { hangTime } from 'vitest-config/time'

it('10 000 closed sessions leak no memory and no timers and do not keep the process running', async () => {
  const flags = ['--expose-gc', '--unhandled-rejections=strict']
  if (process.features.typescript === false) flags.push('--experimental-strip-types', '--no-warnings')
  const script = path.join(import.meta.dirname, 'sessions', 'many-sessions.ts')
  // The process must exit without help. Otherwise the timeout kills it and the test fails.
  const run = promisify(execFile)(process.execPath, [...flags, script], { timeout: hangTime })
  const { stdout, stderr } = await run
  expect(stderr).toBe('')
  const { growth, timers } = JSON.parse(stdout)
  expect(timers).toEqual([])
  expect(growth).toBeLessThan(5_000_000)
})
