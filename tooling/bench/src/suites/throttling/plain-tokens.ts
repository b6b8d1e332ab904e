import { createPrivateKey, type KeyObject, randomUUID, sign } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { grant_type } from '../jwt/jwt-application.ts'
import type { GetTokens } from './throttled-callers.ts'
import type { ServiceResponse } from './throttled-service.ts'

type Application = ServiceResponse['application']

const signInThreadPool = promisify(sign)
// As many as our transport sends by default.
const concurrency = 32
// The delay after a rejected request without `Retry-After`, in milliseconds.
const defaultDelay = 100

/** The baseline: gets the tokens with fetch, a number at a time, and repeats each rejected request after its delay. */
export const plainTokens: GetTokens = async ({ api_endpoint, application }, user_ids) => {
  const key = createPrivateKey(application.private_key_pem)
  const tokens: Promise<string>[] = []
  const worker = async () => {
    for (let user_id = user_ids[tokens.length]; user_id !== undefined; user_id = user_ids[tokens.length]) {
      const token = getToken(`${api_endpoint}/v2/oauth/token`, application, key, user_id)
      tokens.push(token)
      await token.catch(() => undefined)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  return Promise.allSettled(tokens)
}

async function getToken(
  url: string,
  application: Application,
  key: KeyObject,
  user_id: string,
): Promise<string> {
  for (;;) {
    const { client_id } = application
    const assertion = await signAssertion(application, key, user_id)
    const body = new URLSearchParams({ grant_type, client_id, assertion })
    const response = await fetch(url, { method: 'POST', body })
    const { access_token } = (await response.json()) as { access_token: string }
    if (response.ok) return access_token
    if (response.status !== 429) throw new Error(`the service responded with status ${response.status}`)
    const retryAfter = response.headers.get('retry-after')
    await setTimeout(retryAfter === null ? defaultDelay : 1000 * Number(retryAfter))
  }
}

async function signAssertion(
  { client_id, domain_id }: Application,
  key: KeyObject,
  user_id: string,
): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const claims = {
    ...{ iss: client_id, sub: user_id, sub_type: 'user', aud: domain_id, jti: randomUUID() },
    ...{ exp: now + 300, iat: now - 300, auto_create: false },
  }
  const input = [{ alg: 'RS256', typ: 'JWT' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  const signature = await signInThreadPool('sha256', Buffer.from(input), key)
  return `${input}.${signature.toString('base64url')}`
}
