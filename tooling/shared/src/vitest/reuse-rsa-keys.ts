import { inject } from 'vitest'
import { type RsaKeys, rsaKey } from './rsa-keys.ts'

/*
 * Setup of each test file: generating a pair of RSA keys returns one of the pairs from the start of the run, in turn.
 * Most tests start an emulator, which generates two pairs. At 57 ms each, they took a quarter of the run's processor
 * time.
 */

declare module 'vitest' {
  interface ProvidedContext {
    rsaKeys: RsaKeys[]
  }
}

const pairs = inject('rsaKeys')
let next = 0

const { generateKey } = SubtleCrypto.prototype

async function reuseKey(this: SubtleCrypto, ...wanted: [RsaHashedKeyGenParams, boolean, KeyUsage[]]) {
  const [{ name, modulusLength }, extractable] = wanted
  const pair = pairs[next++ % pairs.length]
  if (!pair || name !== rsaKey.name || modulusLength !== rsaKey.modulusLength) {
    return generateKey.apply(this, wanted)
  }
  return {
    privateKey: await this.importKey('jwk', pair.privateKey, rsaKey, extractable, ['sign']),
    publicKey: await this.importKey('jwk', pair.publicKey, rsaKey, true, ['verify']),
  }
}

SubtleCrypto.prototype.generateKey = reuseKey as typeof generateKey
