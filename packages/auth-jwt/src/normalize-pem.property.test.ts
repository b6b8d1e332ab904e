import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normalizePem } from './normalize-pem.ts'
import { parsePrivateKey, UnusableKey } from './parse-private-key.ts'

const settings = { seed: 20_261_123, numRuns: 300 }
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

describe('normalizePem', () => {
  it('returns undefined or a strict form that it leaves unchanged', () => {
    const pieces = fc.constantFrom(
      '-----BEGIN PRIVATE KEY-----',
      '-----END PRIVATE KEY-----',
      '-----BEGIN CERTIFICATE-----',
      '-----END CERTIFICATE-----',
      'Proc-Type: 4,ENCRYPTED\n',
      'DEK-Info: AES-256-CBC,00FF\n\n',
      '\\n',
      '\r\n',
      ' ',
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.base64String(), fc.string()), { maxLength: 12 }), (parts) => {
        const block = normalizePem(parts.join(''))
        if (block === undefined) return
        expect(block.text).toMatch(/^-----BEGIN ([A-Z0-9 ]+)-----\n.*-----END \1-----\n$/s)
        expect(normalizePem(block.text)).toEqual(block)
      }),
      settings,
    )
  })

  it('recovers a key that configuration has mangled', () => {
    const lineBreak = fc.constantFrom('\n', '\r\n', ' ', '\\n', '\\r\\n', ' \n\t')
    const around = fc.stringMatching(/^["' \n]{0,5}$/)
    fc.assert(
      fc.property(lineBreak, around, around, (end, before, after) => {
        const mangled = before + pem.replaceAll('\n', end) + after
        const key = parsePrivateKey(mangled, undefined) as KeyObject
        expect(key.equals(privateKey)).toBe(true)
      }),
      settings,
    )
  })
})

describe('parsePrivateKey', () => {
  it('explains any damaged key without quoting it', () => {
    const lines = pem.split('\n').slice(1, -2)
    fc.assert(
      fc.property(fc.nat(pem.length - 1), fc.nat(200), fc.string({ maxLength: 5 }), (from, length, text) => {
        const damaged = pem.slice(0, from) + text + pem.slice(from + length)
        try {
          expect((parsePrivateKey(damaged, undefined) as KeyObject).type).toBe('private')
        } catch (error) {
          expect(error).toBeInstanceOf(UnusableKey)
          for (const line of lines) expect((error as Error).message).not.toContain(line)
        }
      }),
      settings,
    )
  })
})
