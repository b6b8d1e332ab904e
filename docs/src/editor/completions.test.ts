import type ts from 'typescript'
import { beforeAll, describe, expect, it } from 'vitest'
import { errorsOf, pathOf, startLanguageService } from './language-service.ts'

/*
 * What an editor shows to somebody who types: completions, documentation, and where a mistake is reported.
 */

const cursor = '/*cursor*/'

// All pieces of code are files of one program: a program for each takes a second.
const sources: Record<string, string> = {}
let service: ts.LanguageService

beforeAll(() => {
  service = startLanguageService(sources)
})

/** Adds a piece of code to the program. Returns its file name. */
function file(code: string): string {
  const name = `typed-${Object.keys(sources).length}.ts`
  sources[name] = `${code}\nexport {}`
  return name
}

/** Returns the completions at the cursor in a file. */
function completions(name: string): ts.CompletionEntry[] {
  const position = sources[name]?.indexOf(cursor) ?? 0
  return service.getCompletionsAtPosition(pathOf(name), position, {})?.entries ?? []
}

const names = (name: string) =>
  completions(name)
    .map((entry) => entry.name)
    .sort()

const client = `import type { PDSClient } from '@pds/client'
  declare const client: PDSClient
  declare const fromEnvironment: string | undefined
  const app = { domain_id: 'bj1', client_id: 'app' }
  `

describe('completions', () => {
  const transport = file(`import { createTransport } from '@pds/core'\ncreateTransport({ ${cursor} })`)
  const call = file(`${client}client.postAPI('/user/get', {}, { ${cursor} })`)
  const key = file(`${client}client.getUserJwtToken({ domain_id: 'bj1', ${cursor} })`)
  const redirect = file(`${client}client.getTokenByCode({ ${cursor} })`)

  it('are the options of createTransport', () => {
    expect(names(transport)).toEqual([
      'allowInsecure',
      'api_endpoint',
      'auth_endpoint',
      'authorization_endpoint',
      'clock',
      'concurrency',
      'domain_id',
      'fetch',
      'hooks',
      'identify',
      'issuer',
      'maxContentLength',
      'metadata',
      'retryCount',
      'retryUnknown',
      'revocation_endpoint',
      'timeout',
      'token_endpoint',
      'totalTimeout',
      'version',
    ])
  })

  it('are the 13 options of a call', () => {
    expect(names(call)).toEqual([
      'callId',
      'credentials',
      'headers',
      'hooks',
      'keepalive',
      'maxContentLength',
      'maxRedirects',
      'params',
      'retryCount',
      'retryUnknown',
      'returnResponse',
      'signal',
      'timeout',
      'totalTimeout',
    ])
  })

  it('mark the alternative spellings of the vendor as deprecated', () => {
    const spellings = (name: string, pattern: RegExp) =>
      Object.fromEntries(
        completions(name)
          .filter((entry) => pattern.test(entry.name))
          .map((entry) => [entry.name, entry.kindModifiers?.includes('deprecated') ?? false]),
      )
    expect(spellings(key, /^private_key/i)).toEqual({
      private_key: false,
      private_key_pem: false,
      private_Key_pem: true,
    })
    expect(spellings(redirect, /^redirect_/)).toEqual({ redirect_uri: false, redirect_url: true })
  })
})

describe('the documentation of a field', () => {
  const types = [
    'IAuthorizationReq',
    'IGetServiceJwtTokenReq',
    'IGetTokenByCodeReq',
    'IGetUserJwtTokenReq',
    'IRefreshJwtTokenReq',
    'IRefreshTokenReq',
    'IRevokeTokenReq',
  ].map((type) => ({
    type,
    name: file(`import type { ${type} } from '@pds/types'\nexport const request: ${type} = { ${cursor} }`),
  }))

  it.each(types)('is there for each field of $type', ({ name }) => {
    const fields = completions(name)
    expect(fields.length).toBeGreaterThan(1)
    const position = sources[name]?.indexOf(cursor) ?? 0
    const undocumented = fields.filter((field) => {
      const args = [pathOf(name), position, field.name, {}, undefined, {}, undefined] as const
      return !service.getCompletionEntryDetails(...args)?.documentation?.length
    })
    expect(undocumented.map((field) => field.name)).toEqual([])
  })
})

describe('a mistake', () => {
  const each = <Rest extends unknown[]>(cases: [code: string, ...Rest][]) =>
    cases.map(([code, ...rest]) => [code, file(client + code), ...rest] as [string, string, ...Rest])

  it.each(
    each([
      ["client.getUserJwtToken({ ...app, user_id: 'u' })", "{ ...app, user_id: 'u' }"],
      ['client.getServiceJwtToken(app)', 'app'],
    ]),
  )('is reported as a missing private_key_pem: %s', (_code, name, at) => {
    const message = expect.stringMatching(/Property 'private_key_pem' is missing in type [^\n]*$/)
    expect(errorsOf(service, name)).toEqual([{ at, message }])
  })

  it.each(
    each([
      ["client.getUserJwtToken({ ...app, user_id: 'u', private_key_pem: undefined })"],
      ["client.getUserJwtToken({ ...app, user_id: 'u', private_key_pem: fromEnvironment })"],
      ['client.getServiceJwtToken({ ...app, private_key_pem: fromEnvironment })'],
    ]),
  )('is reported at private_key_pem: %s', (_code, name) => {
    expect(errorsOf(service, name)).toEqual([
      { at: 'private_key_pem', message: expect.stringContaining("is not assignable to type 'string'") },
    ])
  })

  it.each(
    each([
      ["client.getTokenByCode({ ...app, code: 'c' })", "Property 'redirect_uri' is missing"],
      ['client.token_info?.accessToken', "Property 'accessToken' does not exist"],
      [
        "client.getServiceJwtToken({ ...app, private_key_pem: 'pem' }).then((token) => token.accessToken)",
        "Property 'accessToken' does not exist on type 'ITokenInfo'",
      ],
      ["client.postAPI('/user/get', {}, { proxy: false })", "'proxy' does not exist"],
    ]),
  )('is a type error: %s', (_code, name, message) => {
    expect(errorsOf(service, name).map((error) => error.message)).toEqual([expect.stringContaining(message)])
  })
})
