import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import { promisify } from 'node:util'
import { claims, application as keyless } from '../cold-start/scripts/application.mjs'

// Shared with the cold start scripts, which are JavaScript.
export { claims, grant_type, user_id } from '../cold-start/scripts/application.mjs'

/** The private key of the JWT application, as PEM. */
export const private_key_pem: string = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()

/** The same key, parsed once. */
export const privateKey: KeyObject = createPrivateKey(private_key_pem)
const publicKey = createPublicKey(privateKey)

/** The JWT application with its key. */
export const application = { ...keyless, private_key_pem }

const signInThreadPool = promisify(sign)
const header = encode(JSON.stringify({ alg: 'RS256', typ: 'JWT' }))

/** Signs an assertion with only the necessary work: with the parsed key, in a thread of libuv's pool. */
export async function signWithCrypto(): Promise<string> {
  const input = `${header}.${encode(JSON.stringify(claims()))}`
  const signature = await signInThreadPool('sha256', Buffer.from(input), privateKey)
  return `${input}.${signature.toString('base64url')}`
}

/** Returns whether an assertion has all claims of the user, has just been signed, and has a valid signature. */
export function isValidAssertion(assertion: string): boolean {
  const [header = '', payload = '', signature = ''] = assertion.split('.')
  const input = Buffer.from(`${header}.${payload}`)
  if (!verify('sha256', input, publicKey, Buffer.from(signature, 'base64url'))) return false
  const { jti, exp, iat, ...fixed } = claims()
  const actual = JSON.parse(Buffer.from(payload, 'base64url').toString())
  return (
    Object.entries(fixed).every(([name, value]) => actual[name] === value) &&
    typeof actual.jti === typeof jti &&
    // In seconds.
    Math.abs(actual.exp - exp) < 60 &&
    Math.abs(actual.iat - iat) < 60
  )
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64url')
}
