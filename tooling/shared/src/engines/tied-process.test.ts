import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { expect, it } from 'vitest'
import { startTied } from './tied-process.ts'

it.skipIf(process.platform === 'win32')('ends a program with all that it has started', async () => {
  // Both processes keep descriptor 3 open until they end.
  const script = 'sleep 1000 & echo $! >&3; wait'
  const tied = startTied('sh', ['-c', script], { more: ['pipe'] })
  const output = tied.child.stdio[3] as Readable
  const [pid] = await once(output, 'data')
  expect(Number(pid)).toBeGreaterThan(0)
  const closed = once(output, 'end')
  output.resume()
  await tied.end()
  await closed
})
