import { once } from 'node:events'
import { chmodSync, existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { startProcesses } from 'shared/start-processes'
import { expect, it } from 'vitest'
import { startProcess } from './start-process.test-helper.ts'
import { openStore, temporaryFile } from './temporary.test-helper.ts'

/** Starts several processes, then runs a job in all of them at the same time. Returns their results. */
async function runTogether(count: number, job: string, file: string): Promise<unknown[]> {
  const children = await startProcesses(count, () => startProcess(job, file))
  const ends = children.map(async (child) => {
    const [[result], [code]] = await Promise.all([once(child, 'message'), once(child, 'exit')])
    expect(code).toBe(0)
    return result
  })
  for (const child of children) child.send('go')
  return Promise.all(ends)
}

it('loses no write of 8 processes that start with a new file', async () => {
  const file = temporaryFile()
  expect(await runTogether(8, 'count', file)).toEqual(Array(8).fill(50))
  expect(await openStore(file).read('counter')).toEqual({ epoch: 0, data: '400', rev: 400 })
  // No draft of the file remains.
  expect(readdirSync(path.dirname(file)).sort()).toEqual([
    'sessions.db',
    'sessions.db-shm',
    'sessions.db-wal',
  ])
})

it('grants the lease to one of 8 processes that start with a new file', async () => {
  const leases = await runTogether(8, 'lease', temporaryFile())
  expect(leases.filter((lease) => lease !== null)).toHaveLength(1)
})

it('keeps a write of a process that was killed', async () => {
  const file = temporaryFile()
  const child = await startProcess('write', file)
  child.send('go')
  expect(await once(child, 'message')).toEqual([true, undefined])
  child.kill('SIGKILL')
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL'])
  expect(await openStore(file).read('key')).toEqual({ epoch: 0, data: 'written', rev: 1 })
})

it('names a folder that the process may not write', async () => {
  const file = temporaryFile()
  chmodSync(path.dirname(file), 0o555)
  const [error] = await runTogether(1, 'forbidden', file)
  expect(error).toMatchObject({
    message: `EACCES (${file}): this process needs write permission on the file and its folder`,
    shown: expect.not.stringMatching(/secret (key|data)/),
  })
  expect(existsSync(file)).toBe(false)
})

it.each([
  ['write', 0o444, /^SQLite: attempt to write a readonly database, code \d+ /],
  ['read', 0o000, /^SQLite: unable to open database file, code 14 /],
])('names a file that the process may not %s', async (_case, mode, message) => {
  const file = temporaryFile()
  const store = openStore(file)
  await store.compareAndSet('key', { epoch: 0, data: 'kept' }, 0)
  store.close()
  chmodSync(path.dirname(file), 0o755)
  chmodSync(file, mode)
  const [error] = await runTogether(1, 'forbidden', file)
  expect(error).toMatchObject({
    message: expect.stringMatching(message),
    shown: expect.not.stringMatching(/secret (key|data)/),
  })
  expect(error).toMatchObject({
    message: expect.stringContaining(`(${file}): this process needs `),
  })
  chmodSync(file, 0o600)
  expect(await openStore(file).read('secret key')).toBeUndefined()
})
