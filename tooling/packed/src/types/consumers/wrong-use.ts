/*
 * Mistakes that the types of the packages detect. The test compiles this file without `@ts-expect-error`. It expects
 * exactly these errors: the code of each comment, in the line below the comment.
 */
import { getUserJwtToken } from '@pds/auth-jwt'
import { parseCallback } from '@pds/auth-oauth'
import { isPDSError, PDSClient } from '@pds/client'
import { createTransport } from '@pds/core'
import { createSession, type Store } from '@pds/session'
import { type StoreTest, storeTests } from '@pds/session/testing'
import type { ITokenInfo, Signer } from '@pds/types'

const app = { domain_id: 'bj1', client_id: 'jwt-app', user_id: 'user-1' }
declare const fromEnvironment: string | undefined
const client = new PDSClient({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
// @ts-expect-error TS2322: now() returns a number
const timeout: { timeout: string } = { timeout: createTransport({}).now() }
// @ts-expect-error TS2353: unknown option
createTransport({ api_endpoint: 'https://bj1.api.aliyunpds.com', retries: 3 })
// @ts-expect-error TS2345: missing private_key_pem
getUserJwtToken(client.transport, app)
// @ts-expect-error TS2322: private_key_pem must not be undefined
getUserJwtToken(client.transport, { ...app, private_key_pem: fromEnvironment })
// @ts-expect-error TS2322: a signer returns bytes, not a number
const signer: Signer = (data): Uint8Array => data.buffer.byteLength
// @ts-expect-error TS2345: a callback is not a number
parseCallback(404, { url: '', state: '', client_id: '', redirect_uri: '' })
// @ts-expect-error TS2339: without returnResponse, the call returns the token
client.getUserJwtToken({ ...app, private_key_pem: '' }).then((token) => token.access_token.data)
// @ts-expect-error TS2375: with exactOptionalPropertyTypes, refresh_token must not be undefined
const token: ITokenInfo = { access_token: '', expires_in: 1, expire_time: '', refresh_token: undefined }
// @ts-expect-error TS2345: unknown event
createSession({ key: 'me', grant: {} }).subscribe('refresh', () => undefined)
// @ts-expect-error TS2739: incomplete store
const store: Store = { scope: 'process' }
// @ts-expect-error TS2740: a single test is not an array
const test: StoreTest[] = storeTests(() => store)[0]

export function codeOf(error: unknown): number {
  if (!isPDSError(error)) return 0
  // @ts-expect-error TS2322: codes are strings
  return error.code
}
export { signer, test, timeout, token }
