import { expect, it } from 'vitest'
import { startProcess } from './request-process.ts'

const file = new URL('request-process.test-helper.ts', import.meta.url)
const start = () =>
  startProcess<{ value: number }, { doubled: number; flags: string[] }>(file, ['--expose-gc'])

it('returns the responses of a process with the given flags', async () => {
  const { request, end } = start()
  expect(await request({ value: 1 })).toMatchObject({
    doubled: 2,
    flags: expect.arrayContaining(['--expose-gc']),
  })
  expect(await request({ value: 2 })).toMatchObject({ doubled: 4 })
  await end()
})

it('rejects when the handler throws, and handles the next request', async () => {
  const { request, end } = start()
  await expect(request({ value: -1 })).rejects.toThrow('negative')
  expect(await request({ value: 3 })).toMatchObject({ doubled: 6 })
  await end()
})

it('rejects every call when the process has ended unexpectedly', async () => {
  const { request, end } = start()
  const message = 'request-process.test-helper.ts ended unexpectedly with 7'
  await expect(request({ value: 0 })).rejects.toThrow(message)
  await expect(request({ value: 1 })).rejects.toThrow(message)
  await expect(end()).rejects.toThrow(message)
})
