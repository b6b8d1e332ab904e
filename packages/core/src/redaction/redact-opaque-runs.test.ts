import { describe, expect, it } from 'vitest'
import { redactOpaqueRuns } from './redact-opaque-runs.ts'

const run = 'q7Xf2LmZ9Kd4RwT1-_+/'

describe('redactOpaqueRuns', () => {
  it.each([
    ['hides 20 characters', `see ${run}.`, 'see ***.'],
    ['keeps 19 characters', run.slice(1), run.slice(1)],
    ['hides 32 hexadecimal digits', '0af7651916cd43dd8448eb211c80319c', '***'],
    ['hides 20 letters without words', 'abcdefghijklmnopqrst', '***'],
    ['hides a random text of letters', 'aBcDeFgHiJkLmNoPqRsTuVwXyZ', '***'],
    ['hides the parts of a JWT', `${run}.${run}.${run}`, '***.***.***'],
    ['keeps an address', `at https://host/${run}/x`, `at https://host/${run}/x`],
    ['hides a run in the query of an address', `https://host/x?a=${run}#b`, 'https://host/x?***#b'],
    ['keeps a UUID', '6ef60bec-0242-43AF-BB20-270359FB54A7', '6ef60bec-0242-43AF-BB20-270359FB54A7'],
    ['hides a UUID with a neighbour', '6ef60bec-0242-43AF-BB20-270359FB54A7x', '***'],
  ])('%s', (_what, text, shown) => {
    expect(redactOpaqueRuns(text, 'message')).toBe(shown)
  })

  it.each([
    'InvalidParameterNotSupported',
    'InvalidRequestJSONFormat',
    'InvalidParameter.RefreshToken',
    'ShareLinkTokenInvalid',
    'InvalidParameterSha1NotMatch',
    'UserIsNotAMemberOfTheDomain',
    'unsupported_response_type',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'application/x-www-form-urlencoded',
    'Access-Control-Allow-Credentials',
    'client_id/client_secret/redirect_uri',
  ])('keeps the words of %s', (text) => {
    expect(redactOpaqueRuns(text, 'code')).toBe(text)
  })

  it.each([
    'requestId',
    'RequestId',
    'x-ca-request-id',
    'x-oss-request-id',
    'traceparent',
    'eagleeye-traceid',
  ])('keeps hexadecimal digits in %s', (name) => {
    const id = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    expect(redactOpaqueRuns(id, name)).toBe(id)
    expect(redactOpaqueRuns(id, 'message')).toBe('***')
    expect(redactOpaqueRuns(run, name)).toBe('***')
  })

  it.each(['a', 'aB', 'a-', 'AA', 'Aa', 'https://', 'https://a?', 'a1-'])(
    'takes linear time for a text that repeats %s',
    (part) => {
      expect(redactOpaqueRuns(part.repeat(2 ** 18 / part.length), '')).toBeTypeOf('string')
    },
  )
})
