import { checkOptions, PDSError, textOption } from '@pds/core/internal'
import { defaultName } from './backend.ts'
import { findLocalStorage, hasIndexedDB } from './backends.ts'
import { indexedDbBackend } from './indexed-db-backend.ts'
import { errorName, isStorageDenied, storeError } from './store-error.ts'

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
  if (!globalThis.crypto?.subtle) throw missing('WebCrypto: serve the page over HTTPS')
  // First, because a transaction ends while a key is being created.
  const created = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, [
    'encrypt',
    'decrypt',
  ])
  const backend = indexedDbBackend(name)
  // No session has an empty key.
  const storedKey = () =>
    backend.use('', (row, save) => {
      // The key of the first tab wins.
      if (row.record instanceof CryptoKey) return row.record
      row.record = created
      save()
      return undefined
    })
  try {
    // The second call shows whether the browser can read the key: some store null instead.
    const key = (await storedKey()) ?? (await storedKey())
    if (key) return key
  } catch (error) {
    if (!hasIndexedDB() || (await isStorageDenied(error))) {
      if (!findLocalStorage()) return created
    } else if (errorName(error) !== 'DataCloneError') throw storeError(error, name)
  } finally {
    backend.close()
  }
  throw missing('IndexedDB that can store a CryptoKey: use your own key, or the store without encryption')
}

function missing(feature: string): PDSError {
  return new PDSError(`webStoreKey needs ${feature}`, {
    code: 'UnsupportedEnvironment',
    outcome: 'not-sent',
  })
}
