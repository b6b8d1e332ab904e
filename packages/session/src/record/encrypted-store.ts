import { encodeText, invalidParameter, PDSError, toBase64 } from '@pds/core/internal'
import type { ICryptoKey } from '@pds/types'
import type { Store, StoredRecord } from './store.ts'

/**
 * A 256-bit key for AES-GCM: 32 bytes, or a `CryptoKey` with the usages `encrypt` and `decrypt`, which need not be
 * extractable.
 */
export type EncryptionKey = ICryptoKey | Uint8Array

const algorithmName = 'AES-GCM'
// In bytes: the length that NIST SP 800-38D recommends for a random IV.
const ivLength = 12

/**
 * Creates a store that encrypts the `data` of each record with AES-256-GCM before it reaches another store.
 *
 * The encryption is bound to the record's key and epoch, so a record cannot pass for one of another session or epoch.
 * The keys and epochs of the records, and the times of the writes, stay readable.
 *
 * With several encryption keys, the first one encrypts and all of them decrypt. To rotate a key, put the new key first
 * and remove the old key after each record was written again.
 *
 * If no key decrypts a record, the session reports a `PDSError` with code `DecryptionFailed` and leaves the record
 * unchanged until `setToken` or `signOut` replaces it.
 *
 * @throws PDSError with code `InvalidParameter` if an encryption key is missing or invalid.
 * @example
 * ```ts
 * import { encryptedStore, memoryStore } from '@pds/session'
 *
 * const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
 * export const store = encryptedStore(memoryStore(), key)
 * ```
 */
export function encryptedStore(store: Store, key: EncryptionKey | readonly EncryptionKey[]): Store {
  const keys = [key].flat().map(readKey)
  const [firstKey] = keys
  if (!firstKey) throw invalidParameter('encryptedStore: at least one key is required')

  async function decrypt(name: string, stored: StoredRecord | undefined): Promise<StoredRecord | undefined> {
    if (!stored || stored.error) return stored
    // The first part, v1, names the format for later versions.
    const [, iv = '', data = ''] = stored.data.split('.')
    for (const importKey of keys) {
      try {
        const parameters = createParameters(fromBase64(iv), name, stored.epoch)
        const bytes = await crypto.subtle.decrypt(parameters, await importKey(), fromBase64(data))
        return { ...stored, data: new TextDecoder().decode(bytes) }
      } catch {
        // Another key may decrypt it.
      }
    }
    const error = new PDSError(
      'the stored session cannot be decrypted with any of the keys: add the key that encrypted it, or sign in again',
      { code: 'DecryptionFailed', outcome: 'not-sent' },
    )
    return { ...stored, data: '', error }
  }

  return {
    // A getter, because the scope of a browser's store changes when the browser denies storage.
    get scope() {
      return store.scope
    },
    read: async (name) => decrypt(name, await store.read(name)),
    async compareAndSet(name, { epoch, data }, expectedRev, release) {
      const iv = crypto.getRandomValues(new Uint8Array(ivLength))
      const parameters = createParameters(iv, name, epoch)
      const encrypted = await crypto.subtle.encrypt(parameters, await firstKey(), encodeText(data))
      const record = { epoch, data: `v1.${toBase64(iv)}.${toBase64(encrypted)}` }
      return store.compareAndSet(name, record, expectedRev, release)
    },
    async lease(name, owner, ttl) {
      const lease = await store.lease(name, owner, ttl)
      return lease && { ...lease, record: await decrypt(name, lease.record) }
    },
    release: store.release.bind(store),
    watch: store.watch?.bind(store),
    isWatching: store.isWatching?.bind(store),
    isOwnerGone: store.isOwnerGone?.bind(store),
    list: store.list?.bind(store),
  } as Store
}

/** The record's key and epoch are authenticated: the data of one session or epoch does not decrypt under another. */
function createParameters(iv: Uint8Array<ArrayBuffer>, name: string, epoch: number): AesGcmParams {
  return { name: algorithmName, iv, additionalData: encodeText(JSON.stringify([name, epoch])) }
}

/** Checks a key, and returns a function that imports it. */
function readKey(key: EncryptionKey): () => Promise<CryptoKey> {
  const { [Symbol.toStringTag]: kind, length, algorithm, usages } = Object(key)
  if (kind === 'Uint8Array' && length === 32) {
    // A copy, because the caller may clear or change the bytes afterwards.
    const bytes = new Uint8Array(key as Uint8Array)
    return () => crypto.subtle.importKey('raw', bytes, algorithmName, false, ['encrypt', 'decrypt'])
  }
  if (kind === 'CryptoKey' && algorithm.name === algorithmName && algorithm.length === 256) {
    if (usages.includes('encrypt') && usages.includes('decrypt')) return async () => key as CryptoKey
  }
  throw invalidParameter(
    'encryptedStore: a key must be a Uint8Array of 32 random bytes, or a CryptoKey for AES-GCM with 256 bits that can encrypt and decrypt',
  )
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0))
}
