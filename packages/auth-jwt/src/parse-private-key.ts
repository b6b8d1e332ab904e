import type { KeyObject } from 'node:crypto'
import { normalizePem, type PemBlock, UnusableKey } from './normalize-pem.ts'

const minBits = 2048

/**
 * Parses an RSA private key in PEM: PKCS#8, PKCS#1, or either of them encrypted. Throws `UnusableKey`.
 *
 * Without `node:crypto`, returns the block of an unencrypted PKCS#8 key: the only format that WebCrypto reads.
 */
export function parsePrivateKey(pem: string, passphrase: string | undefined): KeyObject | PemBlock {
  const block = normalizePem(pem)
  requirePrivateKey(block.label)
  const crypto = nodeCrypto()
  if (!crypto) {
    requirePkcs8(block)
    return block
  }
  if (block.encrypted && passphrase === undefined) throw passphraseMissing()
  const key = readKey(crypto.createPrivateKey, block, passphrase)
  checkKeyObject(key)
  return key
}

function requirePkcs8({ label, encrypted }: PemBlock): void {
  if (label === 'PRIVATE KEY') return
  throw new UnusableKey(
    `is ${encrypted ? 'encrypted' : 'PKCS#1'}, which only node:crypto can read: enable it (nodejs_compat on ` +
      'Cloudflare Workers), or convert a copy of the key with openssl pkcs8 -topk8 -nocrypt -in <file>',
  )
}

function requirePrivateKey(label: string): void {
  if (label.endsWith('PUBLIC KEY')) {
    throw new UnusableKey('is a public key: pass the matching private key')
  }
  if (label.endsWith('CERTIFICATE')) {
    throw new UnusableKey('is a certificate: pass the matching private key')
  }
  if (label === 'EC PRIVATE KEY') throw notRsa('ec')
  if (label === 'OPENSSH PRIVATE KEY') {
    throw new UnusableKey("is in OpenSSH's format: convert a copy of it with ssh-keygen -p -m PEM -f <file>")
  }
  if (!['PRIVATE KEY', 'RSA PRIVATE KEY', 'ENCRYPTED PRIVATE KEY'].includes(label)) {
    throw new UnusableKey(`is a PEM block of type ${label}: pass an RSA private key`)
  }
}

function passphraseMissing(): UnusableKey {
  return new UnusableKey('is encrypted: pass its passphrase in the option passphrase')
}

// Omits OpenSSL's error as the cause: it adds nothing that helps a user.
function readKey(
  createPrivateKey: typeof import('node:crypto').createPrivateKey,
  block: PemBlock,
  passphrase: string | undefined,
): KeyObject {
  try {
    return createPrivateKey({
      key: block.text,
      format: 'pem',
      ...(passphrase !== undefined && { passphrase }),
    })
  } catch (error) {
    if (!block.encrypted) {
      throw new UnusableKey('is damaged: the content between its BEGIN and END lines is not a private key')
    }
    // A key can be encrypted with an empty passphrase.
    if (!passphrase) throw passphraseMissing()
    if ((error as { code?: unknown }).code === 'ERR_OSSL_EVP_UNSUPPORTED') {
      throw new UnusableKey(
        'is encrypted with an algorithm that node:crypto does not support: convert a copy of it with ' +
          'openssl pkcs8 -topk8 -provider legacy -provider default -in <file>',
      )
    }
    const hint = passphrase === passphrase.trim() ? '' : ' (it begins or ends with whitespace)'
    throw new UnusableKey(
      `cannot be decrypted: the passphrase is wrong${hint} or the encrypted data is damaged`,
    )
  }
}

/** Checks that a `KeyObject` can sign RS256. Throws `UnusableKey`. */
export function checkKeyObject(key: KeyObject): void {
  if (key.type !== 'private') throw new UnusableKey(`is a ${key.type} key: pass a private key`)
  if (key.asymmetricKeyType !== 'rsa') throw notRsa(key.asymmetricKeyType ?? 'unknown')
  checkSize(key.asymmetricKeyDetails?.modulusLength)
}

/** Checks that a `CryptoKey` can sign RS256. Throws `UnusableKey`. */
export function checkCryptoKey(key: CryptoKey): void {
  if (key.type !== 'private') throw new UnusableKey(`is a ${key.type} key: pass a private key`)
  const { name, hash, modulusLength } = key.algorithm as Partial<RsaHashedKeyAlgorithm>
  if (name !== 'RSASSA-PKCS1-v1_5' || hash?.name !== 'SHA-256') {
    throw new UnusableKey('is a CryptoKey for another algorithm: pass one for RSASSA-PKCS1-v1_5 with SHA-256')
  }
  if (!key.usages.includes('sign'))
    throw new UnusableKey('is a CryptoKey without the usage sign: import it with this usage')
  checkSize(modulusLength)
}

function notRsa(type: string): UnusableKey {
  return new UnusableKey(`is a key of type ${type}: PDS accepts only RS256, which needs an RSA key`)
}

// RFC 7518 section 3.3.
function checkSize(bits: number | undefined): void {
  if (bits === undefined || bits < minBits) {
    throw new UnusableKey(`is an RSA key of ${bits} bits: RS256 needs at least ${minBits}`)
  }
}

/**
 * Returns `node:crypto`, or undefined if the runtime has none, like Cloudflare Workers without `nodejs_compat`.
 *
 * An import would fail in such a runtime, also for keys that do not need it.
 */
function nodeCrypto(): typeof import('node:crypto') | undefined {
  const host: { getBuiltinModule?: typeof process.getBuiltinModule } | undefined = globalThis.process
  return host?.getBuiltinModule?.('node:crypto')
}
