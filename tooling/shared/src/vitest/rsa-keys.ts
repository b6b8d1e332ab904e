/** The private and the public key of a pair. */
export interface RsaKeys {
  privateKey: JsonWebKey
  publicKey: JsonWebKey
}

/** The parameters of the keys that the emulator generates for a domain and for a JWT application. */
export const rsaKey: RsaHashedKeyGenParams = {
  name: 'RSASSA-PKCS1-v1_5',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: 'SHA-256',
}

/** Generates pairs of keys for all tests of a run: see reuse-rsa-keys.ts. */
export function makeRsaKeys(count: number): Promise<RsaKeys[]> {
  const makePair = async () => {
    const pair = await crypto.subtle.generateKey(rsaKey, true, ['sign', 'verify'])
    return {
      privateKey: await crypto.subtle.exportKey('jwk', pair.privateKey),
      publicKey: await crypto.subtle.exportKey('jwk', pair.publicKey),
    }
  }
  return Promise.all(Array.from({ length: count }, makePair))
}
