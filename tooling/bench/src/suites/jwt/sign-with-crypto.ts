import { sign } from 'node:crypto'
import { promisify } from 'node:util'
import { claims, privateKey } from './signing-key.ts'

const signOffThread = promisify(sign)
const header = encode(JSON.stringify({ alg: 'RS256', typ: 'JWT' }))

/** Signs an assertion with no more than it takes: a key that was parsed before, and a thread of its own. */
export async function signWithCrypto(): Promise<string> {
  const input = `${header}.${encode(JSON.stringify(claims()))}`
  const signature = await signOffThread('sha256', Buffer.from(input), privateKey)
  return `${input}.${signature.toString('base64url')}`
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64url')
}
