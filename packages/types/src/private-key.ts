/** A parsed key as Node.js holds it: the shape of `KeyObject` from `node:crypto`, named here without its types. */
export interface IKeyObject {
  /** Must be `private`. */
  readonly type: 'private' | 'public' | 'secret'
  /** Must be `rsa`. */
  readonly asymmetricKeyType?: string | undefined
}

/** A parsed key as WebCrypto holds it: the shape of the global `CryptoKey`, named here without the DOM's types. */
export interface ICryptoKey {
  /** `private` for a key that signs, `secret` for one that encrypts. */
  readonly type: 'private' | 'public' | 'secret'
  /** What the key is for: `RSASSA-PKCS1-v1_5` with SHA-256 to sign, `AES-GCM` with 256 bits to encrypt. */
  readonly algorithm: {
    /** The name of the algorithm, as in WebCrypto. */
    readonly name: string
  }
  /** Whether the key can be exported. It need not be. */
  readonly extractable: boolean
  /** What the key may do: `sign`, or `encrypt` and `decrypt`. */
  readonly usages: readonly string[]
}

/**
 * Signs outside of this process, for a key that a KMS or HSM never lets out.
 *
 * Gets the bytes of the JWS signing input (RFC 7515 section 5.1), a `Uint8Array`, and gives back the RS256 signature over
 * them: RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 section 3.3), as raw bytes.
 */
export type Signer = (data: Bytes) => Uint8Array | Promise<Uint8Array>

// What WebCrypto takes: a Uint8Array, which has a type parameter from TypeScript 5.7 on and none before. Asked of the
// constructor: without the DOM's types Node.js declares no type of that name.
type Bytes = ReturnType<InstanceType<typeof TextEncoder>['encode']>

/**
 * How the private key of a JWT application is given: as PEM text, as a parsed key or as a signing function, one of the
 * three.
 *
 * The vendor's page spells the first one both `private_key_pem` (its tables) and `private_Key_pem` (its samples):
 * either works.
 */
export type PrivateKeyParams =
  | (PrivateKeyPem & { private_key?: undefined; signer?: undefined })
  | {
      /** The RSA private key as a `KeyObject` of `node:crypto` or a `CryptoKey` of WebCrypto. */
      private_key: IKeyObject | ICryptoKey
      private_key_pem?: undefined
      private_Key_pem?: undefined
      passphrase?: undefined
      signer?: undefined
    }
  | {
      /** Signs in place of a key in this process, such as a call to a KMS. */
      signer: Signer
      private_key_pem?: undefined
      private_Key_pem?: undefined
      passphrase?: undefined
      private_key?: undefined
    }

/** @inline */
type PrivateKeyPem = (
  | {
      /** The RSA private key in PEM: PKCS#8, PKCS#1, or either of them encrypted. */
      private_key_pem: string
      /** The spelling of the vendor's sample code, the same as `private_key_pem`. */
      private_Key_pem?: string | undefined
    }
  | {
      /** The spelling of the vendor's sample code, the same as `private_key_pem`. */
      private_Key_pem: string
      /** The RSA private key in PEM: PKCS#8, PKCS#1, or either of them encrypted. */
      private_key_pem?: string | undefined
    }
) & {
  /** The passphrase of an encrypted PEM. */
  passphrase?: string | undefined
}
