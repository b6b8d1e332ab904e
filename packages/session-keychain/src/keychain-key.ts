import path from 'node:path'
import {
  checkOptions,
  functionOption,
  mustBe,
  type OptionValidator,
  type RequiredOption,
} from '@pds/core/internal'
import type { Key } from './key-bytes.ts'
import { type SafeStorage, safeStorageKey } from './safe-storage-key.ts'
import { systemKey } from './system-key.ts'

/** The options of `keychainKey` with the keychain of the system. */
export interface KeychainKeyOptions {
  /**
   * What to do if this machine has no keychain, as most servers and containers: `file` keeps the key in a file of mode
   * 0600, `none` throws `KeychainFailed`.
   */
  fallback: 'file' | 'none'
  /**
   * The path of the file that says where the key is, and that has the key without a keychain. Default: `key.json` in the
   * data folder of the platform for `name`. Missing folders are created with mode 0700.
   */
  path?: string | undefined
  /**
   * Is called once, when the key is created in a file because there is no keychain. Default: `process.emitWarning` with
   * code `PDS_KEY_IN_FILE`.
   */
  onFallback?: ((fallback: { path: string; reason: Error }) => void) | undefined
}

/** The options of `keychainKey` in Electron. */
export interface SafeStorageKeyOptions {
  /** `safeStorage` of `electron`, after the event `ready` of the app. */
  safeStorage: SafeStorage
  /** The path of the file for the encrypted key, for example in `app.getPath('userData')`. */
  path: string
}

const pathOption: OptionValidator<string> = {
  wants: 'the path of a file',
  accepts: (value) => typeof value === 'string' && value !== '' && !value.includes('\0'),
}

const systemOptions = {
  fallback: {
    wants: "'file' or 'none'",
    accepts: (value) => value === 'file' || value === 'none',
    isRequired: true,
  } satisfies RequiredOption<string>,
  path: pathOption,
  onFallback: functionOption,
}

const electronOptions = {
  safeStorage: {
    wants: 'safeStorage of electron',
    accepts: (value) =>
      ['encryptStringAsync', 'encryptString'].some((name) => typeof Object(value)[name] === 'function'),
    isRequired: true,
  } satisfies RequiredOption<SafeStorage>,
  path: { ...pathOption, isRequired: true },
}

/**
 * Returns a key of 32 bytes for `encryptedStore`, which the keychain of the system protects. Creates it at the first
 * call. All processes of a user get the same key, also those that start at the same time.
 *
 * `name` is the name of the service in the keychain: 1 to 100 characters that a file name may have, for example
 * `com.example.drive`. The keychains are macOS Keychain, Windows Credential Manager, and the Secret Service on Linux. It
 * needs the package `@napi-rs/keyring`, except when the key is in a file.
 *
 * @throws PDSError with code `KeychainFailed` if the keychain is locked or denied, or if this machine has no keychain and
 * `fallback` is `none`. The stored sessions need the same key, so a locked keychain never leads to another key.
 * @throws PDSError with code `StoreFailed` if the file at `path` cannot be used, `UnsupportedEnvironment` if
 * `@napi-rs/keyring` is not installed or Node.js is older than 22.3, `InvalidParameter` if an option is invalid.
 * @example
 * ```ts
 * import { encryptedStore } from '@pds/session'
 * import { keychainKey } from '@pds/session-keychain'
 * import { sqliteStore } from '@pds/session-sqlite'
 *
 * const key = await keychainKey('com.example.drive', { fallback: 'file' })
 * export const store = encryptedStore(sqliteStore({ path: 'sessions.db' }), key)
 * ```
 */
export function keychainKey(name: string, options: KeychainKeyOptions): Promise<Uint8Array>
/**
 * Returns a key of 32 bytes for `encryptedStore`, from a file that `safeStorage` of Electron encrypted. Creates the file
 * at the first call. Call it in the main process, after the event `ready` of the app.
 *
 * @throws PDSError with code `KeychainFailed` if `safeStorage` cannot encrypt, or would use a constant key (its back end
 * `basic_text` on Linux), `UnsupportedEnvironment` before the event `ready`, `DecryptionFailed` if `safeStorage` cannot
 * decrypt the file, `StoreFailed` if the file cannot be used, `InvalidParameter` if an option is invalid.
 * @example
 * ```ts
 * import { encryptedStore, type Store } from '@pds/session'
 * import { keychainKey, type SafeStorage } from '@pds/session-keychain'
 *
 * // safeStorage is an export of electron.
 * export async function encrypt(store: Store, safeStorage: SafeStorage, path: string): Promise<Store> {
 *   return encryptedStore(store, await keychainKey({ safeStorage, path }))
 * }
 * ```
 */
export function keychainKey(options: SafeStorageKeyOptions): Promise<Uint8Array>
export async function keychainKey(
  first: string | SafeStorageKeyOptions,
  options?: KeychainKeyOptions,
): Promise<Key> {
  if (typeof first === 'object') {
    const { safeStorage, path: file } = checkOptions('keychainKey', first, electronOptions)
    return safeStorageKey(safeStorage, file)
  }
  assertName(first)
  const checked = checkOptions('keychainKey', options as KeychainKeyOptions, systemOptions)
  const { fallback, path: file = await defaultPath(first), onFallback = warn } = checked
  return systemKey({ name: first, path: file, fallback, onFallback })
}

/** The name is also the name of a folder. */
function assertName(name: string): void {
  const isName =
    typeof name === 'string' &&
    name.length <= 100 &&
    // Without control characters, and the characters that Windows does not allow in file names.
    /^[^\p{Cc}<>:"/\\|?*]+$/u.test(name) &&
    !/^[. ]|[. ]$/.test(name)
  if (!isName) throw mustBe('keychainKey: name', 'a name of 1 to 100 characters, as of a file', name)
}

async function defaultPath(name: string): Promise<string> {
  const { default: envPaths } = await import('env-paths')
  return path.join(envPaths(name, { suffix: '' }).data, 'key.json')
}

function warn({ path: file, reason }: { path: string; reason: Error }): void {
  process.emitWarning(
    `This machine has no keychain (${reason.message}). The key of the stored sessions is in ${file}, which only this user can read.`,
    { code: 'PDS_KEY_IN_FILE' },
  )
}
