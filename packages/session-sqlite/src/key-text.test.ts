import { describe, expect, it } from 'vitest'
import { keyText } from './key-text.ts'
import { connect, openStore, temporaryFile } from './temporary.test-helper.ts'

describe('keyText', () => {
  it.each(['user-1#0f', ' ', '%3a', '\\ud800', '字 \u{1F511}', '\ufffd', '\uffff', 'a\0b', '\u0001'])(
    'keeps the ordinary key %j',
    (key) => {
      expect(keyText(key)).toBe(key)
    },
  )

  it('returns different well-formed texts for keys with lone surrogates', () => {
    const parts = ['\ud800', '\udbff', '\udc00', '\ufdd0', '\ufffd', '\ufdd0d800', 'd800', '']
    const keys = parts.flatMap((one) => parts.map((other) => `user-${one}-${other}`))
    const texts = keys.map(keyText)
    expect(new Set(texts).size).toBe(new Set(keys).size)
    for (const text of texts) expect(Buffer.from(text).toString()).toBe(text)
  })
})

it('finds the sessions of an existing file', async () => {
  const file = temporaryFile()
  const store = openStore(file)
  await store.read('key')
  const keys = ['user-1#0f', 'a\0b', 'a\0c', 'a', '\ufffd', '字']
  const insert = connect(file).prepare('INSERT INTO records VALUES (?, 1, 0, CAST(? AS BLOB))')
  for (const key of keys) insert.run(key, key)
  for (const key of keys) expect(await store.read(key)).toEqual({ epoch: 0, data: key, rev: 1 })
  expect(await store.read('\ud800')).toBeUndefined()
})
