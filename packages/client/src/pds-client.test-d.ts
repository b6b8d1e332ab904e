import type { KeyObject } from 'node:crypto'
import {
  type IPDSRequestConfig,
  type IPDSResponse,
  type ITokenInfo,
  PDSClient,
  type PDSError,
  type PDSLogger,
} from '@pds/client'
import { describe, expectTypeOf, it } from 'vitest'

const client = new PDSClient({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
const [domain_id, client_id, user_id] = ['bj1', 'app', 'user-1'] as [string, string, string]
const [private_key_pem, private_Key_pem] = ['pem', 'pem']
const [client_secret, redirect_uri, redirect_url, code, refresh_token] = ['s', 'u', 'u', 'c', 'r']

describe("the samples of the vendor's page compile", () => {
  it('getUserJwtToken', () => {
    const params = { domain_id, client_id, private_Key_pem, user_id, auto_create: false }
    expectTypeOf(client.getUserJwtToken(params)).resolves.toEqualTypeOf<ITokenInfo>()
    client.getUserJwtToken({ domain_id, client_id, private_key_pem, user_id })
    client.getUserJwtToken({ domain_id, client_id, private_key_pem, private_Key_pem, user_id })
  })

  it('getServiceJwtToken', () => {
    const params = { domain_id, client_id, private_Key_pem }
    expectTypeOf(client.getServiceJwtToken(params)).resolves.toEqualTypeOf<ITokenInfo>()
    client.getServiceJwtToken({ domain_id, client_id, private_key_pem, passphrase: 'p' })
  })

  it('refreshJwtToken', () => {
    const params = { client_id, refresh_token }
    expectTypeOf(client.refreshJwtToken(params)).resolves.toEqualTypeOf<ITokenInfo>()
  })

  it('getTokenByCode', () => {
    const params = { client_id, client_secret, redirect_uri, code }
    expectTypeOf(client.getTokenByCode(params)).resolves.toEqualTypeOf<ITokenInfo>()
    client.getTokenByCode({ client_id, redirect_url, code })
  })

  it('refreshToken', () => {
    const params = { client_id, client_secret, redirect_uri, refresh_token }
    expectTypeOf(client.refreshToken(params)).resolves.toEqualTypeOf<ITokenInfo>()
    client.refreshToken({ client_id, redirect_url, refresh_token })
  })
})

describe('a field that is missing or of a wrong type does not compile', () => {
  it('in the JWT methods', () => {
    // @ts-expect-error no user_id
    client.getUserJwtToken({ domain_id, client_id, private_key_pem })
    // @ts-expect-error no key
    client.getUserJwtToken({ domain_id, client_id, user_id })
    // @ts-expect-error no domain_id
    client.getServiceJwtToken({ client_id, private_key_pem })
    // @ts-expect-error auto_create is not a string
    client.getUserJwtToken({ domain_id, client_id, private_key_pem, user_id, auto_create: 'true' })
    // @ts-expect-error no refresh_token
    client.refreshJwtToken({ client_id })
    // A token may have no refresh token. The call then throws before it sends anything.
    client.refreshJwtToken({ client_id, refresh_token: client.token_info?.refresh_token })
  })

  it('in the OAuth methods', () => {
    // @ts-expect-error no redirect URI
    client.getTokenByCode({ client_id, code })
    // @ts-expect-error no code
    client.getTokenByCode({ client_id, redirect_uri })
    // @ts-expect-error no client_id
    client.refreshToken({ redirect_uri, refresh_token })
  })

  it('in the configuration', () => {
    // @ts-expect-error a misspelt option
    new PDSClient({ api_endpiont: 'https://bj1.api.aliyunpds.com' })
    // @ts-expect-error an option that fetch cannot honour
    client.refreshJwtToken({ client_id, refresh_token }, { proxy: false })
  })
})

describe('a key', () => {
  it('is passed in exactly one form', () => {
    const private_key = {} as KeyObject
    const cryptoKey = {} as CryptoKey
    client.getServiceJwtToken({ domain_id, client_id, private_key })
    client.getServiceJwtToken({ domain_id, client_id, private_key: cryptoKey })
    client.getServiceJwtToken({ domain_id, client_id, signer: async (data) => data })
    // @ts-expect-error two keys
    client.getServiceJwtToken({ domain_id, client_id, private_key_pem, private_key })
    // @ts-expect-error a passphrase for a parsed key
    client.getServiceJwtToken({ domain_id, client_id, private_key, passphrase: 'p' })
    // @ts-expect-error PEM instead of a parsed key
    client.getServiceJwtToken({ domain_id, client_id, private_key: private_key_pem })
  })
})

describe('returnResponse', () => {
  it('decides the type of the result', () => {
    const params = { client_id, refresh_token }
    const whole = client.refreshJwtToken(params, { returnResponse: true, timeout: 1 })
    expectTypeOf(whole).resolves.toEqualTypeOf<IPDSResponse<ITokenInfo>>()
    expectTypeOf(client.refreshJwtToken(params, { timeout: 1 })).resolves.toEqualTypeOf<ITokenInfo>()
    const options: IPDSRequestConfig = { headers: { 'x-trace': '1' }, signal: new AbortController().signal }
    expectTypeOf(client.refreshJwtToken(params, options)).resolves.toEqualTypeOf<ITokenInfo>()
  })
})

describe('API calls', () => {
  interface User {
    user_name: string
  }

  it('return the type of their type argument', () => {
    expectTypeOf(client.postAPI('/user/get')).resolves.toBeUnknown()
    expectTypeOf(client.postAPI<User>('/user/get', { user_id })).resolves.toEqualTypeOf<User>()
    expectTypeOf(client.postAuthAnonymous<User>('/a', {}, { timeout: 1 })).resolves.toEqualTypeOf<User>()
    const whole = client.postAPI<User, true>('/user/get', {}, { returnResponse: true })
    expectTypeOf(whole).resolves.toEqualTypeOf<IPDSResponse<User>>()
    // @ts-expect-error data is not an object
    client.postAPI('/user/get', 'user_id=1')
    // @ts-expect-error an option that fetch cannot honour
    client.postAuth('/user/get', {}, { cancelToken: {} })
  })

  it('accept tokens of responses and stored tokens', () => {
    expectTypeOf(client.setToken).toBeCallableWith({} as ITokenInfo)
    client.setToken({ access_token: 'a' })
    expectTypeOf(client.token_info?.user_id).toEqualTypeOf<string | undefined>()
    // @ts-expect-error setToken sets it
    client.token_info = { access_token: 'a' }
    // @ts-expect-error no access_token
    client.setToken({ refresh_token })
    const api_endpoint = 'https://bj1.api.aliyunpds.com'
    new PDSClient({
      api_endpoint,
      refresh_token_fun: () => client.refreshJwtToken({ client_id, refresh_token }),
    })
    new PDSClient({ api_endpoint, refresh_share_token_fun: () => 'a share', path_type: 'StandardMode' })
    // @ts-expect-error a share token is a string
    new PDSClient({ api_endpoint, refresh_share_token_fun: () => client.token_info })
  })

  it('report errors to listeners', () => {
    client.on('error', (error) => expectTypeOf(error).toEqualTypeOf<PDSError>())
    expectTypeOf<Console['debug']>().toExtend<PDSLogger>()
    // @ts-expect-error there is no such event
    client.on('progress', () => undefined)
  })
})

describe('ITokenInfo', () => {
  it('has the documented fields', () => {
    const token = {} as ITokenInfo
    expectTypeOf(token.access_token).toEqualTypeOf<string>()
    expectTypeOf(token.expires_in).toEqualTypeOf<number>()
    expectTypeOf(token.expire_time).toEqualTypeOf<string>()
    expectTypeOf(token.refresh_token).toEqualTypeOf<string | undefined>()
    // @ts-expect-error a typo
    expectTypeOf(token.accessToken).toBeUnknown()
    const extended = token as ITokenInfo & { new_field?: string }
    expectTypeOf(extended.new_field).toEqualTypeOf<string | undefined>()
  })
})
