import { type ITokenInfo, PDSClient, type PDSClientConfig, PDSError, type TokenInfo } from '@pds/client'
import type { PDSFetchInit } from '@pds/core'
import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'

/* A client with a user's token against an emulator, whose log says what was sent. */

export const invalidToken = {
  type: 'status',
  status: 401,
  code: 'AccessTokenInvalid',
  path: '/v2/user/get',
} as const
export let emulator: RunningEmulator
/** A new one for each test. */
export let token: ITokenInfo
let plain: PDSClient
let requestsBefore: number

beforeAll(async () => {
  emulator = await startEmulator()
  plain = new PDSClient({ api_endpoint: emulator.api_endpoint })
})

beforeEach(async () => {
  token = await obtain()
  requestsBefore = emulator.requests.length
})

afterEach(() => emulator.clearFaults())

afterAll(() => emulator.close())

export function obtain(): Promise<ITokenInfo> {
  const { client_id, private_key_pem } = emulator.app('jwt')
  return plain.getUserJwtToken({ domain_id: 'local', client_id, private_key_pem, user_id: 'user-1' })
}

/** Spends the refresh token of a token, whose access token is dead afterwards. */
export function refresh(spent: TokenInfo): Promise<ITokenInfo> {
  return plain.refreshJwtToken({ client_id: 'jwt-app', refresh_token: spent.refresh_token ?? '' })
}

/** Creates a client of the domain, without timeouts: 200 calls at once take long on a busy machine. */
export function createClient(config: Partial<PDSClientConfig> = {}): PDSClient {
  const { api_endpoint } = emulator
  return new PDSClient({ api_endpoint, token_info: token, timeout: 0, totalTimeout: 0, ...config })
}

/** The statuses of the calls of the API since the test began. */
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

/** A promise that the test resolves. */
export function deferred<T>(): { promise: Promise<T>; resolve(value: T): void } {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

type Fetch = (url: string, init: PDSFetchInit) => Promise<Response>

/** A fetch that keeps the headers it is called with. */
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
