import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { withFileLock } from './file-lock.ts'
import { failure, temporaryFile } from './temporary.test-helper.ts'

describe('withFileLock', () => {
  it('runs one function at a time', async () => {
    const file = temporaryFile()
    const events: string[] = []
    const run = (name: string) =>
      withFileLock(file, async () => {
        events.push(`${name} starts`)
        await new Promise(setImmediate)
        events.push(`${name} ends`)
        return name
      })
    const names = ['a', 'b', 'c', 'd']
    expect(await Promise.all(names.map(run))).toEqual(names)
    expect(events).toHaveLength(8)
    for (let index = 0; index < events.length; index += 2) {
      expect(events[index + 1]).toBe(events[index]?.replace('starts', 'ends'))
    }
  })

  it('rejects if the lock is not released in time', async () => {
    const file = temporaryFile()
    await withFileLock(file, async () => {
      const error = await failure(withFileLock(file, async () => expect.fail(), 0))
      expect(error.code).toBe('KeychainFailed')
      expect(error.message).toContain(`another process has kept the lock ${file} for 0 seconds`)
    })
    expect(await withFileLock(file, async () => 'free', 0)).toBe('free')
  })

  it('releases the lock if the function throws', async () => {
    const file = temporaryFile()
    const error = new Error('the function failed')
    await expect(withFileLock(file, () => Promise.reject(error))).rejects.toBe(error)
    expect(await withFileLock(file, async () => 'free', 0)).toBe('free')
  })

  it('rejects a lock file with other content, and does not change it', async () => {
    const file = temporaryFile()
    mkdirSync(path.dirname(file))
    writeFileSync(file, 'no database '.repeat(1000))
    const error = await failure(withFileLock(file, async () => expect.fail()))
    expect(error.code).toBe('StoreFailed')
    expect(error.message).toContain(
      `SQLite cannot lock ${file} (file is not a database, code 26): delete the file`,
    )
    expect(readFileSync(file, 'utf8')).toMatch(/^no database/)
  })

  it('rejects a lock file below another file', async () => {
    const file = temporaryFile()
    writeFileSync(path.dirname(file), '')
    const error = await failure(withFileLock(file, async () => expect.fail()))
    expect(error.code).toBe('StoreFailed')
    expect(error.message).toContain(file)
  })

  it('runs the function without a lock if the runtime has no SQLite', async () => {
    const builtin = vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never)
    try {
      expect(await withFileLock('/missing/folder/lock', async () => 'done')).toBe('done')
    } finally {
      builtin.mockRestore()
    }
  })
})
