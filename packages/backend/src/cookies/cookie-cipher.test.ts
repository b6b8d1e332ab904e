import { CompactEncrypt, EncryptJWT, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { CookieCipher } from './cookie-cipher.ts'

const now = Date.parse('2026-01-02T03:04:05Z')
const clock = () => now
const secret = 'x'.repeat(32)
const cipher = new CookieCipher(secret, 'app', clock)
/** The key that the cipher derives: an attacker does not have it, but a test needs it to change one thing at a time. */
const key = await deriveKey(secret)
const audience = 'session app'
const seconds = now / 1000

async function deriveKey(text: string): Promise<Uint8Array> {
  const base = await crypto.subtle.importKey('raw', new TextEncoder().encode(text), 'HKDF', false, [
    'deriveBits',
  ])
  const info = new TextEncoder().encode('@pds/backend cookies')
  const algorithm = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info }
  return new Uint8Array(await crypto.subtle.deriveBits(algorithm, base, 256))
}

function encrypt(claims: object, enc = 'A256GCM', using = key): Promise<string> {
  return new EncryptJWT({ ...claims }).setProtectedHeader({ alg: 'dir', enc }).encrypt(using)
}

describe('CookieCipher', () => {
  it('decrypts what it has encrypted, each time in another form', async () => {
    const [one, other] = [
      await cipher.encrypt('session', { sub: 'k' }, 60),
      await cipher.encrypt('session', { sub: 'k' }, 60),
    ]
    expect(one).not.toBe(other)
    for (const value of [one, other])
      expect(await cipher.decrypt('session', value)).toMatchObject({ sub: 'k' })
  })

  it('accepts the standard form: a JWT with audience and expiry', async () => {
    expect(await cipher.decrypt('session', await encrypt({ aud: audience, exp: seconds + 1 }))).toBeDefined()
  })

  it.each([
    ['without an expiry', { aud: audience }],
    ['after its expiry', { aud: audience, exp: seconds - 1 }],
    ['without an audience', { exp: seconds + 1 }],
    ['of another kind', { aud: 'sign-in app', exp: seconds + 1 }],
    ['of another application', { aud: 'session other', exp: seconds + 1 }],
    ['before it becomes valid', { aud: audience, exp: seconds + 9, nbf: seconds + 5 }],
  ])('rejects a cookie %s', async (_name, claims) => {
    expect(await cipher.decrypt('session', await encrypt(claims))).toBeUndefined()
  })

  it('rejects another algorithm, also with the right key', async () => {
    const claims = { aud: audience, exp: seconds + 1 }
    expect(await cipher.decrypt('session', await encrypt(claims, 'A128CBC-HS256'))).toBeUndefined()
    const wrapped = await new EncryptJWT(claims)
      .setProtectedHeader({ alg: 'A256GCMKW', enc: 'A256GCM' })
      .encrypt(key)
    expect(await cipher.decrypt('session', wrapped)).toBeUndefined()
    const signed = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(key)
    expect(await cipher.decrypt('session', signed)).toBeUndefined()
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.`
    expect(await cipher.decrypt('session', none)).toBeUndefined()
  })

  it('rejects content that is not a JWT', async () => {
    const encrypted = await new CompactEncrypt(new TextEncoder().encode('text'))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .encrypt(key)
    expect(await cipher.decrypt('session', encrypted)).toBeUndefined()
  })

  it('rejects a cookie with any changed character', async () => {
    const value = await cipher.encrypt('session', { sub: 'k' }, 60)
    const changed = [...value].map((char, index) => {
      const other = char === 'A' ? 'B' : 'A'
      return char === '.'
        ? value.slice(0, index) + value.slice(index + 1)
        : value.slice(0, index) + other + value.slice(index + 1)
    })
    const results = await Promise.all(changed.map((each) => cipher.decrypt('session', each)))
    // The last characters of a part may have unused bits.
    expect(results.filter((result) => result !== undefined).length).toBeLessThanOrEqual(3)
    for (const result of results) expect(result ?? { sub: 'k' }).toMatchObject({ sub: 'k' })
  })

  it('accepts secrets as bytes, also of another realm, and copies them', async () => {
    const bytes = new Uint8Array(32).fill(7)
    const one = new CookieCipher(bytes, 'app', clock)
    const value = await new CookieCipher(new Uint8Array(bytes), 'app', clock).encrypt(
      'session',
      { sub: 'k' },
      60,
    )
    bytes.fill(0)
    expect(await one.decrypt('session', value)).toMatchObject({ sub: 'k' })
    const { runInNewContext } = await import('node:vm')
    const foreign = runInNewContext('new Uint8Array(32).fill(7)')
    expect(await new CookieCipher(foreign, 'app', clock).decrypt('session', value)).toMatchObject({
      sub: 'k',
    })
  })
})
