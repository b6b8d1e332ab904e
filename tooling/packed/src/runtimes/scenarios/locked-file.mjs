import { sqliteStore } from '@pds/session-sqlite'
import { verify } from './verify.mjs'

/** Opens a new file while another connection, which creates it, holds its lock. */
export async function run({ path }) {
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
  const other = new DatabaseSync(path)
  other.exec('PRAGMA journal_mode = WAL; BEGIN IMMEDIATE')
  const store = sqliteStore({ path })
  // read() opens the file synchronously, before it returns a promise.
  const reading = store.read('a session')
  other.exec('COMMIT')
  verify('the stored record', (await reading) ?? null, null)
  store.close()
  other.close()
  return true
}
