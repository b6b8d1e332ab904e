import { readParams } from '@pds/core/internal'
import { describe, expect, it } from 'vitest'

interface Params {
  client_id?: unknown
  redirect_uri?: unknown
  redirect_url?: unknown
  auto_create?: unknown
}

const read = (params: unknown) => readParams('getToken', params as Params)
const invalid = (message: string) =>
  expect.objectContaining({ code: 'InvalidParameter', outcome: 'not-sent', message: `getToken: ${message}` })

describe('readParams', () => {
  it('reads strings and booleans', () => {
    const params = read({ client_id: 'app', auto_create: true })
    expect(params.string('client_id')).toBe('app')
    expect(params.optionalString('client_id')).toBe('app')
    expect(params.optionalString('redirect_uri')).toBeUndefined()
    expect(params.boolean('auto_create', false)).toBe(true)
    expect(read({}).boolean('auto_create', false)).toBe(false)
  })

  it.each([
    [{ redirect_uri: 'a' }],
    [{ redirect_url: 'a' }],
    [{ redirect_uri: 'a', redirect_url: 'a' }],
    [{ redirect_uri: undefined, redirect_url: 'a' }],
  ])('accepts either spelling: %j', (params) => {
    expect(read(params).string('redirect_uri', 'redirect_url')).toBe('a')
  })

  it.each([
    [undefined, 'params must be an object (received undefined)'],
    [null, 'params must be an object (received null)'],
    ['app', 'params must be an object (received a string)'],
    [['app'], 'params must be an object (received an array)'],
  ])('rejects %j as parameters', (params, message) => {
    expect(() => read(params)).toThrow(invalid(message))
  })

  it.each([
    [{}, 'redirect_uri is required: a non-empty string'],
    [{ redirect_uri: '' }, 'redirect_uri must be a non-empty string (received an empty string)'],
    [{ redirect_uri: null }, 'redirect_uri must be a non-empty string (received null)'],
    [{ redirect_url: 5 }, 'redirect_url must be a non-empty string (received a number)'],
    [{ redirect_uri: { a: 1 } }, 'redirect_uri must be a non-empty string (received an object)'],
    [
      { redirect_uri: 'secret-1', redirect_url: 'secret-2' },
      'redirect_uri and redirect_url have different values: pass only one of them',
    ],
  ])('rejects %j as a string', (params, message) => {
    expect(() => read(params).string('redirect_uri', 'redirect_url')).toThrow(invalid(message))
  })

  it('reports NaN as a wrong type, not as two different values', () => {
    const message = 'client_id must be a non-empty string (received a number)'
    expect(() => read({ client_id: Number.NaN }).string('client_id')).toThrow(invalid(message))
  })

  it.each(['true', 1, {}, null])('rejects %j as a boolean', (auto_create) => {
    const message =
      /^getToken: auto_create must be true or false \(received (a string|a number|an object|null)\)$/
    expect(() => read({ auto_create }).boolean('auto_create', false)).toThrow(message)
  })
})
