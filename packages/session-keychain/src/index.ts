export { type KeychainKeyOptions, keychainKey, type SafeStorageKeyOptions } from './keychain-key.ts'
export type { DecryptedString, SafeStorage } from './safe-storage-key.ts'
