import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { hangTime } from 'shared/time'
import { expect, it } from 'vitest'

it('10 000 sessions that are opened, used and closed leave no timer, no heap and no process', async () => {
  const flags = ['--expose-gc', '--unhandled-rejections=strict']
  if (process.features.typescript === false) flags.push('--experimental-strip-types', '--no-warnings')
  const script = path.join(import.meta.dirname, 'sessions', 'many-sessions.ts')
  // It ends by itself, or it is killed and fails.
  const run = promisify(execFile)(process.execPath, [...flags, script], { timeout: hangTime })
  const { stdout, stderr } = await run
  expect(stderr).toBe('')
  const { growth, timers } = JSON.parse(stdout)
  expect(timers).toEqual([])
  expect(growth).toBeLessThan(5_000_000)
})
