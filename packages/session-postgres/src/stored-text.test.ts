import { describe, expect, it } from 'vitest'
import { escapeText, storedKey, unescapeText, watchName, watchNameOf } from './stored-text.ts'

const texts = [
  '',
  'a',
  '字',
  '\u{1F511}',
  '\0',
  'a\0b',
  '\ud800',
  '\udc00\ud800',
  '\uFDD0',
  '\uFDD00000',
  '\ufffd',
]

describe('escapeText', () => {
  it.each(texts)('of %j is valid and reversible', (text) => {
    const escaped = escapeText(text)
    expect(escaped).not.toContain('\0')
    expect(escaped).not.toMatch(/\p{Surrogate}/u)
    expect(unescapeText(escaped)).toBe(text)
  })

  it('leaves ordinary texts unchanged, and separates all others', () => {
    expect(escapeText('user-1#字\u{1F511}')).toBe('user-1#字\u{1F511}')
    expect(new Set(texts.map(escapeText)).size).toBe(texts.length)
  })
})

describe('storedKey', () => {
  const keys = [
    'user-1',
    'x'.repeat(500),
    'x'.repeat(501),
    `${'x'.repeat(500)}y`,
    '字'.repeat(10_000),
    '\u{1F511}'.repeat(400),
    `${'x'.repeat(199)}${'\u{1F511}'.repeat(400)}`,
    '\0'.repeat(400),
    '\ud800'.repeat(10_000),
  ]

  it.each(keys.map((key) => [key.slice(0, 20), key]))('of %j… fits into an index', async (_start, key) => {
    const { key: stored, longKey } = await storedKey(key)
    expect(new TextEncoder().encode(stored).length).toBeLessThanOrEqual(1500)
    expect(stored).not.toMatch(/[\0\p{Surrogate}]/u)
    expect(unescapeText(longKey || stored)).toBe(key)
    expect(watchName(key)).toBe(watchNameOf(stored))
  })

  it('is another one for each key', async () => {
    const stored = await Promise.all(keys.map((key) => storedKey(key)))
    expect(new Set(stored.map(({ key }) => key)).size).toBe(keys.length)
    // A key that looks like the stored form of a long key.
    const { key: long } = await storedKey('x'.repeat(501))
    expect((await storedKey(long)).key).not.toBe(long)
  })
})
