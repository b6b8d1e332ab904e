import { randomBytes, randomUUID } from 'node:crypto'
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/**
 * STANDS IN FOR THE KEYCHAIN OF THE SYSTEM: it keeps the key in a file that only this user may read, and so protects
 * from who gets a copy of the database, and from nobody who reads this user's files. Put in its place what your platform
 * has: Keychain on macOS, DPAPI on Windows, Secret Service on Linux; in Electron its `safeStorage`.
 */
export function keyFromKeychain(folder: string): Uint8Array<ArrayBuffer> {
  const file = path.join(folder, 'stand-in-keychain')
  const draft = `${file}.${randomUUID()}`
  writeFileSync(draft, randomBytes(32), { mode: 0o600 })
  try {
    // The first one of several processes makes the key, as a whole.
    linkSync(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(draft)
  }
  return new Uint8Array(readFileSync(file))
}
