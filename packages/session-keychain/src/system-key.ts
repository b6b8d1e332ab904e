import { storeFailed } from './file-error.ts'
import { createKey, decodeKey, encodeKey, type Key } from './key-bytes.ts'
import { createKeyFile, readKeyFile } from './key-file.ts'
import { keychainFailed, MissingKeychainError, openKeychainEntry } from './keychain-entry.ts'

/** A key and its place. */
export interface SystemKeyRequest {
  /** The name of the service in the keychain. */
  name: string
  /** The path of the key file. */
  path: string
  fallback: 'file' | 'none'
  onFallback: (fallback: { path: string; reason: Error }) => void
}

/**
 * Returns the key from its place, and creates it in the first process that asks.
 *
 * The key file decides the place for all processes. Without it, a process that finds no keychain, for example over SSH,
 * would create a second key.
 */
export async function systemKey(request: SystemKeyRequest): Promise<Key> {
  const find = () => findKey(request)
  // The user may have deleted the entry in the keychain, so the file alone does not say that there is a key.
  const key = await find()
  if (key) return key
  // Late, because most processes only read the key.
  const { withFileLock } = await import('./file-lock.ts')
  return withFileLock(`${request.path}.lock`, async () => (await find()) ?? createSystemKey(request))
}

/** Returns the key from its place, or undefined if no process has created it. */
async function findKey({ name, path, fallback }: SystemKeyRequest): Promise<Key | undefined> {
  const stored = readKeyFile(path)
  if (stored === undefined) return undefined
  if (stored.place === 'safeStorage') {
    throw storeFailed(`${path} contains a key that safeStorage of Electron encrypted: use another path`)
  }
  if (stored.place === 'file') {
    if (fallback === 'file') return decodeKey(stored.key)
    throw keychainFailed(
      `the key is in the file ${path}, which fallback: 'none' does not allow: pass fallback: 'file', or delete the file, after which users must sign in again`,
    )
  }
  try {
    return await (await openKeychainEntry(name)).read()
  } catch (error) {
    throw notMissing(error, path)
  }
}

async function createSystemKey(request: SystemKeyRequest): Promise<Key> {
  const { name, path, fallback } = request
  try {
    const entry = await openKeychainEntry(name)
    // There is an entry without a file if the file was deleted, or a process was killed before it wrote the file.
    const key = (await entry.read()) ?? (await entry.create())
    createKeyFile(path, { place: 'keychain' })
    return key
  } catch (error) {
    if (!(error instanceof MissingKeychainError)) throw error
    if (readKeyFile(path)) throw notMissing(error, path)
    if (fallback === 'file') return createKeyInFile(request, error)
    throw keychainFailed(
      `this machine has no keychain (${error.message}): start one, or pass fallback: 'file' to keep the key in a file`,
    )
  }
}

async function createKeyInFile(request: SystemKeyRequest, reason: Error): Promise<Key> {
  const { path, onFallback } = request
  const key = createKey()
  if (createKeyFile(path, { place: 'file', key: encodeKey(key) })) {
    onFallback({ path, reason })
    return key
  }
  // A process without a lock was first.
  const other = await findKey(request)
  if (other) return other
  throw storeFailed(`${path} was created and deleted by another process at the same time: retry`)
}

/** Another key could not decrypt the stored sessions, so a process without the keychain gets none. */
function notMissing(error: unknown, path: string): unknown {
  if (!(error instanceof MissingKeychainError)) return error
  return keychainFailed(
    `the key is in the keychain, but this process finds no keychain (${error.message}): run it in the session of the user, or delete ${path}, after which users must sign in again`,
  )
}
