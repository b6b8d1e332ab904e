import {
  createPrivateKey,
  createPublicKey,
  createSign,
  createVerify,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto'
import { inspect } from 'node:util'
import { signAssertion } from '@pds/auth-jwt'
import { createTransport, isPDSError, type PDSError } from '@pds/core'
import { describe, expect, it, onTestFinished, vi } from 'vitest'

const transport = createTransport({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const passphrase = 'canary passphrase'
const cipher = 'aes-256-cbc'
const pkcs8 = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const pkcs1 = rsa.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
const encryptedPkcs8 = rsa.privateKey.export({ type: 'pkcs8', format: 'pem', cipher, passphrase }).toString()
const encryptedPkcs1 = rsa.privateKey.export({ type: 'pkcs1', format: 'pem', cipher, passphrase }).toString()
const certificate = `-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n`

const sign = (key: object) =>
  signAssertion(transport, {
    sub_type: 'service',
    domain_id: 'bj1',
    client_id: 'app',
    ...(key as { private_key_pem: string }),
  })

/** Verifies a signature with node:crypto, which shares no code with the signer. */
function isSignedBy(publicKey: KeyObject, assertion: string): boolean {
  const [header, payload, signature = ''] = assertion.split('.')
  return createVerify('RSA-SHA256').update(`${header}.${payload}`).verify(publicKey, signature, 'base64url')
}

const webCryptoAlgorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
const importPkcs8 = (algorithm: RsaHashedImportParams = webCryptoAlgorithm) =>
  crypto.subtle.importKey(
    'pkcs8',
    rsa.privateKey.export({ type: 'pkcs8', format: 'der' }),
    algorithm,
    false,
    ['sign'],
  )

describe('signAssertion accepts', () => {
  it.each([
    ['a PKCS#8 key', { private_key_pem: pkcs8 }],
    ['a PKCS#1 key', { private_key_pem: pkcs1 }],
    ['a key as private_Key_pem', { private_Key_pem: pkcs8 }],
    ['the same key under both spellings', { private_key_pem: pkcs8, private_Key_pem: pkcs8 }],
    ['an encrypted PKCS#8 key', { private_key_pem: encryptedPkcs8, passphrase }],
    ['an encrypted PKCS#1 key', { private_key_pem: encryptedPkcs1, passphrase }],
    ['an unencrypted key with a passphrase', { private_key_pem: pkcs8, passphrase }],
    ['an unencrypted key with an empty passphrase', { private_key_pem: pkcs8, passphrase: '' }],
    ['an unencrypted PKCS#1 key with an empty passphrase', { private_key_pem: pkcs1, passphrase: '' }],
    [
      'a key that is encrypted with an empty passphrase',
      {
        private_key_pem: rsa.privateKey.export({ type: 'pkcs8', format: 'pem', cipher, passphrase: '' }),
        passphrase: '',
      },
    ],
    // normalize-pem.test.ts has the other changes.
    ['a key in JSON of JSON', { private_key_pem: JSON.stringify(JSON.stringify(pkcs8)) }],
    ['PKCS#1 between PRIVATE KEY lines', { private_key_pem: pkcs1.replaceAll('RSA ', '') }],
    [
      'an encrypted PKCS#1 key on one line',
      { private_key_pem: encryptedPkcs1.replaceAll('\n', ''), passphrase },
    ],
    ['a key after a certificate', { private_key_pem: `subject=bj1\n${certificate}${pkcs8}` }],
    ['a KeyObject', { private_key: rsa.privateKey }],
    [
      'a synchronous signer',
      { signer: (data: Uint8Array) => createSign('RSA-SHA256').update(data).sign(rsa.privateKey) },
    ],
    [
      'an asynchronous signer',
      { signer: async (data: Uint8Array) => createSign('RSA-SHA256').update(data).sign(rsa.privateKey) },
    ],
  ])('%s', async (_what, key) => {
    expect(isSignedBy(rsa.publicKey, await sign(key))).toBe(true)
  })

  it('a CryptoKey', async () => {
    expect(isSignedBy(rsa.publicKey, await sign({ private_key: await importPkcs8() }))).toBe(true)
  })
})

describe('signAssertion rejects', () => {
  const pem = (label: string, content = 'Y2FuYXJ5') =>
    `-----BEGIN ${label}-----\n${content}\n-----END ${label}-----`
  const size = (text: string) => Buffer.from(text.replaceAll(/-----.*-----|.*: .*/g, ''), 'base64').length
  const withoutLastLine = (text: string) => text.replace(/.*\n(?=-----END)/, '')
  const cut = (text: string) => `it has only ${size(withoutLastLine(text))} of its ${size(text)} bytes`
  const small = generateKeyPairSync('rsa', { modulusLength: 1024 })
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pss = generateKeyPairSync('rsa-pss', { modulusLength: 2048 })
  const ed25519 = generateKeyPairSync('ed25519')
  const asPkcs8 = ({ privateKey }: { privateKey: KeyObject }) =>
    privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const publicPem = (type: 'spki' | 'pkcs1') => rsa.publicKey.export({ type, format: 'pem' }).toString()
  const rsaRequired = 'PDS accepts only RS256, which needs an RSA key'
  const publicKey = 'is a public key: pass the matching private key'

  const cases: [what: string, key: object, message: string][] = [
    ['a missing key', {}, 'private_key_pem is missing: pass private_key_pem, private_key or signer'],
    [
      'an empty key',
      { private_key_pem: '' },
      'private_key_pem must be a non-empty string (received an empty string)',
    ],
    [
      'a KeyObject as private_key_pem',
      { private_key_pem: rsa.privateKey },
      'private_key_pem must be a non-empty string (received an object)',
    ],
    [
      'different keys under both spellings',
      { private_key_pem: pkcs8, private_Key_pem: pkcs1 },
      'private_key_pem and private_Key_pem have different values: pass only one of them',
    ],
    [
      'a key and a signer',
      { private_key_pem: pkcs8, signer: () => new Uint8Array(256) },
      'private_key_pem and signer are given: pass only one key',
    ],
    ['a signer that is not a function', { signer: 'canary' }, 'signer must be a function'],
    [
      'text that is not PEM',
      { private_key_pem: 'canary' },
      'private_key_pem is not PEM: it has no line such as -----BEGIN PRIVATE KEY-----',
    ],
    [
      'an incomplete key',
      { private_key_pem: pkcs8.slice(0, 800) },
      'private_key_pem is incomplete: it has a BEGIN line but no matching END line',
    ],
    [
      'an incomplete key as base64 of PEM',
      { private_key_pem: btoa(pkcs8.slice(0, 800)) },
      'private_key_pem is incomplete: it has a BEGIN line but no matching END line',
    ],
    [
      'a key without content',
      { private_key_pem: pem('PRIVATE KEY', '') },
      'private_key_pem is damaged: nothing is between its BEGIN and END lines',
    ],
    [
      'a key that lost a line',
      { private_key_pem: pkcs8.replace(/\n.{64}\n/, '\n'), passphrase: '' },
      'private_key_pem is damaged: the content between its BEGIN and END lines is not a private key',
    ],
    [
      'a key that lost its last line',
      { private_key_pem: withoutLastLine(pkcs8) },
      `private_key_pem is damaged: ${cut(pkcs8)}`,
    ],
    [
      'an encrypted key that lost its last line',
      { private_key_pem: withoutLastLine(encryptedPkcs8), passphrase },
      `private_key_pem is damaged: ${cut(encryptedPkcs8)}`,
    ],
    [
      'an encrypted PKCS#1 key that lost characters',
      { private_key_pem: encryptedPkcs1.replace(/(?<=\n\n).{8}/, ''), passphrase },
      `private_key_pem is damaged: its content has ${size(encryptedPkcs1) - 6} bytes, which is no multiple of 16`,
    ],
    [
      'a key with padding inside',
      { private_key_pem: pkcs8.replace('\nM', '\nM=') },
      'private_key_pem is damaged: no base64 is between its BEGIN and END lines',
    ],
    [
      'text between the lines of a key',
      { private_key_pem: pem('PRIVATE KEY') },
      'private_key_pem is damaged: the content between its BEGIN and END lines is not a private key',
    ],
    [
      'a key in lower case',
      { private_key_pem: pkcs8.toLowerCase() },
      'private_key_pem is damaged: the content between its BEGIN and END lines is not a private key',
    ],
    [
      'a public key between PRIVATE KEY lines',
      { private_key_pem: publicPem('spki').replaceAll('PUBLIC', 'PRIVATE') },
      `private_key_pem ${publicKey}`,
    ],
    [
      'a SEC 1 EC key between PRIVATE KEY lines',
      { private_key_pem: `${ec.privateKey.export({ type: 'sec1', format: 'pem' })}`.replaceAll('EC ', '') },
      `private_key_pem is a key of type ec: ${rsaRequired}`,
    ],
    ['a public key', { private_key_pem: publicPem('spki') }, `private_key_pem ${publicKey}`],
    ['a PKCS#1 public key', { private_key_pem: publicPem('pkcs1') }, `private_key_pem ${publicKey}`],
    [
      'a certificate',
      { private_key_pem: certificate },
      'private_key_pem is a certificate: pass the matching private key',
    ],
    ['an EC key', { private_key_pem: asPkcs8(ec) }, `private_key_pem is a key of type ec: ${rsaRequired}`],
    [
      'a SEC 1 EC key',
      { private_key_pem: ec.privateKey.export({ type: 'sec1', format: 'pem' }) },
      `private_key_pem is a key of type ec: ${rsaRequired}`,
    ],
    [
      'an Ed25519 key',
      { private_key_pem: asPkcs8(ed25519) },
      `private_key_pem is a key of type ed25519: ${rsaRequired}`,
    ],
    [
      'an RSA-PSS key',
      { private_key_pem: asPkcs8(pss) },
      `private_key_pem is a key of type rsa-pss: ${rsaRequired}`,
    ],
    [
      "a key in OpenSSH's format",
      { private_key_pem: pem('OPENSSH PRIVATE KEY') },
      "private_key_pem is in OpenSSH's format: convert a copy of it with ssh-keygen -p -m PEM -f <file>",
    ],
    [
      'another type of PEM block',
      { private_key_pem: pem('CERTIFICATE REQUEST') },
      'private_key_pem is a PEM block of type CERTIFICATE REQUEST: pass an RSA private key',
    ],
    [
      'a DSA key',
      { private_key_pem: pem('DSA PRIVATE KEY') },
      'private_key_pem is a PEM block of type DSA PRIVATE KEY: pass an RSA private key',
    ],
    [
      'a key under 2048 bits',
      { private_key_pem: asPkcs8(small) },
      'private_key_pem is an RSA key of 1024 bits: RS256 needs at least 2048',
    ],
    [
      'an encrypted key without a passphrase',
      { private_key_pem: encryptedPkcs8 },
      'private_key_pem is encrypted: pass its passphrase in the option passphrase',
    ],
    [
      'an encrypted PKCS#1 key without a passphrase',
      { private_key_pem: encryptedPkcs1 },
      'private_key_pem is encrypted: pass its passphrase in the option passphrase',
    ],
    [
      'an encrypted key with an empty passphrase',
      { private_key_pem: encryptedPkcs8, passphrase: '' },
      'private_key_pem is encrypted: pass its passphrase in the option passphrase',
    ],
    [
      'a key that is encrypted with an old algorithm',
      { private_key_pem: encryptedPkcs1.replace(/AES-256-CBC,.{16}/, 'DES-CBC,'), passphrase },
      'private_key_pem is encrypted with an algorithm that node:crypto does not support: convert a copy of it with openssl pkcs8 -topk8 -provider legacy -provider default -in <file>',
    ],
    [
      'a wrong passphrase',
      { private_key_pem: encryptedPkcs8, passphrase: 'canary' },
      'private_key_pem cannot be decrypted: the passphrase is wrong or the encrypted data is damaged',
    ],
    [
      'a wrong passphrase of a PKCS#1 key',
      { private_key_pem: encryptedPkcs1, passphrase: 'canary' },
      'private_key_pem cannot be decrypted: the passphrase is wrong or the encrypted data is damaged',
    ],
    [
      'a passphrase with a line break of its file',
      { private_key_pem: encryptedPkcs8, passphrase: `${passphrase}\n` },
      'private_key_pem cannot be decrypted: the passphrase is wrong (it begins or ends with whitespace) or the encrypted data is damaged',
    ],
    [
      'PEM text as private_key',
      { private_key: pkcs8 },
      'private_key must be a KeyObject or a CryptoKey: pass PEM text as private_key_pem',
    ],
    ['a public KeyObject', { private_key: rsa.publicKey }, 'private_key is a public key: pass a private key'],
    ['an EC KeyObject', { private_key: ec.privateKey }, `private_key is a key of type ec: ${rsaRequired}`],
    [
      'a KeyObject under 2048 bits',
      { private_key: small.privateKey },
      'private_key is an RSA key of 1024 bits: RS256 needs at least 2048',
    ],
  ]
  it.each(cases)('%s', async (_what, key, message) => {
    const error = await rejection(sign(key))
    expect(error).toMatchObject({ code: 'InvalidParameter', outcome: 'not-sent' })
    expect(error.message).toBe(`signAssertion: ${message}`)
  })

  it('a CryptoKey for another purpose', async () => {
    const pair = await crypto.subtle.generateKey(
      { ...webCryptoAlgorithm, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
      true,
      ['sign', 'verify'],
    )
    const keys: [private_key: CryptoKey, message: string][] = [
      [await importPkcs8({ name: 'RSA-PSS', hash: 'SHA-256' }), 'is a CryptoKey for another algorithm'],
      [await importPkcs8({ ...webCryptoAlgorithm, hash: 'SHA-512' }), 'is a CryptoKey for another algorithm'],
      [pair.publicKey, 'is a public key: pass a private key'],
    ]
    for (const [private_key, message] of keys) {
      expect((await rejection(sign({ private_key }))).message).toContain(`private_key ${message}`)
    }
  })

  const invalidSignature = 'signer must return a Uint8Array with an RS256 signature of at least 256 bytes'
  it.each([
    ['a signer that returns undefined', () => undefined, invalidSignature],
    ['a signer that returns a string', () => 'canary', invalidSignature],
    ['a signer that returns too few bytes', () => new Uint8Array(255), invalidSignature],
  ])('%s', async (_what, signer, message) => {
    expect(await rejection(sign({ signer }))).toMatchObject({
      code: 'SigningFailed',
      outcome: 'not-sent',
      message,
    })
  })

  it('a signer that throws, with its sanitized error as the cause', async () => {
    const cause = Object.assign(new Error('the KMS is unavailable'), { request: { key: 'canary' } })
    const error = await rejection(sign({ signer: () => Promise.reject(cause) }))
    expect(error).toMatchObject({ code: 'SigningFailed', outcome: 'not-sent' })
    expect(error.cause).toEqual(new Error('the KMS is unavailable'))
  })

  async function rejection(promise: Promise<unknown>): Promise<PDSError> {
    const error = await promise.catch((reason: unknown) => reason)
    if (!isPDSError(error)) throw new Error('expected a PDSError', { cause: error })
    const shown = inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error)
    for (const line of pkcs8.split('\n').slice(1, -2)) expect(shown).not.toContain(line)
    expect(shown).not.toContain('canary')
    return error
  }
})

describe('the cache of parsed keys', () => {
  it('keeps keys, but no failures', async () => {
    const own = createTransport({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
    const read = vi.fn(() => encryptedPkcs8)
    const request = (secret: string) =>
      signAssertion(own, {
        sub_type: 'service',
        domain_id: 'bj1',
        client_id: 'app',
        private_key_pem: read(),
        passphrase: secret,
      })
    await expect(request('wrong')).rejects.toThrow('cannot be decrypted')
    for (let i = 0; i < 3; i++) {
      expect(isSignedBy(rsa.publicKey, await request(passphrase))).toBe(true)
      // The right key in the cache does not make a wrong passphrase right.
      await expect(request('wrong')).rejects.toThrow('cannot be decrypted')
    }
  })

  it('parses a key once and drops the oldest of more than 16 keys', async () => {
    const createPrivateKey = vi.spyOn(process.getBuiltinModule('node:crypto'), 'createPrivateKey')
    onTestFinished(() => createPrivateKey.mockRestore())
    const own = createTransport({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
    const use = async (spaces: number) => {
      const private_key_pem = `${' '.repeat(spaces)}${pkcs8}`
      createPrivateKey.mockClear()
      await signAssertion(own, { sub_type: 'service', domain_id: 'bj1', client_id: 'app', private_key_pem })
      return createPrivateKey.mock.calls.length
    }
    expect([await use(0), await use(0)]).toEqual([1, 0])
    for (let spaces = 1; spaces < 16; spaces++) await use(spaces)
    expect([await use(0), await use(16), await use(0)]).toEqual([0, 1, 1])
  })

  it('returns the right key of many', async () => {
    for (let i = 0; i < 40; i++) {
      const { privateKey, publicKey } =
        i % 20 === 0 ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : rsa
      const padded = `${' '.repeat(i)}${privateKey.export({ type: 'pkcs1', format: 'pem' })}`
      expect(isSignedBy(publicKey, await sign({ private_key_pem: padded }))).toBe(true)
    }
    expect(createPublicKey(createPrivateKey(pkcs8)).equals(rsa.publicKey)).toBe(true)
  })
})
