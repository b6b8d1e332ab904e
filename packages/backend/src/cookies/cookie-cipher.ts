import { encodeText, invalidParameter } from '@pds/core/internal'
import { EncryptJWT, type JWTPayload, jwtDecrypt } from 'jose'
import type { CookieSecret } from '../backend-options.ts'

/** What a cookie is for. A cookie of one kind is not accepted as one of the other. */
export type CookieKind = 'session' | 'sign-in'

const minSecretLength = 32
const encryption = { alg: 'dir', enc: 'A256GCM' } as const

/** Encrypts and decrypts the values of cookies (RFC 7516). The first secret encrypts, all of them decrypt. */
export class CookieCipher {
  readonly #secrets: readonly Uint8Array[]
  readonly #application: string
  readonly #clock: () => number
  #keys: Promise<readonly Uint8Array[]> | undefined

  /** `application` identifies the application: cookies of another one are not accepted. */
  constructor(secret: CookieSecret | readonly CookieSecret[], application: string, clock: () => number) {
    const secrets = Array.isArray(secret) ? secret : [secret]
    if (secrets.length === 0) throw invalidParameter(`createBackend: cookie.secret is required: ${wants}`)
    this.#secrets = secrets.map(readSecret)
    this.#application = application
    this.#clock = clock
  }

  /** Encrypts a value that is valid for `maxAge` seconds. */
  async encrypt(kind: CookieKind, claims: JWTPayload, maxAge: number): Promise<string> {
    const [key] = await this.#loadKeys()
    const now = Math.floor(this.#clock() / 1000)
    return new EncryptJWT(claims)
      .setProtectedHeader(encryption)
      .setAudience(this.#audienceOf(kind))
      .setIssuedAt(now)
      .setExpirationTime(now + maxAge)
      .encrypt(key as Uint8Array)
  }

  /** Returns the content of a cookie, or undefined if no secret decrypts it, it has expired or is of another kind. */
  async decrypt(kind: CookieKind, value: string): Promise<JWTPayload | undefined> {
    for (const key of await this.#loadKeys()) {
      try {
        const { payload } = await jwtDecrypt(value, key, {
          audience: this.#audienceOf(kind),
          currentDate: new Date(this.#clock()),
          requiredClaims: ['exp'],
          keyManagementAlgorithms: [encryption.alg],
          contentEncryptionAlgorithms: [encryption.enc],
        })
        return payload
      } catch {
        // Another secret may decrypt it.
      }
    }
    return undefined
  }

  #audienceOf(kind: CookieKind): string {
    return `${kind} ${this.#application}`
  }

  #loadKeys(): Promise<readonly Uint8Array[]> {
    this.#keys ??= Promise.all(this.#secrets.map(deriveKey)).catch((error) => {
      // The next call tries again.
      this.#keys = undefined
      throw error
    })
    return this.#keys
  }
}

const wants = `at least ${minSecretLength} random bytes, or a text of at least ${minSecretLength} characters, for example from: openssl rand -base64 32`

function readSecret(secret: unknown): Uint8Array {
  if (secret === undefined || secret === '') {
    throw invalidParameter(`createBackend: cookie.secret is required: ${wants}`)
  }
  // Not instanceof: the bytes may be of another realm.
  const isBytes = Object(secret)[Symbol.toStringTag] === 'Uint8Array'
  const bytes = isBytes ? new Uint8Array(secret as Uint8Array) : encodeText(String(secret))
  if ((isBytes || typeof secret === 'string') && bytes.length >= minSecretLength) return bytes
  throw invalidParameter(`createBackend: cookie.secret must be ${wants}`)
}

/** Derives a key of 256 bits (RFC 5869). The secret has enough entropy, so no slow hash is needed. */
async function deriveKey(secret: Uint8Array): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey('raw', new Uint8Array(secret), 'HKDF', false, ['deriveBits'])
  const info = encodeText('@pds/backend cookies')
  const algorithm = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info }
  return new Uint8Array(await crypto.subtle.deriveBits(algorithm, key, 256))
}
