import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mangledPem } from './mangled-pem.test-helper.ts'
import { normalizePem, type PemBlock, UnusableKey } from './normalize-pem.ts'
import { parsePrivateKey } from './parse-private-key.ts'

const settings = { seed: 20_261_123, numRuns: 300 }
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

function normalize(text: string): PemBlock | undefined {
  try {
    return normalizePem(text)
  } catch (error) {
    expect(error).toBeInstanceOf(UnusableKey)
    return undefined
  }
}

describe('normalizePem', () => {
  it('returns a strict form that it leaves unchanged, or throws UnusableKey', () => {
    const pieces = fc.constantFrom(
      '-----BEGIN PRIVATE KEY-----',
      '-----END PRIVATE KEY-----',
      '-----BEGIN CERTIFICATE-----',
      '-----END CERTIFICATE-----',
      'Proc-Type: 4,ENCRYPTED\n',
      'DEK-Info: AES-256-CBC,00112233445566778899AABBCCDDEEFF\n\n',
      pem.slice(28, -26),
      '\\n',
      '\r\n',
      ' ',
    )
    let blocks = 0
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.base64String(), fc.string()), { maxLength: 12 }), (parts) => {
        const block = normalize(parts.join(''))
        if (block === undefined) return
        blocks++
        expect(block.text).toMatch(/^-----BEGIN ([\w ]+)-----\n.*-----END \1-----\n$/s)
        expect(normalizePem(block.text)).toEqual(block)
      }),
      { ...settings, numRuns: 3000 },
    )
    expect(blocks).toBeGreaterThan(20)
  })

  it('recovers a key that was changed and then encoded', () => {
    const names = Object.keys(mangledPem)
    const isAscii = (text = '') => /^[\t\n\r -~]*$/.test(text)
    const changes = names.filter((name) => isAscii(mangledPem[name]?.(pem)))
    const encodings = names.filter(
      (name) => /^(JSON( of|$)|percent|HTML|base64)/.test(name) && !name.endsWith('form'),
    )
    fc.assert(
      fc.property(fc.constantFrom(...changes), fc.constantFrom(...encodings), (change, encoding) => {
        const mangled = mangledPem[encoding]?.(mangledPem[change]?.(pem) ?? '') ?? ''
        const key = parsePrivateKey(mangled, undefined) as KeyObject
        expect(key.equals(privateKey)).toBe(true)
      }),
      settings,
    )
  })

  /*
   * The time is not measured: an algorithm of quadratic time would exceed the time limit by far. 40,000 BEGIN lines took
   * 13 seconds with an expression that searches the END line of each.
   */
  it('needs linear time', () => {
    expect(normalize('-----BEGIN PRIVATE KEY-----\n'.repeat(1_000_000))).toBeUndefined()
    const pieces = fc.constantFrom(
      ...['-----BEGIN PRIVATE KEY-----', '-----END PRIVATE KEY-----', '-----BEGIN A-----', '-----END B-----'],
      ...[
        '-----BEGIN ',
        '-----END ',
        '-',
        '\u2014',
        'BEGIN',
        'A',
        '+',
        '=',
        'n',
        ' ',
        '\n',
        '\t',
        '"',
        '\u00a0',
      ],
      ...[
        '\\',
        '\\n',
        '\\u00',
        '`',
        '%',
        '%25',
        '%0A',
        '25',
        '&#',
        '&#x',
        '10',
        '10;',
        'MII',
        'LS0tLS1CRUdJTi',
      ],
      ...[
        'Proc-Type:',
        'Proc-Type: 4,ENCRYPTED',
        'DEK-Info:',
        'DEK-Info: AES-256-CBC,',
        'DES-',
        '0123456789ABCDEF',
      ],
    )
    const unit = fc.array(pieces, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.array(unit, { minLength: 1, maxLength: 3 }), fc.boolean(), (units, isInBlock) => {
        const text = units.map((part) => part.repeat(300_000 / part.length)).join('')
        normalize(isInBlock ? `-----BEGIN PRIVATE KEY-----${text}-----END PRIVATE KEY-----` : text)
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
