import type { KeyObject } from 'node:crypto'
import type { PDSTransport } from '@pds/core'
import { invalidParameter, PDSError, readParams, sanitizeError } from '@pds/core/internal'
import type { PrivateKeyParams, Signer } from '@pds/types'
import { encode } from 'jose/base64url'
import { CompactSign } from 'jose/jws/compact/sign'
import type { PemBlock } from './normalize-pem.ts'
import { checkCryptoKey, checkKeyObject, parsePrivateKey, UnusableKey } from './parse-private-key.ts'
import { isCryptoKey, toCryptoKey } from './to-crypto-key.ts'

/** Makes an RS256 JWT of claims, in the compact form (RFC 7515 section 7.1). */
export type JwtSigner = (claims: Record<string, string | number | boolean>) => Promise<string>

const header = { alg: 'RS256', typ: 'JWT' }

/**
 * Makes a signer of the key in a method's parameters: PEM text, a parsed key or a signing function.
 *
 * Throws a `PDSError` `InvalidParameter` where there is no key, more than one, or one that cannot sign RS256.
 */
export function createSigner(transport: PDSTransport, method: string, params: PrivateKeyParams): JwtSigner {
  const read = readParams(method, params)
  const private_key_pem = read.optionalString('private_key_pem', 'private_Key_pem')
  const passphrase = read.optionalString('passphrase')
  const { private_key, signer } = params
  const given = Object.entries({ private_key_pem, private_key, signer })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => name)
  const [name, another] = given
  if (name === undefined) {
    throw invalidParameter(`${method}: private_key_pem is required, or private_key, or signer`)
  }
  if (another !== undefined) {
    throw invalidParameter(`${method}: ${given.join(' and ')} are given; give one of them`)
  }
  if (signer !== undefined) {
    if (typeof signer !== 'function') throw invalidParameter(`${method}: signer must be a function`)
    return (claims) => signOutside(signer, claims)
  }
  const explain = (error: unknown) =>
    error instanceof UnusableKey ? invalidParameter(`${method}: ${name} ${error.message}`) : error
  try {
    const key =
      private_key_pem === undefined
        ? checkParsedKey(private_key)
        : loadKey(transport, private_key_pem, passphrase)
    return (claims) =>
      signWith(key, claims).catch((error: unknown) => {
        throw explain(error)
      })
  } catch (error) {
    throw explain(error)
  }
}

function checkParsedKey(key: unknown): KeyObject | CryptoKey {
  if (isKeyObject(key)) checkKeyObject(key)
  else if (isCryptoKey(key)) checkCryptoKey(key)
  else throw new UnusableKey('must be a KeyObject or a CryptoKey; PEM text goes into private_key_pem')
  return key
}

function isKeyObject(key: unknown): key is KeyObject {
  return Object.prototype.toString.call(key) === '[object KeyObject]'
}

type ParsedKey = KeyObject | PemBlock

interface KnownKey {
  passphrase: string | undefined
  key: ParsedKey
}

// Parsing, and above all decrypting, a key costs as much as signing with it. A key is kept with the transport
// that it was used with, so that it is dropped with it and seen by no other.
const parsedKeys = new WeakMap<PDSTransport, Map<string, KnownKey>>()
const maxKeysOfOneTransport = 16

function loadKey(transport: PDSTransport, pem: string, passphrase: string | undefined): ParsedKey {
  const keys = parsedKeys.get(transport) ?? new Map<string, KnownKey>()
  parsedKeys.set(transport, keys)
  const known = keys.get(pem)
  // Who has a key without its passphrase gets no signature of it.
  if (known && known.passphrase === passphrase) return known.key
  const key = parsePrivateKey(pem, passphrase)
  const [oldest] = keys.keys()
  if (oldest !== undefined && keys.size >= maxKeysOfOneTransport) keys.delete(oldest)
  keys.set(pem, { passphrase, key })
  return key
}

async function signWith(key: ParsedKey | CryptoKey, claims: Parameters<JwtSigner>[0]): Promise<string> {
  try {
    const payload = new TextEncoder().encode(JSON.stringify(claims))
    return await new CompactSign(payload).setProtectedHeader(header).sign(await toCryptoKey(key))
  } catch (error) {
    if (error instanceof UnusableKey) throw error
    throw signingFailed('the private key did not sign: is it one that this runtime can use?')
  }
}

async function signOutside(signer: Signer, claims: Parameters<JwtSigner>[0]): Promise<string> {
  const signingInput = `${encode(JSON.stringify(header))}.${encode(JSON.stringify(claims))}`
  let signature: unknown
  try {
    signature = await signer(new TextEncoder().encode(signingInput))
  } catch (error) {
    throw signingFailed('the signer threw, see cause', sanitizeError(error))
  }
  if (!isUint8Array(signature) || signature.length < 2048 / 8) {
    throw signingFailed('the signer must give a Uint8Array with an RS256 signature, of 256 bytes or more')
  }
  return `${signingInput}.${encode(new Uint8Array(signature))}`
}

/** Also one of another realm, such as a test runner's. */
function isUint8Array(value: unknown): value is Uint8Array {
  return Object.prototype.toString.call(value) === '[object Uint8Array]'
}

function signingFailed(message: string, cause?: Error): PDSError {
  return new PDSError(message, {
    code: 'SigningFailed',
    outcome: 'not-sent',
    cause,
  })
}
