import type { KeyObject } from 'node:crypto'
import type { PemBlock } from './normalize-pem.ts'
import { checkCryptoKey, UnusableKey } from './parse-private-key.ts'

// A key that WebCrypto has read is kept as long as what it was read from. Not the promise of one: a failure would be
// kept too, and on Cloudflare Workers one request cannot wait for the promise of another.
const known = new WeakMap<KeyObject | PemBlock, CryptoKey>()

/**
 * Makes the key of WebCrypto that signs RS256, on a thread of its own, of a key that was checked or of a block of
 * PKCS#8 in PEM. Throws `UnusableKey` for a block that holds no such key.
 */
export async function toCryptoKey(key: KeyObject | CryptoKey | PemBlock): Promise<CryptoKey> {
  if (isCryptoKey(key)) return key
  const made = known.get(key) ?? (await ('text' in key ? readBlock(key) : convert(key)))
  known.set(key, made)
  return made
}

/** Also one of another realm, such as a test runner's. */
export function isCryptoKey(key: unknown): key is CryptoKey {
  return Object.prototype.toString.call(key) === '[object CryptoKey]'
}

async function readBlock({ text }: PemBlock): Promise<CryptoKey> {
  let key: CryptoKey
  try {
    const content = atob(text.replaceAll(/-----.*-----/g, ''))
    key = await importPkcs8(Uint8Array.from(content, (char) => char.charCodeAt(0)))
  } catch {
    // The error is not handed on as a cause: the message here says all that a user can do.
    throw new UnusableKey('holds no RSA key that can be read: PDS takes RS256, which needs one')
  }
  checkCryptoKey(key)
  return key
}

/** Not by its `toCryptoKey`: that is not there on Cloudflare Workers. */
function convert(key: KeyObject): Promise<CryptoKey> {
  return importPkcs8(key.export({ type: 'pkcs8', format: 'der' }))
}

// jose's own import would be four modules more to load.
function importPkcs8(der: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
  return crypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign'])
}
