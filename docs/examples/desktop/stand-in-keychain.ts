import { randomBytes, randomUUID } from 'node:crypto'
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/**
 * PLACEHOLDER FOR THE SYSTEM KEYCHAIN: it keeps the key in a file that only this user may read. This protects a copy of
 * the database, but not against programs that read the files of this user. Replace it with Keychain on macOS, DPAPI on
 * Windows, Secret Service on Linux, or `safeStorage` in Electron.
 */
export function keyFromKeychain(folder: string): Uint8Array<ArrayBuffer> {
  const file = path.join(folder, 'stand-in-keychain')
  const draft = `${file}.${randomUUID()}`
  writeFileSync(draft, randomBytes(32), { mode: 0o600 })
  try {
    // If several processes start, the first one sets the key. A link makes the whole key visible at once.
    linkSync(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(draft)
  }
  return new Uint8Array(readFileSync(file))
}
