import { inspect } from 'node:util'
import { refreshToken } from '@pds/auth-oauth'
import { createTransport, type PDSError, type PDSTransportConfig } from '@pds/core'
import { expect } from 'vitest'

/** Refreshes a token over a connection that fails. Returns the error, and checks that it contains no secret. */
export async function failure(endpoint: string, config: Partial<PDSTransportConfig> = {}): Promise<PDSError> {
  const transport = createTransport({ api_endpoint: endpoint, retryCount: 0, ...config })
  const app = { client_id: 'app', redirect_uri: 'http://localhost/callback' }
  const error = await refreshToken(transport, { ...app, refresh_token: 'canary-refresh' }).then(
    () => expect.fail('the call succeeded'),
    (reason: PDSError) => reason,
  )
  expect(error.code).toBe('NetworkError')
  expect(inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error)).not.toMatch(/canary/)
  return error
}
