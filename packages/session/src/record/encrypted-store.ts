import { invalidParameter, PDSError } from '@pds/core/internal'
import type { ICryptoKey } from '@pds/types'
import type { Store } from './store.ts'

/** A key of 256 bits for AES-GCM: its 32 bytes, or a `CryptoKey` that can encrypt and decrypt and need not be extractable. */
export type EncryptionKey = ICryptoKey | Uint8Array

const algorithm = 'AES-GCM'
// What NIST SP 800-38D recommends for a random one. In bytes.
const ivLength = 12
const version = 'v1.'

/**
 * Encrypts what a store keeps, with AES-256-GCM: bound to its key and epoch, so that no record passes for another one.
 *
 * Of several keys the first one writes and all of them read: put a new key first, and drop the old one once each record
 * was written anew. Keys, epochs and times of writing stay readable.
 *
 * Throws a `PDSError` `InvalidParameter` for what is no key. Reading a record that none of the keys fits rejects with a
 * `PDSError` `DecryptionFailed`, and leaves it as it is.
 */
export function encryptedStore(store: Store, key: EncryptionKey | readonly EncryptionKey[]): Store {
  const given = Array.isArray(key) ? (key as readonly EncryptionKey[]) : [key as EncryptionKey]
  if (given.length === 0) throw invalidParameter('encryptedStore: at least one key is required')
  // Each is a copy: bytes that are cleared or changed afterwards do not matter.
  const copies = given.map(checkKey)
  let imported: Promise<CryptoKey[]> | undefined
  const keys = () => {
    imported ??= Promise.all(copies.map(importKey)).catch((error) => {
      imported = undefined
      throw error
    })
    return imported
  }

  return {
    // That of a store may change: of one in a browser, when it finds that storage is denied.
    get scope() {
      return store.scope
    },
    async read(name) {
      const stored = await store.read(name)
      return stored && { ...stored, data: await decrypt(await keys(), name, stored.epoch, stored.data) }
    },
    async compareAndSet(name, { epoch, data }, expectedRev) {
      const [first] = await keys()
      return store.compareAndSet(
        name,
        { epoch, data: await encrypt(first as CryptoKey, name, epoch, data) },
        expectedRev,
      )
    },
    lease: (name, owner, ttl) => store.lease(name, owner, ttl),
    release: (name, owner, fence) => store.release(name, owner, fence),
    ...(store.watch && {
      watch: (name: string, changed: () => void) => store.watch?.(name, changed) ?? (() => undefined),
    }),
  }
}

async function encrypt(key: CryptoKey, name: string, epoch: number, data: string): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(ivLength))
  const bytes = new TextEncoder().encode(data)
  const sealed = new Uint8Array(await crypto.subtle.encrypt(parameters(iv, name, epoch), key, bytes))
  return `${version}${toBase64(iv)}.${toBase64(sealed)}`
}

async function decrypt(
  keys: readonly CryptoKey[],
  name: string,
  epoch: number,
  data: string,
): Promise<string> {
  const [, iv, sealed] = /^v1\.([\w+/=]+)\.([\w+/=]+)$/.exec(data) ?? []
  for (const key of iv === undefined || sealed === undefined ? [] : keys) {
    try {
      const bytes = fromBase64(sealed as string)
      const opened = await crypto.subtle.decrypt(
        parameters(fromBase64(iv as string), name, epoch),
        key,
        bytes,
      )
      return new TextDecoder().decode(opened)
    } catch {
      // The next one may fit.
    }
  }
  throw new PDSError(
    'the stored session was not encrypted with one of the keys that are given: add the one it was written with',
    { code: 'DecryptionFailed', outcome: 'not-sent' },
  )
}

/** What is encrypted for one session and epoch opens for no other. */
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
