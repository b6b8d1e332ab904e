import {
  createTransport,
  type PDSClientErrorCode,
  type PDSErrorCode,
  type PDSHooks,
  type PDSOutcome,
  type PDSServiceErrorCode,
} from '@pds/core'
import { describe, expect, it } from 'vitest'
import { readme, tableRows } from './readme.test-helper.ts'

/*
 * The tables of the README against the source. Where a list exists only as types, the compiler keeps the one here
 * complete.
 */
type Literals<T> = T extends string ? (string extends T ? never : T) : never

const sdkCodes: Record<PDSClientErrorCode, null> = {
  InvalidParameter: null,
  UnsupportedEnvironment: null,
  SigningFailed: null,
  RefreshFailed: null,
  Aborted: null,
  Timeout: null,
  NetworkError: null,
  InvalidResponse: null,
}
const serviceCodes: Record<Literals<PDSServiceErrorCode>, null> = {
  AccessTokenInvalid: null,
  InternalError: null,
  InvalidParameter: null,
  'InvalidParameter.ClientId': null,
  'InvalidParameter.RefreshToken': null,
  InvalidParameterEmpty: null,
  InvalidParameterExpired: null,
  InvalidParameterMissing: null,
  InvalidParameterNotMatch: null,
  InvalidParameterNotSupported: null,
  InvalidParameterOutOfRange: null,
  InvalidParameterWrongFormat: null,
  InvalidRequestJSONFormat: null,
  ShareLinkTokenInvalid: null,
  TokenExpired: null,
}
const hooks: Record<keyof PDSHooks, null> = {
  beforeRequest: null,
  afterResponse: null,
  beforeRetry: null,
  beforeError: null,
}
const outcomes: Record<PDSOutcome, null> = { 'not-sent': null, answered: null, unknown: null }

const api_endpoint = 'https://bj1.test'

/** The names that an error gives where an option has none of them. */
async function knownOptions(use: () => unknown): Promise<string[]> {
  const message = await (async () => use())().then(String, (error: Error) => error.message)
  return (/there are (.*)$/.exec(message)?.[1] ?? message).split(', ')
}

/** What stands in backticks in a column of the table with this head, of those after a heading. */
function names(heading: string, head: string, column = 0): string[] {
  const cells = tableRows(readme.slice(readme.indexOf(heading)), head).map((row) => row[column] ?? '')
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name as string))
}

describe('the README', () => {
  it('has each option of a transport', async () => {
    const known = await knownOptions(() => createTransport({ api_endpoint, ...{ wrong: 1 } }))
    expect(names('## The transport', 'option').sort()).toEqual(known.sort())
  })

  it('has each option of a call', async () => {
    const request = { endpoint: 'auth', path: '/', format: 'json', params: {}, read: () => null } as const
    const known = await knownOptions(() =>
      createTransport({ api_endpoint }).post(request, { wrong: 1 } as object),
    )
    expect(names('## Options of a call', 'option').sort()).toEqual(known.sort())
  })

  it('has each code of the SDK and of the service', () => {
    expect(names('## Errors', 'code of the SDK')).toEqual(Object.keys(sdkCodes))
    expect(names('## Errors', 'code of the service').sort()).toEqual(Object.keys(serviceCodes).sort())
  })

  it('has each hook', () => {
    expect(names('## Hooks', 'hook')).toEqual(Object.keys(hooks))
  })

  it('has each outcome, and no code in the table of failures that there is not', () => {
    const listed = [...readme.matchAll(/^- `([\w-]+)`:/gm)].map(([, outcome]) => outcome)
    expect(listed).toEqual(Object.keys(outcomes))
    const codes: PDSErrorCode[] = names('## Errors', 'failure', 1)
    expect(Object.keys(sdkCodes)).toEqual(expect.arrayContaining(codes))
    expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(names('## Errors', 'failure', 2)))
  })
})
