import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import jsonwebtoken from 'jsonwebtoken'
import { expect, it } from 'vitest'
import { claims, isValidAssertion, privateKey, signWithCrypto } from './jwt-application.ts'

const sign = (changes: object, key: KeyObject = privateKey) =>
  jsonwebtoken.sign({ ...claims(), ...changes }, key, { algorithm: 'RS256' })

it('accepts valid assertions of different signers', async () => {
  expect(isValidAssertion(await signWithCrypto())).toBe(true)
  expect(isValidAssertion(sign({}))).toBe(true)
})

it('rejects invalid assertions', async () => {
  const { privateKey: another } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const [header, payload] = sign({}).split('.')
  const invalid = {
    'another key': sign({}, another),
    'no signature': `${header}.${payload}.`,
    'another user': sign({ sub: 'user-2' }),
    'wrong type of jti': sign({ jti: 1 }),
    'old iat': sign({ iat: 1 }),
    empty: '',
  }
  expect(Object.entries(invalid).filter(([, assertion]) => isValidAssertion(assertion))).toEqual([])
})
