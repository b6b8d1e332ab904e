import type { AsyncEntry } from '@napi-rs/keyring'
import { PDSError, sanitizeError, sanitizeText } from '@pds/core/internal'
import { createKey, decodeKey, encodeKey, type Key } from './key-bytes.ts'

/** The entry of a key in the keychain of the system. */
export interface KeychainEntry {
  /** Returns the key, or undefined if the keychain has none. */
  read(): Promise<Key | undefined>
  /** Creates a key, stores it and checks that the keychain returns it. */
  create(): Promise<Key>
}

/** This machine has no keychain. A keychain that is locked or denied is not missing. */
export class MissingKeychainError extends Error {
  override readonly name = 'MissingKeychainError'
}

const account = 'session-key'

/** What D-Bus and the Secret Service report without a keychain. macOS and Windows always have one. */
const missing: readonly RegExp[] = [
  // No session bus, as on most servers and in containers.
  /set your DBUS_SESSION_BUS_ADDRESS|Unable to autolaunch/,
  // The address `disabled:`, which switches the bus off.
  /Could not parse server address: Unknown address type/,
  /Failed to connect to socket .*(No such file or directory|Connection refused)/,
  // No program provides the Secret Service, or the program does not start.
  /The name org\.freedesktop\.secrets was not provided/,
  /Process org\.freedesktop\.secrets (exited|received)|Failed to execute program org\.freedesktop\.secrets/,
  // The Secret Service has no default collection.
  /no result found/,
]

/**
 * Opens the entry of a service. Its calls wait for the user if the keychain asks for its password.
 *
 * Each function throws a `MissingKeychainError` if this machine has no keychain, and a `PDSError` with code
 * `KeychainFailed` if the keychain is locked, denied or broken. Throws a `PDSError` with code `UnsupportedEnvironment` if
 * `@napi-rs/keyring` is not installed.
 */
export async function openKeychainEntry(service: string): Promise<KeychainEntry> {
  const { AsyncEntry } = await loadKeyring()
  let entry: AsyncEntry
  try {
    // Otherwise @napi-rs/keyring silently uses the keyring of the kernel, which is empty after a restart.
    entry = new AsyncEntry(service, account, { linux: { store: 'secret-service' } })
  } catch (error) {
    throw keychainError('open', error)
  }
  const read = async () => {
    const text = await entry.getPassword().catch((error) => {
      throw keychainError('read', error)
    })
    if (text === null || text === undefined) return undefined
    const key = decodeKey(text)
    if (key) return key
    throw keychainFailed(
      `the entry "${account}" of "${service}" in the keychain is not a key of keychainKey: delete the entry, or use another name`,
    )
  }
  return {
    read,
    async create() {
      const key = createKey()
      const text = encodeKey(key)
      await entry.setPassword(text).catch((error) => {
        throw keychainError('store', error, [text])
      })
      const stored = await read()
      if (!stored || encodeKey(stored) !== text) {
        throw keychainFailed('the keychain did not keep the key: check its settings, and retry')
      }
      return key
    },
  }
}

/** Creates the error for a keychain that cannot be used. */
export function keychainFailed(message: string, cause?: unknown): PDSError {
  return new PDSError(`keychainKey: ${message}`, { code: 'KeychainFailed', outcome: 'not-sent', cause })
}

async function loadKeyring(): Promise<typeof import('@napi-rs/keyring')> {
  try {
    return await import('@napi-rs/keyring')
  } catch (error) {
    const { code, message } = Object(error)
    if (/MODULE_NOT_FOUND$/.test(code) && /@napi-rs\/keyring['"]/.test(message)) {
      throw new PDSError('keychainKey requires @napi-rs/keyring: npm install @napi-rs/keyring', {
        code: 'UnsupportedEnvironment',
        outcome: 'not-sent',
      })
    }
    // The message of the package is only about a bug of npm.
    const platform = `${process.platform}-${process.arch}`
    throw new MissingKeychainError(`@napi-rs/keyring has no binary for ${platform}, or cannot load it`)
  }
}

function keychainError(action: string, error: unknown, secrets: readonly string[] = []): Error {
  const reason = reasonOf(error, secrets)
  if (missing.some((pattern) => pattern.test(reason))) return new MissingKeychainError(reason)
  return keychainFailed(
    `the keychain did not ${action} the key (${reason}): unlock the keychain, allow this program to use it, and retry`,
    sanitizeError(error, secrets),
  )
}

function reasonOf(error: unknown, secrets: readonly string[] = []): string {
  return sanitizeText(String(Object(error).message), secrets) ?? 'no reason given'
}
