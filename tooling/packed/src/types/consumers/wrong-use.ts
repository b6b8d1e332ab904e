/*
 * Mistakes that the types of the packages find. The test compiles this file without its `@ts-expect-error`, and wants an
 * error of the code that stands there in the line below each, and no other.
 */
import { getUserJwtToken } from '@pds/auth-jwt'
import { parseCallback } from '@pds/auth-oauth'
import { isPDSError, PDSClient } from '@pds/client'
import { createTransport } from '@pds/core'
import { createSession, type Store } from '@pds/session'
import { type StoreTest, storeTests } from '@pds/session/testing'
import type { ITokenInfo, Signer } from '@pds/types'

const app = { domain_id: 'bj1', client_id: 'jwt-app', user_id: 'user-1' }
const client = new PDSClient({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
// @ts-expect-error TS2322: the time is a number
const timeout: { timeout: string } = { timeout: createTransport({}).now() }
// @ts-expect-error TS2353: an option that there is none of
createTransport({ api_endpoint: 'https://bj1.api.aliyunpds.com', retries: 3 })
// @ts-expect-error TS2345: no key
getUserJwtToken(client.transport, app)
// @ts-expect-error TS2322: the bytes that a signer gets are no text
const signer: Signer = (data): Uint8Array => data.buffer.byteLength
// @ts-expect-error TS2345: a callback is no number
parseCallback(404, { url: '', state: '', client_id: '', redirect_uri: '' })
// @ts-expect-error TS2339: the token itself is returned, unless the response is asked for
client.getUserJwtToken({ ...app, private_key_pem: '' }).then((token) => token.access_token.data)
// @ts-expect-error TS2375: with exactOptionalPropertyTypes, a token has a refresh token or has not
const token: ITokenInfo = { access_token: '', expires_in: 1, expire_time: '', refresh_token: undefined }
// @ts-expect-error TS2345: a session has no such event
createSession({ key: 'me', grant: {} }).subscribe('refresh', () => undefined)
// @ts-expect-error TS2739: a store is more than that
const store: Store = { scope: 'process' }
// @ts-expect-error TS2740: many tests are not one
const test: StoreTest[] = storeTests(() => store)[0]

export function codeOf(error: unknown): number {
  if (!isPDSError(error)) return 0
  // @ts-expect-error TS2322: codes are text
  return error.code
}
export { signer, test, timeout, token }
