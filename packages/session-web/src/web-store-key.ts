import { checkOptions, PDSError, textOption } from '@pds/core/internal'
import { defaultName, storageDenied } from './backend.ts'
import { fallbackBackend } from './fallback-backend.ts'
import { indexedDbBackend } from './indexed-db-backend.ts'
import { storeError } from './store-error.ts'

/** The options of `webStoreKey`. */
export interface WebStoreKeyOptions {
  /** The name of the store for which the key is used. Default: `pds-sessions`. */
  name?: string | undefined
}

/**
 * Returns the encryption key of an origin, for `encryptedStore`: a non-extractable AES-GCM key with 256 bits. The first
 * call in any tab creates the key and stores it in the database of the store.
 *
 * If the browser denies all storage, each call returns a new key, because each store then keeps its sessions in memory.
 *
 * Rejects with a `PDSError` with code
 * - `InvalidParameter` for an unknown or invalid option;
 * - `UnsupportedEnvironment` if the page has no secure context (HTTPS), or has only `localStorage`, which cannot store a
 *   `CryptoKey`.
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
    backend.use<CryptoKey, CryptoKey | undefined>('keys', 'AES-GCM', (row, write) => {
      // The key of the first tab wins.
      if (row || !created) return row
      write(created)
      return created
    })
  try {
    // Two transactions, because a transaction ends while a key is being created.
    return (await storedKey()) ?? ((await storedKey(await createKey())) as CryptoKey)
  } catch (error) {
    if (error !== storageDenied) throw storeError(error, name)
  } finally {
    backend.close()
  }
  if (fallbackBackend(name).scope === 'process') return createKey()
  throw unsupported(
    'IndexedDB, which the browser denies: use the store without encryption or with your own key',
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
