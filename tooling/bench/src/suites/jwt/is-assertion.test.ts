import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import jsonwebtoken from 'jsonwebtoken'
import { expect, it } from 'vitest'
import { isAssertion } from './is-assertion.ts'
import { signWithCrypto } from './sign-with-crypto.ts'
import { claims, privateKey } from './signing-key.ts'

const sign = (changes: object, key: KeyObject = privateKey) =>
  jsonwebtoken.sign({ ...claims(), ...changes }, key, { algorithm: 'RS256' })

it('knows an assertion, whoever has signed it', async () => {
  expect(isAssertion(await signWithCrypto())).toBe(true)
  expect(isAssertion(sign({}))).toBe(true)
})

it('knows what is less than one', async () => {
  const { privateKey: another } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const [header, payload] = sign({}).split('.')
  const less = {
    'another key': sign({}, another),
    'no signature': `${header}.${payload}.`,
    'another user': sign({ sub: 'user-2' }),
    'no identifier': sign({ jti: 1 }),
    'an old one': sign({ iat: 1 }),
    nothing: '',
  }
  expect(Object.entries(less).filter(([, assertion]) => isAssertion(assertion))).toEqual([])
})
