import { sqliteStore } from '@pds/session-sqlite'
import { verify } from './verify.mjs'

/** Opens a new file while another connection, which is just making it, has its lock. */
export async function run({ path }) {
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
  const other = new DatabaseSync(path)
  other.exec('PRAGMA journal_mode = WAL; BEGIN IMMEDIATE')
  const store = sqliteStore({ path })
  // The file is opened at once, before this gives a promise.
  const reading = store.read('a session')
  other.exec('COMMIT')
  verify('what is stored', (await reading) ?? null, null)
  store.close()
  other.close()
  return true
}
