import { createSign, createVerify, generateKeyPairSync } from 'node:crypto'
import { jwtGrant, signAssertion } from '@pds/auth-jwt'
import { createTransport, isPDSError, type PDSError } from '@pds/core'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { mangledPem, mangledUnencryptedPem } from './mangled-pem.test-helper.ts'
import { parsePrivateKey } from './parse-private-key.ts'
import { toCryptoKey } from './to-crypto-key.ts'

/*
 * Simulates a runtime without `node:crypto`, like Cloudflare Workers without nodejs_compat. The tests of
 * tooling/packed/src/runtimes run in Workers themselves.
 */

beforeEach(() => {
  vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never)
  return () => vi.restoreAllMocks()
})

const transport = createTransport({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
const app = { domain_id: 'bj1', client_id: 'app' }
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const passphrase = 'canary passphrase'
const write = (type: 'pkcs8' | 'pkcs1', encryption?: { cipher: string; passphrase: string }) =>
  rsa.privateKey.export({ type, format: 'pem', ...encryption }).toString()
const pkcs8 = write('pkcs8')
const encrypted = { cipher: 'aes-256-cbc', passphrase }
const damaged = pkcs8.replace(/\n.{64}\n/, '\n')
// Only the first line is intact, which says what the key is.
const overwritten = pkcs8
  .split('\n')
  .map((line, i) => (i < 2 || line.startsWith('-') ? line : line.replaceAll(/[^=]/g, 'A')))
  .join('\n')

const sign = (key: object) =>
  signAssertion(transport, { sub_type: 'service', ...app, ...(key as { private_key_pem: string }) })

async function cryptoKey(): Promise<CryptoKey> {
  const der = rsa.privateKey.export({ type: 'pkcs8', format: 'der' })
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
  return crypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign'])
}

async function rejection(promise: Promise<unknown>): Promise<PDSError> {
  const error = await promise.catch((reason: unknown) => reason)
  if (!isPDSError(error)) throw new Error('expected a PDSError', { cause: error })
  for (const line of pkcs8.split('\n').slice(1, -2)) expect(error.message).not.toContain(line)
  expect(error).toMatchObject({ code: 'InvalidParameter', outcome: 'not-sent' })
  expect(error.cause).toBeUndefined()
  return error
}

describe('without node:crypto', () => {
  it.each([
    ['a PKCS#8 key', async () => ({ private_key_pem: pkcs8 })],
    ['a CryptoKey', async () => ({ private_key: await cryptoKey() })],
    [
      'a signer',
      async () => ({
        signer: (data: Uint8Array) => createSign('RSA-SHA256').update(data).sign(rsa.privateKey),
      }),
    ],
  ])('signAssertion accepts %s', async (_what, key) => {
    const [header, payload, signature = ''] = (await sign(await key())).split('.')
    const verify = createVerify('RSA-SHA256').update(`${header}.${payload}`)
    expect(verify.verify(rsa.publicKey, signature, 'base64url')).toBe(true)
  })

  it.each(Object.entries({ ...mangledPem, ...mangledUnencryptedPem }))(
    'a PKCS#8 key is read from %s',
    async (_what, mangle) => {
      const intact = await toCryptoKey(parsePrivateKey(pkcs8, undefined))
      const read = await toCryptoKey(parsePrivateKey(mangle(pkcs8), undefined))
      const signatures = [intact, read].map((key) =>
        crypto.subtle.sign(key.algorithm, key, new Uint8Array(1)),
      )
      expect(await signatures[1]).toEqual(await signatures[0])
    },
  )

  const needsNodeCrypto =
    'which only node:crypto can read: enable it (nodejs_compat on Cloudflare Workers), ' +
    'or convert a copy of the key with openssl pkcs8 -topk8 -nocrypt -in <file>'
  const noRsaKey = 'contains no readable RSA key: PDS accepts only RS256, which needs one'
  const generate = (type: 'rsa' | 'rsa-pss', modulusLength: number) =>
    generateKeyPairSync(type as 'rsa', { modulusLength })
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString()

  it.each([
    ['a PKCS#1 key', { private_key_pem: write('pkcs1') }, `is PKCS#1, ${needsNodeCrypto}`],
    [
      'an encrypted PKCS#8 key',
      { private_key_pem: write('pkcs8', encrypted), passphrase },
      `is encrypted, ${needsNodeCrypto}`,
    ],
    [
      'an encrypted PKCS#1 key',
      { private_key_pem: write('pkcs1', encrypted) },
      `is encrypted, ${needsNodeCrypto}`,
    ],
    [
      'a PKCS#1 key between PRIVATE KEY lines',
      { private_key_pem: write('pkcs1').replaceAll('RSA ', '') },
      `is PKCS#1, ${needsNodeCrypto}`,
    ],
    [
      'a damaged key',
      { private_key_pem: damaged },
      'is damaged: the content between its BEGIN and END lines is not a private key',
    ],
    ['a key that is damaged inside', { private_key_pem: overwritten }, noRsaKey],
    ['an RSA-PSS key', { private_key_pem: generate('rsa-pss', 2048) }, noRsaKey],
    [
      'a key under 2048 bits',
      { private_key_pem: generate('rsa', 1024) },
      'is an RSA key of 1024 bits: RS256 needs at least 2048',
    ],
  ])('signAssertion rejects %s', async (_what, key, message) => {
    const error = await rejection(sign(key))
    expect(error.message).toBe(`signAssertion: private_key_pem ${message}`)
  })

  it('a grant reports a key that is damaged inside at its first signature', async () => {
    const grant = jwtGrant({ transport, ...app, user_id: 'user-1', private_key_pem: overwritten })
    const { signal } = new AbortController()
    const error = await rejection(Promise.resolve(grant.obtain?.({ signal, timeout: 1000 })))
    expect(error.message).toBe(`jwtGrant: private_key_pem ${noRsaKey}`)
  })
})
