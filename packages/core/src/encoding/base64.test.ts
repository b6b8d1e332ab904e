import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { sha256, toBase64, toBase64Url } from './base64.ts'

describe('base64', () => {
  it.each([0, 1, 2, 3, 32, 200_000])('encodes %i bytes as Node.js does', (length) => {
    const bytes = randomBytes(length)
    expect(toBase64(bytes)).toBe(bytes.toString('base64'))
    expect(toBase64Url(bytes)).toBe(bytes.toString('base64url'))
  })

  it('encodes a hash as Node.js does', async () => {
    expect(await sha256('字 a')).toBe(createHash('sha256').update('字 a').digest('base64url'))
  })
})
