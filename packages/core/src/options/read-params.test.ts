import { booleanOption, type OptionValidator, readParams, requiredText, textOption } from '@pds/core/internal'
import { describe, expect, expectTypeOf, it } from 'vitest'

const table = {
  client_id: textOption,
  redirect_uri: { ...textOption, otherName: 'redirect_url' },
  auto_create: booleanOption,
}
const read = (params: unknown) => readParams('getToken', params as object, table)
const invalid = (message: string) =>
  expect.objectContaining({ code: 'InvalidParameter', outcome: 'not-sent', message: `getToken: ${message}` })

describe('readParams', () => {
  it('returns a copy without undefined parameters', () => {
    const given = { client_id: 'app', auto_create: true, redirect_uri: undefined, other: undefined }
    const params = read(given)
    given.client_id = 'changed'
    expect({ ...params }).toEqual({ client_id: 'app', auto_create: true })
  })

  it('returns the type of each parameter', () => {
    const params = readParams('getToken', { code: 'c' }, { code: requiredText, ...table })
    expectTypeOf(params.code).toEqualTypeOf<string>()
    expectTypeOf(params.client_id).toEqualTypeOf<string | undefined>()
    expectTypeOf(params.auto_create).toEqualTypeOf<boolean | undefined>()
  })

  it.each([
    [{ redirect_uri: 'a' }],
    [{ redirect_url: 'a' }],
    [{ redirect_uri: 'a', redirect_url: 'a' }],
    [{ redirect_url: 'a', redirect_uri: undefined }],
  ])('returns either spelling under one name: %j', (params) => {
    expect({ ...read(params) }).toEqual({ redirect_uri: 'a' })
  })

  it.each([
    [undefined, 'params must be a plain object (received undefined)'],
    [null, 'params must be a plain object (received null)'],
    ['app', 'params must be a plain object (received a string)'],
    [['app'], 'params must be a plain object (received an array)'],
    [new URLSearchParams('client_id=app'), 'params must be a plain object (received an object)'],
    [Object.create({ auto_create: true }), 'params must be a plain object (received an object)'],
  ])('rejects %j as parameters', (params, message) => {
    expect(() => read(params)).toThrow(invalid(message))
  })

  it.each([
    [{ client_id: '' }, 'client_id must be a non-empty string (received an empty string)'],
    [{ client_id: null }, 'client_id must be a non-empty string (received null)'],
    // A number may be a secret.
    [{ client_id: 5 }, 'client_id must be a non-empty string (received a number)'],
    [{ client_id: Number.NaN }, 'client_id must be a non-empty string (received a number)'],
    [{ client_id: { a: 1 } }, 'client_id must be a non-empty string (received an object)'],
    [
      { client_id: 'secret\n' },
      'client_id must be a non-empty string (received a string that ends with a line break)',
    ],
    [
      { redirect_url: 'secret\0' },
      'redirect_url must be a non-empty string (received a string that contains a control character)',
    ],
    [
      { redirect_uri: 'secret-1', redirect_url: 'secret-2' },
      'redirect_uri and redirect_url have different values: pass only one of them',
    ],
    [{ auto_create: 'true' }, 'auto_create must be true or false (received a string)'],
    [{ autoCreate: true }, 'autoCreate is not supported: did you mean auto_create?'],
    [{ 'Client-Id': 'a' }, 'a name is not supported: did you mean client_id?'],
    [{ secret: 'a' }, 'secret is not supported: the names are client_id, redirect_uri, auto_create'],
    // Not a name of Object.prototype, and none of axios.
    [
      { constructor: 'a' },
      'constructor is not supported: the names are client_id, redirect_uri, auto_create',
    ],
    [{ data: 'a' }, 'data is not supported: the names are client_id, redirect_uri, auto_create'],
    [
      JSON.parse('{"__proto__": {}}'),
      '__proto__ is not supported: the names are client_id, redirect_uri, auto_create',
    ],
    // A body that was parsed in the wrong way.
    [
      { '{"refresh_token":"secret"}': '' },
      'a name is not supported: the names are client_id, redirect_uri, auto_create',
    ],
  ])('rejects %j', (params, message) => {
    expect(() => read(params)).toThrow(invalid(message))
  })

  it('requires the parameters that its table requires', () => {
    const count: OptionValidator<number> & { isRequired: true } = {
      wants: 'a number',
      accepts: (value) => typeof value === 'number',
      isRequired: true,
    }
    const invalidCount = invalid('count is required: a number')
    for (const params of [{}, { count: undefined }]) {
      expect(() => readParams('getToken', params, { count })).toThrow(invalidCount)
    }
    expect(readParams('getToken', { count: 0 }, { count }).count).toBe(0)
  })
})
