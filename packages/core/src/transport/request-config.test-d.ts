import type { IPDSRequestConfig, IPDSResponse, PDSResult, PDSTransportConfig } from '@pds/core'
import { createTransport } from '@pds/core'
import type { AxiosRequestConfig } from 'axios'
import { describe, expectTypeOf, it } from 'vitest'

type Accepts<Options> = {
  [Name in keyof Options]-?: Exclude<Options[Name], undefined> extends never ? never : Name
}[keyof Options]

describe('IPDSRequestConfig', () => {
  it('takes these options and no other', () => {
    expectTypeOf<Accepts<IPDSRequestConfig>>().toEqualTypeOf<
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

  it('knows every option of axios, to take or to refuse it', () => {
    expectTypeOf<Exclude<keyof AxiosRequestConfig, keyof IPDSRequestConfig>>().toEqualTypeOf<never>()
  })

  it('refuses what fetch cannot honour, also from a variable', () => {
    const options = { timeout: 1, httpsAgent: {} }
    // @ts-expect-error a proxy goes into the transport's fetch
    const config: IPDSRequestConfig = options
    // @ts-expect-error no redirect is followed
    const following: IPDSRequestConfig = { maxRedirects: 5 }
    expectTypeOf([config, following]).toBeArray()
  })

  it('refuses it for a transport, too', () => {
    const options = { api_endpoint: 'https://bj1.test', httpsAgent: {} }
    // @ts-expect-error a proxy goes into the transport's fetch
    expectTypeOf(() => createTransport(options)).toBeFunction()
    expectTypeOf<keyof PDSTransportConfig>().not.toEqualTypeOf<'httpsAgent'>()
  })

  it('decides what a call returns', () => {
    expectTypeOf<PDSResult<string, true>>().toEqualTypeOf<IPDSResponse<string>>()
    expectTypeOf<PDSResult<string, false>>().toEqualTypeOf<string>()
    expectTypeOf<PDSResult<string, boolean>>().toEqualTypeOf<string | IPDSResponse<string>>()
  })
})
