import type { IPDSRequestConfig, IPDSResponse, PDSResult, PDSTransportConfig } from '@pds/core'
import { createTransport } from '@pds/core'
import type { AxiosRequestConfig } from 'axios'
import { describe, expectTypeOf, it } from 'vitest'
import type { UnsupportedOption } from '../options/replaced-options.ts'

describe('IPDSRequestConfig', () => {
  it('has the 14 options of a call', () => {
    expectTypeOf<keyof IPDSRequestConfig>().toEqualTypeOf<
      | 'callId'
      | 'credentials'
      | 'headers'
      | 'hooks'
      | 'keepalive'
      | 'maxContentLength'
      | 'maxRedirects'
      | 'params'
      | 'retryCount'
      | 'retryUnknown'
      | 'returnResponse'
      | 'signal'
      | 'timeout'
      | 'totalTimeout'
    >()
  })

  it('and the list of unsupported options cover the options of axios', () => {
    type Known = keyof IPDSRequestConfig | UnsupportedOption
    expectTypeOf<Exclude<keyof AxiosRequestConfig, Known>>().toEqualTypeOf<never>()
  })

  it('does not admit an unsupported option', () => {
    // @ts-expect-error a proxy is configured in the transport's fetch
    const config: IPDSRequestConfig = { timeout: 1, httpsAgent: {} }
    // @ts-expect-error redirects are not followed
    const following: IPDSRequestConfig = { maxRedirects: 5 }
    expectTypeOf([config, following]).toBeArray()
  })

  it('decides what a call returns', () => {
    expectTypeOf<PDSResult<string, true>>().toEqualTypeOf<IPDSResponse<string>>()
    expectTypeOf<PDSResult<string, false>>().toEqualTypeOf<string>()
    expectTypeOf<PDSResult<string, boolean>>().toEqualTypeOf<string | IPDSResponse<string>>()
  })
})

describe('PDSTransportConfig', () => {
  it('has the options of a transport', () => {
    expectTypeOf<keyof PDSTransportConfig>().toEqualTypeOf<
      | 'allowInsecure'
      | 'domain_id'
      | 'api_endpoint'
      | 'auth_endpoint'
      | 'authorization_endpoint'
      | 'clock'
      | 'concurrency'
      | 'fetch'
      | 'hooks'
      | 'identify'
      | 'issuer'
      | 'maxContentLength'
      | 'metadata'
      | 'retryCount'
      | 'retryUnknown'
      | 'revocation_endpoint'
      | 'timeout'
      | 'token_endpoint'
      | 'totalTimeout'
      | 'version'
    >()
  })

  it('does not admit an unsupported option', () => {
    // @ts-expect-error a proxy is configured in the transport's fetch
    expectTypeOf(() => createTransport({ api_endpoint: 'https://bj1.test', httpsAgent: {} })).toBeFunction()
  })
})
