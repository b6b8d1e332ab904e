import { checkOptions, PDSError } from '@pds/core/internal'
import { defaultName, nameOption, storageDenied } from './backend.ts'
import { fallbackBackend } from './fallback-backend.ts'
import { indexedDbBackend } from './indexed-db-backend.ts'
import { storeError } from './store-error.ts'

/** The options of `webStoreKey`. */
export interface WebStoreKeyOptions {
  /** The name of the store that the key is for. Default: `pds-sessions`. */
  name?: string | undefined
}

/**
 * Gives the key of an origin for `encryptedStore(webStore(), await webStoreKey())`: of AES-GCM with 256 bits, made by the
 * first tab that asks, kept in the database of the store, and not extractable.
 *
 * Where all storage is denied it is another one each time, as each store keeps what it has to itself then. Throws a
 * `PDSError` `InvalidParameter` for an option that is unknown or wrong. Rejects with a `PDSError`
 * `UnsupportedEnvironment` where a page is not secure (no HTTPS), or has `localStorage` alone, which keeps no keys; and
 * as the calls of the store where IndexedDB fails.
 */
export async function webStoreKey(options: WebStoreKeyOptions = {}): Promise<CryptoKey> {
  const { name = defaultName } = checkOptions('the options', '', options, { name: nameOption })
  if (!globalThis.crypto?.subtle) throw unsupported('a secure page: serve it over HTTPS')
  const place = indexedDbBackend(name)
  const keep = (made?: CryptoKey) =>
    place.use<CryptoKey, CryptoKey | undefined>('keys', 'AES-GCM', (row, write) => {
      // That of the tab that was first.
      if (row || !made) return row
      write(made)
      return made
    })
  try {
    // In two steps: a transaction does not wait for a key to be made.
    return (await keep()) ?? ((await keep(await makeKey())) as CryptoKey)
  } catch (error) {
    if (error !== storageDenied) throw storeError(error, name)
  } finally {
    place.close()
  }
  if (fallbackBackend(name).scope === 'process') return makeKey()
  throw unsupported(
    'IndexedDB, which is denied here: use the store without encryption, or with a key of your own',
  )
}

function makeKey(): Promise<CryptoKey> {
  return crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
}

function unsupported(need: string): PDSError {
  return new PDSError(`webStoreKey needs ${need}`, { code: 'UnsupportedEnvironment', outcome: 'not-sent' })
}
