import { PDSError, sanitizeError } from '@pds/core/internal'
import { storeFailed } from './file-error.ts'
import { createKey, decodeKey, encodeKey, type Key } from './key-bytes.ts'
import { createKeyFile, readKeyFile, replaceKeyFile } from './key-file.ts'
import { keychainFailed } from './keychain-entry.ts'

/** The result of `decryptStringAsync` of Electron's `safeStorage`. */
export interface DecryptedString {
  /** The decrypted text. */
  result: string
  /** Whether the text should be encrypted again, because the system has another key now. */
  shouldReEncrypt: boolean
}

/**
 * The functions of Electron's `safeStorage` that `keychainKey` calls. It prefers the asynchronous ones. Electron 46 has
 * no synchronous ones, and older versions have only those.
 */
export interface SafeStorage {
  /** Resolves with whether the asynchronous functions can encrypt. */
  isAsyncEncryptionAvailable?(): Promise<boolean>
  /** Encrypts a text. */
  encryptStringAsync?(text: string): Promise<Uint8Array>
  /** Decrypts a text, also one of `encryptString`. */
  decryptStringAsync?(encrypted: Uint8Array): Promise<DecryptedString>
  /** Returns whether the synchronous functions can encrypt. */
  isEncryptionAvailable?(): boolean
  /** Encrypts a text. */
  encryptString?(text: string): Uint8Array
  /** Decrypts a text. */
  decryptString?(encrypted: Uint8Array): string
  /** Returns the name of the back end. Linux only. */
  getSelectedStorageBackend?(): string
}

/** The asynchronous functions. */
interface Cipher {
  isAvailable(): Promise<boolean>
  encrypt(text: string): Promise<Uint8Array>
  decrypt(encrypted: Uint8Array): Promise<DecryptedString>
}

/** Returns the key in a file that `safeStorage` has encrypted, and creates it in the first process that asks. */
export async function safeStorageKey(safeStorage: SafeStorage, path: string): Promise<Key> {
  const cipher = await openCipher(safeStorage)
  const stored = readKeyFile(path)
  if (!stored) {
    const key = createKey()
    const encrypted = await encrypt(cipher, key)
    // If the file exists now, another process was first.
    return createKeyFile(path, { place: 'safeStorage', encrypted }) ? key : safeStorageKey(safeStorage, path)
  }
  if (stored.place === 'safeStorage') return decrypt(cipher, stored.encrypted, path)
  throw storeFailed(`${path} contains no key that safeStorage encrypted: use another path`)
}

async function openCipher(safeStorage: SafeStorage): Promise<Cipher> {
  const backend = safeStorage.getSelectedStorageBackend?.()
  if (backend === 'unknown') {
    throw new PDSError('keychainKey: safeStorage is not ready: call keychainKey after app.whenReady()', {
      code: 'UnsupportedEnvironment',
      outcome: 'not-sent',
    })
  }
  if (backend === 'basic_text') throw unprotected()
  const cipher = cipherOf(safeStorage)
  if (await cipher.isAvailable()) return cipher
  throw keychainFailed(
    'safeStorage cannot encrypt now: call keychainKey after app.whenReady(), and unlock the keychain of the system',
  )
}

function cipherOf(safeStorage: SafeStorage): Cipher {
  const { isAsyncEncryptionAvailable, encryptStringAsync, decryptStringAsync } = safeStorage
  if (isAsyncEncryptionAvailable && encryptStringAsync && decryptStringAsync) {
    return {
      isAvailable: () => isAsyncEncryptionAvailable.call(safeStorage),
      encrypt: (text) => encryptStringAsync.call(safeStorage, text),
      decrypt: (encrypted) => decryptStringAsync.call(safeStorage, encrypted),
    }
  }
  const { isEncryptionAvailable, encryptString, decryptString } = safeStorage as Required<SafeStorage>
  return {
    isAvailable: async () => isEncryptionAvailable.call(safeStorage),
    encrypt: async (text) => encryptString.call(safeStorage, text),
    decrypt: async (encrypted) => ({
      result: decryptString.call(safeStorage, encrypted),
      shouldReEncrypt: false,
    }),
  }
}

/** Encrypts a key, and returns the result as base64. */
async function encrypt(cipher: Cipher, key: Key): Promise<string> {
  const text = encodeKey(key)
  const encrypted = await cipher.encrypt(text).catch((error) => {
    throw keychainFailed(
      'safeStorage did not encrypt the key: unlock the keychain of the system, and retry',
      sanitizeError(error, [text]),
    )
  })
  assertProtected(encrypted)
  return Buffer.from(encrypted).toString('base64')
}

async function decrypt(cipher: Cipher, encrypted: string, path: string): Promise<Key> {
  const bytes = Buffer.from(encrypted, 'base64')
  assertProtected(bytes)
  const decrypted = await cipher.decrypt(bytes).catch((error) => {
    throw decryptionFailed(path, sanitizeError(error))
  })
  const key = decodeKey(decrypted.result)
  if (!key) throw decryptionFailed(path)
  if (decrypted.shouldReEncrypt) await encryptAgain(cipher, key, path)
  return key
}

/** Encrypts a key with the new key of the system. The old one still decrypts it, so a failure does no harm. */
async function encryptAgain(cipher: Cipher, key: Key, path: string): Promise<void> {
  try {
    replaceKeyFile(path, { place: 'safeStorage', encrypted: await encrypt(cipher, key) })
  } catch {
    // The next start tries again.
  }
}

/**
 * On Linux without a keychain, Chromium encrypts with a constant key. It marks the result with `v10`, also if the back
 * end has the name of a keychain (components/os_crypt/async/browser/posix_key_provider.cc). On other systems, `v10`
 * means the keychain.
 */
function assertProtected(encrypted: Uint8Array): void {
  if (process.platform === 'linux' && Buffer.from(encrypted).toString('latin1').startsWith('v10')) {
    throw unprotected()
  }
}

function unprotected(): PDSError {
  return keychainFailed(
    'safeStorage has no keychain, and would only obscure the key: start gnome-keyring or KWallet, and start the app with --password-store=gnome-libsecret or --password-store=kwallet6',
  )
}

function decryptionFailed(path: string, cause?: Error): PDSError {
  return new PDSError(
    `keychainKey: safeStorage cannot decrypt the key in ${path}: unlock the keychain of the system and retry, or delete the file, after which users must sign in again`,
    { code: 'DecryptionFailed', outcome: 'not-sent', cause },
  )
}
