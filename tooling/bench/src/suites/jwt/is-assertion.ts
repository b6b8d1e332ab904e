import { createPublicKey, verify } from 'node:crypto'
import { claims, privateKey } from './signing-key.ts'

const publicKey = createPublicKey(privateKey)

/** Whether that is an assertion with all claims, about the user, for the next 5 minutes, and signed with the key. */
export function isAssertion(assertion: string): boolean {
  const [header = '', payload = '', signature = ''] = assertion.split('.')
  const input = Buffer.from(`${header}.${payload}`)
  if (!verify('sha256', input, publicKey, Buffer.from(signature, 'base64url'))) return false
  const { jti, exp, iat, ...rest } = claims()
  const is = JSON.parse(Buffer.from(payload, 'base64url').toString())
  return (
    Object.entries(rest).every(([name, value]) => is[name] === value) &&
    typeof is.jti === typeof jti &&
    // It was signed a moment ago.
    Math.abs(is.exp - exp) < 60 &&
    Math.abs(is.iat - iat) < 60
  )
}
