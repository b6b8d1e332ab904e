/** A parsed key of Node.js: the shape of `KeyObject` from `node:crypto`, declared here so that no Node.js types are needed. */
export interface IKeyObject {
  /** Must be `private`. */
  readonly type: 'private' | 'public' | 'secret'
  /** Must be `rsa`. */
  readonly asymmetricKeyType?: string | undefined
}

/** A parsed key of WebCrypto: the shape of the global `CryptoKey`, declared here so that no DOM types are needed. */
export interface ICryptoKey {
  /** `private` for a signing key, `secret` for an encryption key. */
  readonly type: 'private' | 'public' | 'secret'
  /** The key's algorithm: `RSASSA-PKCS1-v1_5` with SHA-256 for signing, `AES-GCM` with 256 bits for encryption. */
  readonly algorithm: {
    /** The WebCrypto name of the algorithm. */
    readonly name: string
  }
  /** Whether the key can be exported. Both values are accepted. */
  readonly extractable: boolean
  /** The allowed operations: `sign`, or `encrypt` and `decrypt`. */
  readonly usages: readonly string[]
}

/**
 * Returns the RS256 signature of `data`, for a private key that stays in a KMS or HSM.
 *
 * `data` is the JWS signing input (RFC 7515 section 5.1) as a `Uint8Array`. The signature is RSASSA-PKCS1-v1_5 with
 * SHA-256 (RFC 7518 section 3.3), as raw bytes.
 */
export type Signer = (data: Bytes) => Uint8Array | Promise<Uint8Array>

// The Uint8Array that WebCrypto accepts. It has a type parameter since TypeScript 5.7 and none before, so the type is
// taken from TextEncoder.
type Bytes = ReturnType<InstanceType<typeof TextEncoder>['encode']>

/*
 * The variants do not declare each other's required fields, and PemTextParams sorts last by name and position: so
 * compilers from 5.4 to 7 report a missing or undefined key at `private_key_pem`. The packed tests check this.
 */

/** @inline */
interface ExternalSignerParams {
  /** Signs with a key outside of this process, for example in a KMS. Exclusive with the other keys. */
  signer: Signer
  /** Not allowed together with `signer`. */
  private_key?: undefined
}

/** @inline */
interface KeyObjectParams {
  /** The RSA private key as a `KeyObject` of `node:crypto` or a `CryptoKey` of WebCrypto. Exclusive with the other keys. */
  private_key: IKeyObject | ICryptoKey
  /** Not allowed together with `private_key`. */
  signer?: undefined
}

/** @inline */
interface PemAliasParams {
  /**
   * The RSA private key in PEM, under the name that the vendor's sample code uses.
   *
   * @deprecated Use `private_key_pem`, the name in the vendor's tables.
   */
  private_Key_pem: string
  /** The passphrase of an encrypted PEM. */
  passphrase?: string | undefined
  /** Not allowed together with a PEM. */
  private_key?: undefined
  /** Not allowed together with a PEM. */
  signer?: undefined
}

/** @inline */
interface PemTextParams {
  /** The RSA private key in PEM: PKCS#8 or PKCS#1, either of them plain or encrypted. Exclusive with the other keys. */
  private_key_pem: string
  /**
   * The same key, under the name that the vendor's sample code uses.
   *
   * @deprecated Use `private_key_pem`.
   */
  private_Key_pem?: string | undefined
  /** The passphrase of an encrypted PEM. */
  passphrase?: string | undefined
  /** Not allowed together with a PEM. */
  private_key?: undefined
  /** Not allowed together with a PEM. */
  signer?: undefined
}

/**
 * The private key of a JWT application: exactly one of `private_key_pem` (PEM text), `private_key` (a parsed key) and
 * `signer` (a function).
 *
 * The vendor spells the first one `private_key_pem` in its tables and `private_Key_pem` in its samples. Both work.
 */
export type PrivateKeyParams = ExternalSignerParams | KeyObjectParams | PemAliasParams | PemTextParams
