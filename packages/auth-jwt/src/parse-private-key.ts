import type { KeyObject } from 'node:crypto'
import { normalizePem, type PemBlock } from './normalize-pem.ts'

/** What is wrong with a key, to be put after the name of its option. It quotes nothing of the key. */
export class UnusableKey extends Error {
  override readonly name = 'UnusableKey'
}

const smallestKey = 2048

/**
 * Reads an RSA private key in PEM: PKCS#8, PKCS#1, or either of them encrypted. Throws `UnusableKey`.
 *
 * Without `node:crypto` it gives the block of a key in plain PKCS#8, for WebCrypto to read: nothing else can that.
 */
export function parsePrivateKey(pem: string, passphrase: string | undefined): KeyObject | PemBlock {
  const block = normalizePem(pem)
  if (!block) {
    throw new UnusableKey(
      pem.includes('-----BEGIN ')
        ? 'is cut off: it has a BEGIN line and no END line that matches'
        : 'is not PEM: it has no line such as -----BEGIN PRIVATE KEY-----',
    )
  }
  requirePrivateKey(block.label)
  const crypto = nodeCrypto()
  if (!crypto) {
    requirePkcs8(block)
    return block
  }
  if (block.encrypted && passphrase === undefined) {
    throw new UnusableKey('is encrypted: its passphrase is needed in the option passphrase')
  }
  const key = readKey(crypto.createPrivateKey, block, passphrase)
  checkKeyObject(key)
  return key
}

function requirePkcs8({ label, encrypted }: PemBlock): void {
  if (label === 'PRIVATE KEY') return
  throw new UnusableKey(
    `is ${encrypted ? 'encrypted' : 'PKCS#1'}, which takes node:crypto to read: switch it on (nodejs_compat on ` +
      'Cloudflare Workers), or convert a copy of the key with openssl pkcs8 -topk8 -nocrypt -in <file>',
  )
}

function requirePrivateKey(label: string): void {
  if (label.endsWith('PUBLIC KEY')) {
    throw new UnusableKey('is a public key: the private key that belongs to it is needed')
  }
  if (label.endsWith('CERTIFICATE')) {
    throw new UnusableKey('is a certificate: the private key that belongs to it is needed')
  }
  if (label === 'EC PRIVATE KEY') throw notRsa('ec')
  if (label === 'OPENSSH PRIVATE KEY') {
    throw new UnusableKey(
      "is in OpenSSH's own format: convert a copy of it with ssh-keygen -p -m PEM -f <file>",
    )
  }
  if (!['PRIVATE KEY', 'RSA PRIVATE KEY', 'ENCRYPTED PRIVATE KEY'].includes(label)) {
    throw new UnusableKey(`is a PEM block of the kind ${label}: an RSA private key is needed`)
  }
}

// OpenSSL's error is not handed on as a cause: the message here says all that a user can do.
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
  } catch {
    throw new UnusableKey(
      block.encrypted
        ? 'cannot be decrypted: the passphrase is wrong, or the key is damaged'
        : 'is damaged: it has the lines of a private key, and its content is none',
    )
  }
}

/** Checks that a `KeyObject` can sign RS256. Throws `UnusableKey`. */
export function checkKeyObject(key: KeyObject): void {
  if (key.type !== 'private') throw new UnusableKey(`is a ${key.type} key: a private key is needed`)
  if (key.asymmetricKeyType !== 'rsa') throw notRsa(key.asymmetricKeyType ?? 'unknown')
  checkSize(key.asymmetricKeyDetails?.modulusLength)
}

/** Checks that a `CryptoKey` can sign RS256. Throws `UnusableKey`. */
export function checkCryptoKey(key: CryptoKey): void {
  if (key.type !== 'private') throw new UnusableKey(`is a ${key.type} key: a private key is needed`)
  const { name, hash, modulusLength } = key.algorithm as Partial<RsaHashedKeyAlgorithm>
  if (name !== 'RSASSA-PKCS1-v1_5' || hash?.name !== 'SHA-256') {
    throw new UnusableKey('is a CryptoKey for another algorithm: RSASSA-PKCS1-v1_5 with SHA-256 is needed')
  }
  if (!key.usages.includes('sign')) throw new UnusableKey('is a CryptoKey without the usage sign')
  checkSize(modulusLength)
}

function notRsa(type: string): UnusableKey {
  return new UnusableKey(`is a key of the type ${type}: PDS takes RS256, which needs an RSA key`)
}

// RFC 7518 section 3.3.
function checkSize(bits: number | undefined): void {
  if (bits === undefined || bits < smallestKey) {
    throw new UnusableKey(`is an RSA key of ${bits} bits: RS256 needs ${smallestKey} or more`)
  }
}

/**
 * The `node:crypto` of this runtime, undefined where it has none, as Cloudflare Workers without `nodejs_compat`.
 *
 * Asked for when it is needed, and not imported: an import would fail where there is none, also for keys that do not
 * need it.
 */
function nodeCrypto(): typeof import('node:crypto') | undefined {
  const host: { getBuiltinModule?: typeof process.getBuiltinModule } | undefined = globalThis.process
  return host?.getBuiltinModule?.('node:crypto')
}
