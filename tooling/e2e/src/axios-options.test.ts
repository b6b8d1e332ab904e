import { createTransport, type IPDSRequestConfig } from '@pds/core'
import { requestToken } from '@pds/core/internal'
import type { AxiosRequestConfig } from 'axios'
import { describe, expect, it, vi } from 'vitest'
import { namesInCell, readReadme, tableRows } from '../../../docs/src/documents/tables.ts'

/* Compares the table of axios options in the README of @pds/core with the behaviour of each option. */

// Every option of axios with a value that axios accepts. The compiler keeps the list complete.
const axiosOptions: Record<keyof AxiosRequestConfig, unknown> = {
  adapter: 'fetch',
  allowAbsoluteUrls: false,
  allowedSocketPaths: ['/run/pds.sock'],
  auth: { username: 'user', password: 'canary' },
  baseURL: 'https://elsewhere.test',
  beforeRedirect: () => undefined,
  cancelToken: {},
  data: {},
  decompress: false,
  env: {},
  family: 6,
  fetchOptions: {},
  formDataHeaderPolicy: 'legacy',
  formSerializer: {},
  headers: { 'x-one': '1' },
  http2Options: {},
  httpAgent: {},
  httpVersion: 2,
  httpsAgent: { rejectUnauthorized: false },
  insecureHTTPParser: true,
  lookup: () => undefined,
  maxBodyLength: 1,
  maxContentLength: 1,
  maxRate: 1,
  maxRedirects: 0,
  method: 'get',
  onDownloadProgress: () => undefined,
  onUploadProgress: () => undefined,
  params: { a: 1 },
  paramsSerializer: {},
  parseReviver: () => undefined,
  proxy: false,
  redact: [],
  responseEncoding: 'utf8',
  responseType: 'text',
  sensitiveHeaders: [],
  signal: new AbortController().signal,
  socketPath: '/run/pds.sock',
  timeout: 1,
  timeoutErrorMessage: 'too late',
  transformRequest: [],
  transformResponse: [],
  transitional: {},
  transport: {},
  url: '/elsewhere',
  validateStatus: null,
  withCredentials: true,
  withXSRFToken: true,
  xsrfCookieName: 'xsrf',
  xsrfHeaderName: 'x-xsrf',
}

/** The README's entry for each option: supported, renamed or not supported, and the replacement. */
const documented = new Map(
  tableRows(readReadme('core'), 'axios option').flatMap(([names, here, instead]) =>
    namesInCell(names).map((name) => [name, { here, instead }] as const),
  ),
)

describe('the options of axios', () => {
  it('are all in the README', () => {
    expect([...documented.keys()].sort()).toEqual(Object.keys(axiosOptions).sort())
  })

  it.each(Object.entries(axiosOptions))('%s behaves as documented', async (name, value) => {
    const fetch = vi.fn(async () => Response.json({ access_token: 'a' }))
    const transport = createTransport({ api_endpoint: 'https://bj1.test', fetch })
    const call = requestToken(transport, { path: '/oauth/token', format: 'form', params: {} }, {
      [name]: value,
    } as IPDSRequestConfig)
    const { here, instead } = documented.get(name) ?? {}
    if (here === 'supported') {
      // The response is longer than a maxContentLength of 1.
      await call.catch(({ code }) => expect([name, code]).toEqual(['maxContentLength', 'InvalidResponse']))
      expect(fetch).toHaveBeenCalledOnce()
      return
    }
    expect(['renamed', 'not supported']).toContain(here)
    await expect(call).rejects.toMatchObject({
      code: 'InvalidParameter',
      outcome: 'not-sent',
      message: `post: options.${name} is not supported: ${instead}`,
    })
    expect(fetch).not.toHaveBeenCalled()
  })

  it('are also rejected by createTransport', () => {
    const options = { api_endpoint: 'https://bj1.test' }
    expect(() => createTransport({ ...options, ...{ httpsAgent: undefined } })).not.toThrow()
    const inJavaScript = createTransport as (options: object) => unknown
    expect(() => inJavaScript({ ...options, httpsAgent: {} })).toThrow(
      "createTransport: httpsAgent is not supported: configure it in the transport's fetch",
    )
  })

  it('are not read from inherited properties', async () => {
    const transport = createTransport({ api_endpoint: 'https://bj1.test' })
    const request = { path: '/oauth/token', format: 'form', params: {} } as const
    const options = { toString: 'canary' } as unknown as IPDSRequestConfig
    await expect(requestToken(transport, request, options)).rejects.toThrow(
      'post: options.toString is not supported',
    )
  })
})
