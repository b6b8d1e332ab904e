import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { mangledPem, mangledUnencryptedPem } from './mangled-pem.test-helper.ts'
import { parsePrivateKey } from './parse-private-key.ts'

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const passphrase = 'canary passphrase'
const write = (type: 'pkcs1' | 'pkcs8', cipher?: string) =>
  privateKey.export({ type, format: 'pem', ...(cipher && { cipher, passphrase }) }).toString()

const unencrypted: [name: string, pem: string][] = [
  ['PKCS#8', write('pkcs8')],
  ['PKCS#1', write('pkcs1')],
]
const encrypted: [name: string, pem: string][] = [
  ['encrypted PKCS#8', write('pkcs8', 'aes-256-cbc')],
  ['PKCS#1, encrypted with AES', write('pkcs1', 'aes-128-cbc')],
  ['PKCS#1, encrypted with DES', write('pkcs1', 'des-ede3-cbc')],
]

const parse = (pem: string) => parsePrivateKey(pem, passphrase) as KeyObject

describe.each([...unencrypted, ...encrypted])('%s is read from', (_name, pem) => {
  it.each(Object.entries(mangledPem))('%s', (_what, mangle) => {
    expect(parse(mangle(pem)).equals(privateKey)).toBe(true)
  })
})

describe.each(unencrypted)('%s is read from', (_name, pem) => {
  it.each(Object.entries(mangledUnencryptedPem))('%s', (_what, mangle) => {
    expect(parse(mangle(pem)).equals(privateKey)).toBe(true)
  })
})

it.each(encrypted)('%s is read from PRIVATE KEY lines', (_name, pem) => {
  expect(parse(pem.replaceAll(/(RSA|ENCRYPTED) /g, '')).equals(privateKey)).toBe(true)
})
