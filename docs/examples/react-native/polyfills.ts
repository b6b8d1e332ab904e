import { type CryptoDigestAlgorithm, digest, getRandomValues, randomUUID } from 'expo-crypto'
import { setupURLPolyfill } from 'react-native-url-polyfill'

// The part of WebCrypto that the packages use: random values, and SHA-256 for the code challenge of PKCE.
const subtle = {
  digest: (algorithm: string, data: BufferSource) => digest(algorithm as CryptoDigestAlgorithm, data),
}
globalThis.crypto ??= { getRandomValues, randomUUID, subtle } as unknown as Crypto

// React Native's URL has no `canParse` and reads no custom scheme. Expo's URL is complete: omit this line there.
setupURLPolyfill()
