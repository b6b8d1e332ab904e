import { expect, it } from 'vitest'
import { prepareCalls } from './prepared-statements.ts'
import { connect, openStore, temporaryFile } from './temporary.test-helper.ts'

it('grants no lease if the commit fails', async () => {
  const file = temporaryFile()
  const store = openStore(file)
  await store.read('key')
  store.close()
  const [reader, writer] = [connect(file), connect(file)]
  // Without a write-ahead log, a reader blocks the commit of a writer, but not its statements before the commit.
  reader.exec('PRAGMA journal_mode = DELETE')
  const calls = prepareCalls(writer)
  reader.exec('BEGIN; SELECT * FROM leases')
  expect(() => calls.lease('key', 'one', 0, 100)).toThrow('database is locked')
  reader.exec('COMMIT')
  expect(calls.lease('key', 'other', 0, 100)).toBe(1)
})
