import { createPrivateKey, createSign, createVerify, generateKeyPairSync } from 'node:crypto'
import { runInNewContext } from 'node:vm'
import { signAssertion } from '@pds/auth-jwt'
import { createTransport } from '@pds/core'
import { beforeEach, describe, expect, it, vi } from 'vitest'

/*
 * Test runners with jsdom mix globals of two realms. tooling/packed/src/realms runs Vitest and Jest themselves.
 */

const transport = createTransport({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const write = (type: 'pkcs8' | 'pkcs1') => privateKey.export({ type, format: 'pem' }).toString()

const sign = (key: object) =>
  signAssertion(transport, {
    sub_type: 'service',
    domain_id: 'bj1',
    client_id: 'app',
    ...(key as { private_key_pem: string }),
  })

const ForeignUint8Array: Uint8ArrayConstructor = runInNewContext('Uint8Array')

class ForeignTextEncoder extends TextEncoder {
  override encode(text?: string): Uint8Array<ArrayBuffer> {
    return new ForeignUint8Array(super.encode(text))
  }
}

const realms: [what: string, globals: Record<string, unknown>, hasNodeCrypto: boolean][] = [
  ['Uint8Array', { Uint8Array: ForeignUint8Array }, true],
  ['TextEncoder', { TextEncoder: ForeignTextEncoder }, true],
  ['Uint8Array, without node:crypto', { Uint8Array: ForeignUint8Array }, false],
]

describe.each(realms)('with a foreign %s', (_what, globals, hasNodeCrypto) => {
  beforeEach(() => {
    for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value)
    if (!hasNodeCrypto) vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never)
    return () => {
      vi.unstubAllGlobals()
      vi.restoreAllMocks()
    }
  })

  const keys: [kind: string, key: object][] = [
    ['PKCS#8', { private_key_pem: write('pkcs8') }],
    ['PKCS#1', { private_key_pem: write('pkcs1') }],
    ['a KeyObject', { private_key: createPrivateKey(write('pkcs8')) }],
    ['a signer', { signer: (data: Uint8Array) => createSign('RSA-SHA256').update(data).sign(privateKey) }],
    [
      'a signer that returns a foreign Uint8Array',
      {
        signer: (data: Uint8Array) =>
          new ForeignUint8Array(createSign('RSA-SHA256').update(data).sign(privateKey)),
      },
    ],
  ]
  it.each(keys.filter(([kind]) => hasNodeCrypto || kind !== 'PKCS#1'))(
    'signs with %s',
    async (_kind, key) => {
      const [header, payload, signature = ''] = (await sign(key)).split('.')
      const verify = createVerify('RSA-SHA256').update(`${header}.${payload}`)
      expect(verify.verify(publicKey, signature, 'base64url')).toBe(true)
    },
  )
})

describe('SigningFailed', () => {
  const { subtle } = crypto
  const locked = {
    importKey: subtle.importKey.bind(subtle),
    sign: () => Promise.reject(new DOMException('the key store is locked', 'OperationError')),
  }

  it.each([
    ['has the error of WebCrypto as its cause', locked, 'see cause', /^the key store is locked$/],
    ['says that crypto.subtle is missing', undefined, 'this environment has no crypto.subtle', /undefined/],
  ])('%s', async (_what, subtle, reason, cause) => {
    vi.stubGlobal('crypto', { randomUUID: () => '01234567-0123-4123-8123-0123456789ab', subtle })
    const error = await sign({ private_key_pem: write('pkcs8') }).catch((reason: unknown) => reason)
    vi.unstubAllGlobals()
    expect(error).toMatchObject({
      code: 'SigningFailed',
      outcome: 'not-sent',
      message: `the private key could not sign: ${reason}`,
      cause: { name: subtle ? 'OperationError' : 'TypeError', message: expect.stringMatching(cause) },
    })
  })
})
