import type { KeyObject } from 'node:crypto'
import type { PDSTransport } from '@pds/core'
import { invalidParameter, PDSError, sanitizeError } from '@pds/core/internal'
import type { Signer } from '@pds/types'
import { encode } from 'jose/base64url'
import { CompactSign } from 'jose/jws/compact/sign'
import { type PemBlock, UnusableKey } from './normalize-pem.ts'
import { checkCryptoKey, checkKeyObject, parsePrivateKey } from './parse-private-key.ts'
import { isCryptoKey, toCryptoKey } from './to-crypto-key.ts'

/** Signs claims as an RS256 JWT in the compact form (RFC 7515 section 7.1). */
export type JwtSigner = (claims: Record<string, string | number | boolean>) => Promise<string>

/** The checked key parameters of a method. */
export interface KeyParams {
  private_key_pem?: string | undefined
  passphrase?: string | undefined
  private_key?: unknown
  signer?: unknown
}

const header = { alg: 'RS256', typ: 'JWT' }

/**
 * Creates a JWT signer from the key in a method's parameters: PEM text, a parsed key or a signing function.
 *
 * Throws a `PDSError` `InvalidParameter` if the key is missing, given more than once or unable to sign RS256.
 */
export function createSigner(transport: PDSTransport, method: string, params: KeyParams): JwtSigner {
  const { private_key_pem, passphrase, private_key, signer } = params
  const given = Object.entries({ private_key_pem, private_key, signer })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => name)
  const [name, another] = given
  if (name === undefined) {
    throw invalidParameter(
      `${method}: private_key_pem is missing: pass private_key_pem, private_key or signer`,
    )
  }
  if (another !== undefined) {
    throw invalidParameter(`${method}: ${given.join(' and ')} are given: pass only one key`)
  }
  if (signer !== undefined) {
    if (typeof signer !== 'function') throw invalidParameter(`${method}: signer must be a function`)
    return (claims) => signWithSigner(signer as Signer, claims)
  }
  const explain = (error: unknown) =>
    error instanceof UnusableKey ? invalidParameter(`${method}: ${name} ${error.message}`) : error
  try {
    const key =
      private_key_pem === undefined
        ? checkParsedKey(private_key)
        : loadKey(transport, private_key_pem, passphrase)
    return (claims) =>
      signWithKey(key, claims).catch((error: unknown) => {
        throw explain(error)
      })
  } catch (error) {
    throw explain(error)
  }
}

function checkParsedKey(key: unknown): KeyObject | CryptoKey {
  if (isKeyObject(key)) checkKeyObject(key)
  else if (isCryptoKey(key)) checkCryptoKey(key)
  else throw new UnusableKey('must be a KeyObject or a CryptoKey: pass PEM text as private_key_pem')
  return key
}

function isKeyObject(key: unknown): key is KeyObject {
  return Object.prototype.toString.call(key) === '[object KeyObject]'
}

type ParsedKey = KeyObject | PemBlock

interface CachedKey {
  passphrase: string | undefined
  key: ParsedKey
}

// Parsing a key, and above all decrypting it, costs as much as signing. The cache belongs to the transport: it is freed
// with the transport and never shared.
const parsedKeys = new WeakMap<PDSTransport, Map<string, CachedKey>>()
const maxKeysPerTransport = 16

function loadKey(transport: PDSTransport, pem: string, passphrase: string | undefined): ParsedKey {
  const keys = parsedKeys.get(transport) ?? new Map<string, CachedKey>()
  parsedKeys.set(transport, keys)
  const cached = keys.get(pem)
  // An encrypted key without its passphrase must not sign.
  if (cached && cached.passphrase === passphrase) return cached.key
  const key = parsePrivateKey(pem, passphrase)
  const [oldest] = keys.keys()
  if (oldest !== undefined && keys.size >= maxKeysPerTransport) keys.delete(oldest)
  keys.set(pem, { passphrase, key })
  return key
}

async function signWithKey(key: ParsedKey | CryptoKey, claims: Parameters<JwtSigner>[0]): Promise<string> {
  try {
    const payload = toBytes(JSON.stringify(claims))
    return await new CompactSign(payload).setProtectedHeader(header).sign(await toCryptoKey(key))
  } catch (error) {
    if (error instanceof UnusableKey) throw error
    // A cause such as "cannot read importKey of undefined" would not say it.
    const reason = globalThis.crypto?.subtle ? 'see cause' : 'this environment has no crypto.subtle'
    throw signingFailed(`the private key could not sign: ${reason}`, sanitizeError(error))
  }
}

async function signWithSigner(signer: Signer, claims: Parameters<JwtSigner>[0]): Promise<string> {
  const signingInput = `${encode(JSON.stringify(header))}.${encode(JSON.stringify(claims))}`
  let signature: unknown
  try {
    signature = await signer(toBytes(signingInput))
  } catch (error) {
    throw signingFailed('signer threw an error: see cause', sanitizeError(error))
  }
  if (!isUint8Array(signature) || signature.length < 2048 / 8) {
    throw signingFailed('signer must return a Uint8Array with an RS256 signature of at least 256 bytes')
  }
  return `${signingInput}.${encode(new Uint8Array(signature))}`
}

// The copy is an instance of the global Uint8Array, which jose requires. In test runners with jsdom, TextEncoder and
// Uint8Array can be of different realms.
function toBytes(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new TextEncoder().encode(text))
}

/** Checks for a `Uint8Array`, also one of another realm, such as a test runner's. */
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
