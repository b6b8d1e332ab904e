import type { KeyObject } from 'node:crypto'
import { type PemBlock, UnusableKey } from './normalize-pem.ts'
import { checkCryptoKey } from './parse-private-key.ts'

// Caches each imported key as long as its source exists. It caches no promises: a failure would stay cached, and on
// Cloudflare Workers one request cannot wait for the promise of another.
const cache = new WeakMap<KeyObject | PemBlock, CryptoKey>()

/**
 * Converts a checked key or a PKCS#8 block of PEM to a `CryptoKey` for RS256: WebCrypto signs off the main thread.
 * Throws `UnusableKey` if the block contains no such key.
 */
export async function toCryptoKey(key: KeyObject | CryptoKey | PemBlock): Promise<CryptoKey> {
  if (isCryptoKey(key)) return key
  const imported = cache.get(key) ?? (await ('text' in key ? readBlock(key) : convert(key)))
  cache.set(key, imported)
  return imported
}

/** Checks for a `CryptoKey`, also one of another realm, such as a test runner's. */
export function isCryptoKey(key: unknown): key is CryptoKey {
  return Object.prototype.toString.call(key) === '[object CryptoKey]'
}

async function readBlock({ text }: PemBlock): Promise<CryptoKey> {
  let key: CryptoKey
  try {
    const content = atob(text.replaceAll(/-----.*-----/g, ''))
    key = await importPkcs8(Uint8Array.from(content, (char) => char.charCodeAt(0)))
  } catch {
    // The original error adds nothing that helps a user.
    throw new UnusableKey('contains no readable RSA key: PDS accepts only RS256, which needs one')
  }
  checkCryptoKey(key)
  return key
}

// Cloudflare Workers have no KeyObject.toCryptoKey.
function convert(key: KeyObject): Promise<CryptoKey> {
  // Deno's types do not say that the memory is not shared.
  return importPkcs8(key.export({ type: 'pkcs8', format: 'der' }) as Uint8Array<ArrayBuffer>)
}

// jose's importPKCS8 would load four more modules.
function importPkcs8(der: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
  return crypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign'])
}
