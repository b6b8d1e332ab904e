import { type ITokenInfo, PDSClient, type PDSClientConfig, PDSError, type TokenInfo } from '@pds/client'
import type { PDSFetchInit } from '@pds/core'
import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'

/* A client with a user's token against an emulator, whose log contains the requests. */

export const invalidToken = {
  type: 'status',
  status: 401,
  code: 'AccessTokenInvalid',
  path: '/v2/user/get',
} as const
export let emulator: RunningEmulator
/** A new token for each test. */
export let token: ITokenInfo
let tokenClient: PDSClient
let requestsBefore: number

beforeAll(async () => {
  emulator = await startEmulator()
  tokenClient = new PDSClient({ api_endpoint: emulator.api_endpoint })
})

beforeEach(async () => {
  token = await obtain()
  requestsBefore = emulator.requests.length
})

afterEach(() => emulator.clearFaults())

afterAll(() => emulator.close())

export function obtain(): Promise<ITokenInfo> {
  const { client_id, private_key_pem } = emulator.app('jwt')
  return tokenClient.getUserJwtToken({ domain_id: 'local', client_id, private_key_pem, user_id: 'user-1' })
}

/** Refreshes a token, which invalidates its access token. */
export function refresh(spent: TokenInfo): Promise<ITokenInfo> {
  return tokenClient.refreshJwtToken({ client_id: 'jwt-app', refresh_token: spent.refresh_token ?? '' })
}

/** Creates a client without timeouts, because 200 concurrent calls take long on a busy machine. */
export function createClient(config: Partial<PDSClientConfig> = {}): PDSClient {
  const { api_endpoint } = emulator
  return new PDSClient({ api_endpoint, token_info: token, timeout: 0, totalTimeout: 0, ...config })
}

/** Returns the statuses of the API calls since the start of the test. */
export function statuses(): number[] {
  const since = emulator.requests.slice(requestsBefore)
  return since.flatMap(({ path, status }) => (path === '/v2/user/get' ? [status] : []))
}

export async function failure(call: Promise<unknown>): Promise<PDSError> {
  const reason: unknown = await call.then(
    () => expect.fail('the call succeeded'),
    (error) => error,
  )
  expect(reason).toBeInstanceOf(PDSError)
  return reason as PDSError
}

/** Returns a promise and the function that resolves it. */
export function deferred<T>(): { promise: Promise<T>; resolve(value: T): void } {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

type Fetch = (url: string, init: PDSFetchInit) => Promise<Response>

/** Returns a fetch that records the headers of its calls. */
export function recorder(): { headers: PDSFetchInit['headers'][]; fetch: Fetch } {
  const headers: PDSFetchInit['headers'][] = []
  return {
    headers,
    fetch: (url, init) => {
      headers.push(init.headers)
      return fetch(url, init)
    },
  }
}
