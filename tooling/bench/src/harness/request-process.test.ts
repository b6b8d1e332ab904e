import { expect, it, onTestFinished } from 'vitest'
import { startProcess } from './request-process.ts'

const file = new URL('request-process.test-helper.ts', import.meta.url)

function start() {
  const started = startProcess<{ value: number }, { doubled: number; flags: string[] }>(file, ['--expose-gc'])
  onTestFinished(() => started.end())
  return started
}

it('gives the answers of a process that was started with flags', async () => {
  const { ask } = start()
  expect(await ask({ value: 1 })).toMatchObject({
    doubled: 2,
    flags: expect.arrayContaining(['--expose-gc']),
  })
  expect(await ask({ value: 2 })).toMatchObject({ doubled: 4 })
})

it('rejects where an order fails, and goes on', async () => {
  const { ask } = start()
  await expect(ask({ value: -1 })).rejects.toThrow('negative')
  expect(await ask({ value: 3 })).toMatchObject({ doubled: 6 })
})

it('rejects where the process ends, and where it has ended', async () => {
  const { ask } = start()
  const message = 'asked-process.test-helper.ts ended with 7'
  await expect(ask({ value: 0 })).rejects.toThrow(message)
  await expect(ask({ value: 1 })).rejects.toThrow(message)
})
