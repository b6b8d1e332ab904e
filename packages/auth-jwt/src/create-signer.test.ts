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

/** Node's own check, which shares nothing with what signed. */
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

describe('a private key is taken', () => {
  it.each([
    ['as PKCS#8', { private_key_pem: pkcs8 }],
    ['as PKCS#1', { private_key_pem: pkcs1 }],
    ['under the spelling of the samples', { private_Key_pem: pkcs8 }],
    ['under both spellings', { private_key_pem: pkcs8, private_Key_pem: pkcs8 }],
    ['as encrypted PKCS#8', { private_key_pem: encryptedPkcs8, passphrase }],
    ['as encrypted PKCS#1', { private_key_pem: encryptedPkcs1, passphrase }],
    ['with a passphrase that it does not need', { private_key_pem: pkcs8, passphrase }],
    ['with CRLF', { private_key_pem: pkcs8.replaceAll('\n', '\r\n') }],
    ['with a literal \\n', { private_key_pem: pkcs8.replaceAll('\n', '\\n') }],
    ['with a literal \\r\\n, in quotes', { private_key_pem: `"${pkcs1.replaceAll('\n', '\\r\\n')}"` }],
    ['with spaces for line breaks', { private_key_pem: pkcs8.replaceAll('\n', ' ') }],
    ['with stray spaces', { private_key_pem: ` \n${pkcs8.replaceAll('\n', ' \n\t ')} ` }],
    [
      'with no line breaks in its data',
      { private_key_pem: pkcs8.replaceAll(/(?<=[\w+/=])\n(?=[\w+/=])/g, '') },
    ],
    [
      'encrypted, as PKCS#1 on one line',
      { private_key_pem: encryptedPkcs1.replaceAll('\n', ' '), passphrase },
    ],
    [
      'encrypted, with a literal \\n',
      { private_key_pem: encryptedPkcs1.replaceAll('\n', '\\n'), passphrase },
    ],
    ['after a certificate', { private_key_pem: `subject=bj1\n${certificate}${pkcs8}` }],
    ['as a KeyObject', { private_key: rsa.privateKey }],
    [
      'as a signer',
      { signer: (data: Uint8Array) => createSign('RSA-SHA256').update(data).sign(rsa.privateKey) },
    ],
    [
      'as a slow signer',
      { signer: async (data: Uint8Array) => createSign('RSA-SHA256').update(data).sign(rsa.privateKey) },
    ],
  ])('%s', async (_what, key) => {
    expect(isSignedBy(rsa.publicKey, await sign(key))).toBe(true)
  })

  it('as a CryptoKey', async () => {
    expect(isSignedBy(rsa.publicKey, await sign({ private_key: await importPkcs8() }))).toBe(true)
  })
})

describe('a private key is refused', () => {
  const pem = (label: string) => `-----BEGIN ${label}-----\nY2FuYXJ5\n-----END ${label}-----`
  const small = generateKeyPairSync('rsa', { modulusLength: 1024 })
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pss = generateKeyPairSync('rsa-pss', { modulusLength: 2048 })
  const ed25519 = generateKeyPairSync('ed25519')
  const asPkcs8 = ({ privateKey }: { privateKey: KeyObject }) =>
    privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const publicPem = (type: 'spki' | 'pkcs1') => rsa.publicKey.export({ type, format: 'pem' }).toString()
  const needed = 'PDS takes RS256, which needs an RSA key'
  const publicKey = 'is a public key: the private key that belongs to it is needed'

  const cases: [what: string, key: object, message: string][] = [
    ['that is not there', {}, 'private_key_pem is required, or private_key, or signer'],
    [
      'that is empty',
      { private_key_pem: '' },
      'private_key_pem must be a non-empty string, got an empty string',
    ],
    [
      'that is a KeyObject in the place of PEM',
      { private_key_pem: rsa.privateKey },
      'private_key_pem must be a non-empty string, got an object',
    ],
    [
      'with another one under the other spelling',
      { private_key_pem: pkcs8, private_Key_pem: pkcs1 },
      'private_key_pem and private_Key_pem have different values; give one of them',
    ],
    [
      'beside a signer',
      { private_key_pem: pkcs8, signer: () => new Uint8Array(256) },
      'private_key_pem and signer are given; give one of them',
    ],
    ['that is a signer and no function', { signer: 'canary' }, 'signer must be a function'],
    [
      'that is garbage',
      { private_key_pem: 'canary' },
      'private_key_pem is not PEM: it has no line such as -----BEGIN PRIVATE KEY-----',
    ],
    [
      'that is cut off',
      { private_key_pem: pkcs8.slice(0, 800) },
      'private_key_pem is cut off: it has a BEGIN line and no END line that matches',
    ],
    [
      'that is damaged',
      { private_key_pem: pkcs8.replace(/\n.{64}\n/, '\n') },
      'private_key_pem is damaged: it has the lines of a private key, and its content is none',
    ],
    ['that is a public key', { private_key_pem: publicPem('spki') }, `private_key_pem ${publicKey}`],
    [
      'that is a public key in PKCS#1',
      { private_key_pem: publicPem('pkcs1') },
      `private_key_pem ${publicKey}`,
    ],
    [
      'that is a certificate',
      { private_key_pem: certificate },
      'private_key_pem is a certificate: the private key that belongs to it is needed',
    ],
    [
      'that is an EC key',
      { private_key_pem: asPkcs8(ec) },
      `private_key_pem is a key of the type ec: ${needed}`,
    ],
    [
      'that is an EC key in SEC 1',
      { private_key_pem: ec.privateKey.export({ type: 'sec1', format: 'pem' }) },
      `private_key_pem is a key of the type ec: ${needed}`,
    ],
    [
      'that is an Ed25519 key',
      { private_key_pem: asPkcs8(ed25519) },
      `private_key_pem is a key of the type ed25519: ${needed}`,
    ],
    [
      'that is for RSA-PSS only',
      { private_key_pem: asPkcs8(pss) },
      `private_key_pem is a key of the type rsa-pss: ${needed}`,
    ],
    [
      "in OpenSSH's format",
      { private_key_pem: pem('OPENSSH PRIVATE KEY') },
      "private_key_pem is in OpenSSH's own format: convert a copy of it with ssh-keygen -p -m PEM -f <file>",
    ],
    [
      'that is another kind of PEM',
      { private_key_pem: pem('CERTIFICATE REQUEST') },
      'private_key_pem is a PEM block of the kind CERTIFICATE REQUEST: an RSA private key is needed',
    ],
    [
      'that is a DSA key',
      { private_key_pem: pem('DSA PRIVATE KEY') },
      'private_key_pem is a PEM block of the kind DSA PRIVATE KEY: an RSA private key is needed',
    ],
    [
      'under 2048 bits',
      { private_key_pem: asPkcs8(small) },
      'private_key_pem is an RSA key of 1024 bits: RS256 needs 2048 or more',
    ],
    [
      'that is encrypted, without a passphrase',
      { private_key_pem: encryptedPkcs8 },
      'private_key_pem is encrypted: its passphrase is needed in the option passphrase',
    ],
    [
      'that is encrypted as PKCS#1, without a passphrase',
      { private_key_pem: encryptedPkcs1 },
      'private_key_pem is encrypted: its passphrase is needed in the option passphrase',
    ],
    [
      'with a wrong passphrase',
      { private_key_pem: encryptedPkcs8, passphrase: 'canary' },
      'private_key_pem cannot be decrypted: the passphrase is wrong, or the key is damaged',
    ],
    [
      'with a wrong passphrase, as PKCS#1',
      { private_key_pem: encryptedPkcs1, passphrase: 'canary' },
      'private_key_pem cannot be decrypted: the passphrase is wrong, or the key is damaged',
    ],
    [
      'that is text in the place of a KeyObject',
      { private_key: pkcs8 },
      'private_key must be a KeyObject or a CryptoKey; PEM text goes into private_key_pem',
    ],
    [
      'that is a public KeyObject',
      { private_key: rsa.publicKey },
      'private_key is a public key: a private key is needed',
    ],
    [
      'that is an EC KeyObject',
      { private_key: ec.privateKey },
      `private_key is a key of the type ec: ${needed}`,
    ],
    [
      'that is a small KeyObject',
      { private_key: small.privateKey },
      'private_key is an RSA key of 1024 bits: RS256 needs 2048 or more',
    ],
  ]
  it.each(cases)('%s', async (_what, key, message) => {
    const error = await refusal(sign(key))
    expect(error).toMatchObject({ code: 'InvalidParameter', outcome: 'not-sent' })
    expect(error.message).toBe(`signAssertion: ${message}`)
  })

  it('that is a CryptoKey for something else', async () => {
    const pair = await crypto.subtle.generateKey(
      { ...webCryptoAlgorithm, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
      true,
      ['sign', 'verify'],
    )
    const keys: [private_key: CryptoKey, message: string][] = [
      [await importPkcs8({ name: 'RSA-PSS', hash: 'SHA-256' }), 'is a CryptoKey for another algorithm'],
      [await importPkcs8({ ...webCryptoAlgorithm, hash: 'SHA-512' }), 'is a CryptoKey for another algorithm'],
      [pair.publicKey, 'is a public key: a private key is needed'],
    ]
    for (const [private_key, message] of keys) {
      expect((await refusal(sign({ private_key }))).message).toContain(`private_key ${message}`)
    }
  })

  const unsigned = 'the signer must give a Uint8Array with an RS256 signature, of 256 bytes or more'
  it.each([
    ['that is a signer which gives nothing', () => undefined, unsigned],
    ['that is a signer which gives text', () => 'canary', unsigned],
    ['that is a signer which gives too few bytes', () => new Uint8Array(255), unsigned],
  ])('%s', async (_what, signer, message) => {
    expect(await refusal(sign({ signer }))).toMatchObject({
      code: 'SigningFailed',
      outcome: 'not-sent',
      message,
    })
  })

  it('that is a signer which throws, with what its own error says as the cause', async () => {
    const cause = Object.assign(new Error('the KMS is on strike'), { request: { key: 'canary' } })
    const error = await refusal(sign({ signer: () => Promise.reject(cause) }))
    expect(error).toMatchObject({ code: 'SigningFailed', outcome: 'not-sent' })
    expect(error.cause).toEqual(new Error('the KMS is on strike'))
  })

  async function refusal(promise: Promise<unknown>): Promise<PDSError> {
    const error = await promise.catch((reason: unknown) => reason)
    if (!isPDSError(error)) throw new Error('expected a PDSError', { cause: error })
    const shown = inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error)
    for (const line of pkcs8.split('\n').slice(1, -2)) expect(shown).not.toContain(line)
    expect(shown).not.toContain('canary')
    return error
  }
})

describe('a parsed key', () => {
  it('is kept with its transport, and a failure is not', async () => {
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

  it('is read once, until many others have been', async () => {
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

  it('is the right one of many', async () => {
    for (let i = 0; i < 40; i++) {
      const { privateKey, publicKey } =
        i % 20 === 0 ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : rsa
      const padded = `${' '.repeat(i)}${privateKey.export({ type: 'pkcs1', format: 'pem' })}`
      expect(isSignedBy(publicKey, await sign({ private_key_pem: padded }))).toBe(true)
    }
    expect(createPublicKey(createPrivateKey(pkcs8)).equals(rsa.publicKey)).toBe(true)
  })
})
