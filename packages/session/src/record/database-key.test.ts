import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { databaseKey, keyOfDatabaseKey } from './database-key.ts'

const seed = { seed: 20261201, numRuns: 2000 }
const anyKey = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1 }),
  fc
    .array(fc.constantFrom('=', 'u', '2', '3', 'F', 'f', '.', '\ud800', '\0'), { minLength: 1 })
    .map((all) => all.join('')),
)

describe('databaseKey', () => {
  it.each([
    ['user-1_A.b', 'user-1_A.b'],
    ['ann@example.com#1', 'ann=40example.com=231'],
    ['a=b', 'a=3Db'],
    ['.', '=2E'],
    ['..', '=2E=2E'],
    ['/../', '=2F..=2F'],
    ['\0', '=00'],
    ['é字', '=u00E9=u5B57'],
    ['\ud800', '=uD800'],
    ['\u{1F511}', '=uD83D=uDD11'],
  ])('of %j is %s', (key, name) => {
    expect(databaseKey(key)).toBe(name)
    expect(keyOfDatabaseKey(name)).toBe(key)
  })

  it('is at most 6 times as long as the key', () => {
    expect(databaseKey('字'.repeat(300))).toHaveLength(1800)
  })

  it('has only safe characters, and returns to its key', () => {
    fc.assert(
      fc.property(anyKey, (key) => {
        expect(databaseKey(key)).toMatch(/^[\w=-]([\w.=-]*[\w=-])?$/)
        expect(keyOfDatabaseKey(databaseKey(key))).toBe(key)
      }),
      seed,
    )
  })
})

it.each(['', 'a b', '=', '=4', '=41', '=u0041', '=3d', '.a', 'a.', '=U5B57', '=uFF'])(
  'keyOfDatabaseKey returns nothing for %j, which databaseKey never returns',
  (name) => {
    expect(keyOfDatabaseKey(name)).toBeUndefined()
  },
)
