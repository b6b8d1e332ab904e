import { checkOptions, PDSError, textOption } from '@pds/core/internal'
import { defaultName, storageDenied } from './backend.ts'
import { findLocalStorage } from './backends.ts'
import { indexedDbBackend } from './indexed-db-backend.ts'
import { errorName, storeError } from './store-error.ts'

/** The options of `webStoreKey`. */
export interface WebStoreKeyOptions {
  /** The name of the store for which the key is used. Default: `pds-sessions`. */
  name?: string | undefined
}

/**
 * Returns the encryption key of an origin, for `encryptedStore`: a non-extractable AES-GCM key with 256 bits. The first
 * call in any tab creates the key and stores it in the database of the store. A damaged key is replaced.
 *
 * If the browser denies all storage, each call returns a new key, because each store then keeps its sessions in memory.
 *
 * Rejects with a `PDSError` with code
 * - `InvalidParameter` for an unknown or invalid option;
 * - `UnsupportedEnvironment` if the page has no secure context (HTTPS), or has no storage that can store a `CryptoKey`:
 *   only `localStorage`, or the IndexedDB of some private windows.
 *
 * If IndexedDB fails, it rejects with the same errors as the calls of the store.
 *
 * @example
 * ```ts
 * import { encryptedStore } from '@pds/session'
 * import { webStore, webStoreKey } from '@pds/session-web'
 *
 * const store = encryptedStore(webStore(), await webStoreKey())
 * ```
 */
export async function webStoreKey(options: WebStoreKeyOptions = {}): Promise<CryptoKey> {
  const { name = defaultName } = checkOptions('webStoreKey', options, { name: textOption })
  if (!globalThis.crypto?.subtle) throw unsupported('a secure context: serve the page over HTTPS')
  const backend = indexedDbBackend(name)
  const storedKey = (created?: CryptoKey) =>
    backend.use(['keys'], 'AES-GCM', ({ keys }, write) => {
      // The key of the first tab wins.
      if (keys instanceof CryptoKey) return keys
      if (created) write('keys', created)
      return undefined
    })
  try {
    // Several transactions, because a transaction ends while a key is being created. The last one shows whether the browser
    // can read the key: some store null instead.
    const key = (await storedKey()) ?? (await storedKey(await createKey())) ?? (await storedKey())
    if (key) return key
  } catch (error) {
    if (error === storageDenied) {
      if (!findLocalStorage()) return createKey()
    } else if (errorName(error) !== 'DataCloneError') throw storeError(error, name)
  } finally {
    backend.close()
  }
  throw unsupported(
    'IndexedDB that can store a CryptoKey, which this browser or private window denies: use the store without encryption or with your own key',
  )
}

function createKey(): Promise<CryptoKey> {
  return crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
}

function unsupported(requirement: string): PDSError {
  return new PDSError(`webStoreKey requires ${requirement}`, {
    code: 'UnsupportedEnvironment',
    outcome: 'not-sent',
  })
}
