import { invalidParameter, PDSError } from '@pds/core/internal'
import type { ICryptoKey } from '@pds/types'
import type { Store, StoredRecord } from './store.ts'

/**
 * A 256-bit key for AES-GCM: 32 bytes, or a `CryptoKey` with the usages `encrypt` and `decrypt`, which need not be
 * extractable.
 */
export type EncryptionKey = ICryptoKey | Uint8Array

const algorithm = 'AES-GCM'
// In bytes: the length that NIST SP 800-38D recommends for a random IV.
const ivLength = 12
const version = 'v1.'

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
  const givenKeys = Array.isArray(key) ? (key as readonly EncryptionKey[]) : [key as EncryptionKey]
  if (givenKeys.length === 0) throw invalidParameter('encryptedStore: at least one key is required')
  // Copies, because the caller may clear or change the bytes afterwards.
  const copies = givenKeys.map(checkKey)
  let imported: Promise<CryptoKey[]> | undefined
  const keys = () => {
    imported ??= Promise.all(copies.map(importKey)).catch((error) => {
      imported = undefined
      throw error
    })
    return imported
  }

  async function decryptRecord(
    name: string,
    stored: StoredRecord | undefined,
  ): Promise<StoredRecord | undefined> {
    if (!stored || stored.error) return stored
    const data = await decrypt(await keys(), name, stored.epoch, stored.data)
    return data === undefined ? { ...stored, data: '', error: decryptionFailed() } : { ...stored, data }
  }

  return {
    // A getter, because the scope of a browser's store changes when the browser denies storage.
    get scope() {
      return store.scope
    },
    async read(name) {
      return decryptRecord(name, await store.read(name))
    },
    async compareAndSet(name, { epoch, data }, expectedRev, release) {
      const [first] = await keys()
      const encrypted = { epoch, data: await encrypt(first as CryptoKey, name, epoch, data) }
      return store.compareAndSet(name, encrypted, expectedRev, release)
    },
    async lease(name, owner, ttl) {
      const lease = await store.lease(name, owner, ttl)
      return lease && { ...lease, record: await decryptRecord(name, lease.record) }
    },
    release: (name, owner, fence) => store.release(name, owner, fence),
    ...(store.watch && {
      watch: (name: string, changed: () => void) => store.watch?.(name, changed) ?? (() => undefined),
    }),
    ...(store.isWatching && { isWatching: (name: string) => store.isWatching?.(name) ?? false }),
    ...(store.isOwnerGone && { isOwnerGone: async (owner: string) => store.isOwnerGone?.(owner) ?? false }),
  }
}

async function encrypt(key: CryptoKey, name: string, epoch: number, data: string): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(ivLength))
  const bytes = new TextEncoder().encode(data)
  const encrypted = new Uint8Array(await crypto.subtle.encrypt(parameters(iv, name, epoch), key, bytes))
  return `${version}${toBase64(iv)}.${toBase64(encrypted)}`
}

async function decrypt(
  keys: readonly CryptoKey[],
  name: string,
  epoch: number,
  data: string,
): Promise<string | undefined> {
  const [, iv, encrypted] = /^v1\.([\w+/=]+)\.([\w+/=]+)$/.exec(data) ?? []
  for (const key of iv === undefined || encrypted === undefined ? [] : keys) {
    try {
      const bytes = fromBase64(encrypted as string)
      const decrypted = await crypto.subtle.decrypt(
        parameters(fromBase64(iv as string), name, epoch),
        key,
        bytes,
      )
      return new TextDecoder().decode(decrypted)
    } catch {
      // Another key may decrypt it.
    }
  }
  return undefined
}

function decryptionFailed(): PDSError {
  return new PDSError(
    'the stored session cannot be decrypted with any of the keys: add the key that encrypted it, or sign in again',
    { code: 'DecryptionFailed', outcome: 'not-sent' },
  )
}

/** The record's key and epoch are authenticated: the data of one session or epoch does not decrypt under another. */
function parameters(iv: Uint8Array<ArrayBuffer>, name: string, epoch: number): AesGcmParams {
  return { name: algorithm, iv, additionalData: new TextEncoder().encode(JSON.stringify([name, epoch])) }
}

function checkKey(key: EncryptionKey): EncryptionKey {
  const kind = Object.prototype.toString.call(key)
  if (kind === '[object Uint8Array]' && (key as Uint8Array).length === 32)
    return new Uint8Array(key as Uint8Array)
  if (kind === '[object CryptoKey]') {
    const { algorithm: of, usages } = key as CryptoKey
    const isUsable = usages.includes('encrypt') && usages.includes('decrypt')
    if (of.name === algorithm && (of as AesKeyAlgorithm).length === 256 && isUsable) return key
  }
  throw invalidParameter(
    'encryptedStore: a key must be a Uint8Array of 32 random bytes, or a CryptoKey for AES-GCM with 256 bits that can encrypt and decrypt',
  )
}

async function importKey(key: EncryptionKey): Promise<CryptoKey> {
  if (!('byteLength' in key)) return key as CryptoKey
  return crypto.subtle.importKey('raw', new Uint8Array(key), algorithm, false, ['encrypt', 'decrypt'])
}

function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0))
}
