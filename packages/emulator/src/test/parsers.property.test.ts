import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ServiceError } from '../domain/service-error.ts'
import { parseFault } from '../faults/parse-fault.ts'
import { parseForm, parseJson } from '../routes/params.ts'

/*
 * For any input, a parser returns a value of the documented form or throws the documented error. The seed is fixed, so
 * failures are reproducible.
 */
const settings = { seed: 20_261_124, numRuns: 500 }

function attempt<T>(run: () => T): { value: T } | { error: unknown } {
  try {
    return { value: run() }
  } catch (error) {
    return { error }
  }
}

describe('parseFault', () => {
  const types = [
    'status',
    'throttle',
    'redirect',
    'html',
    'delay',
    'drop',
    'truncate',
    'wrong-length',
    'drip',
    'date',
  ]
  const anything = fc.oneof(fc.string(), fc.integer(), fc.double(), fc.constant(null), fc.jsonValue())
  const faultLike = fc.record(
    {
      type: fc.oneof(fc.constantFrom(...types), anything),
      path: fc.oneof(fc.constant('/v2/user/get'), anything),
      times: fc.oneof(fc.integer({ min: 1 }), anything),
      when: fc.oneof(fc.constantFrom('before', 'after'), anything),
      status: fc.oneof(fc.integer({ min: 200, max: 599 }), fc.constantFrom(301, 302, 307), anything),
      body: fc.oneof(fc.constantFrom('service', 'capital', 'gateway', 'html', 'xml', 'empty'), anything),
      location: fc.oneof(fc.webUrl(), anything),
      milliseconds: anything,
      by: anything,
      skew: anything,
      retryAfter: anything,
      headers: fc.oneof(fc.dictionary(fc.string(), fc.string()), anything),
    },
    { requiredKeys: ['type'] },
  )

  it('returns a valid fault, or names the wrong field', () => {
    fc.assert(
      fc.property(fc.oneof(faultLike, anything), (value) => {
        const result = attempt(() => parseFault(value))
        if ('error' in result) {
          expect(result.error).toBeInstanceOf(TypeError)
          expect((result.error as Error).message).toMatch(/must be|has no/)
        } else {
          expect(types).toContain(result.value.type)
          expect(parseFault(result.value)).toEqual(result.value)
        }
      }),
      { ...settings, numRuns: 2000 },
    )
  })

  it.each([
    [
      {
        type: 'status',
        status: 500,
        when: 'after',
        body: 'xml',
        code: 'C',
        message: 'm',
        headers: { a: 'b' },
      },
    ],
    [{ type: 'throttle', retryAfter: 0, path: '/v2/oauth/token', times: 3 }],
    [{ type: 'redirect', location: 'https://elsewhere.test/', status: 308 }],
    [{ type: 'delay', milliseconds: 2 ** 31 - 1 }],
    [{ type: 'wrong-length', by: -1 }],
    [{ type: 'date', skew: -315_360_000_000 }],
  ])('accepts %j', (fault) => {
    expect(parseFault(fault)).toEqual(fault)
  })

  it.each([
    [
      { type: 'status' },
      'fault of type status: status must be an integer from 200 to 599 (received undefined)',
    ],
    [
      { type: 'status', status: 199 },
      'fault of type status: status must be an integer from 200 to 599 (received 199)',
    ],
    [
      { type: 'delay', milliseconds: -1 },
      /: milliseconds must be a number of milliseconds from 0 to 2147483647 \(received -1\)$/,
    ],
    [{ type: 'drop', times: 0 }, 'fault of type drop: times must be a positive integer (received 0)'],
    [
      { type: 'drop', path: 'v2/user/get' },
      /: path must be a path that starts with \/.* \(received string\)$/,
    ],
    [{ type: 'drop', wen: 'after' }, 'fault of type drop has no field wen: it has type, path, times, when'],
    [
      { type: 'status', status: 400, headers: { 'a b': 'c' } },
      /: headers must be an object of valid HTTP headers \(received object\)$/,
    ],
    [null, 'fault must be an object (received null)'],
    [{ type: 'flood' }, /^fault\.type must be one of status, .* \(received string\)$/],
  ])('rejects %j', (fault, message) => {
    expect(() => parseFault(fault)).toThrow(message)
  })
})

describe('the parameters of a request', () => {
  const type = fc.oneof(
    fc.constantFrom(
      'application/json',
      'application/x-www-form-urlencoded',
      'APPLICATION/JSON; charset=utf-8',
    ),
    fc.string(),
    fc.constant(undefined),
  )
  const body = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc.dictionary(fc.string(), fc.string()).map((fields) => JSON.stringify(fields)),
    fc.dictionary(fc.string(), fc.string()).map((fields) => new URLSearchParams(fields).toString()),
  )

  it.each([
    ['parseForm', parseForm],
    ['parseJson', parseJson],
  ])('%s returns strings by name, or throws an error of the service', (_name, parse) => {
    fc.assert(
      fc.property(type, body, (contentType, text) => {
        const result = attempt(() => parse(contentType, text))
        if ('error' in result) expect(result.error).toBeInstanceOf(ServiceError)
        else for (const value of result.value.values()) expect(value).toBeTypeOf('string')
      }),
      settings,
    )
  })

  it('are read unchanged from a form and from JSON', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' })),
        (fields) => {
          const form = parseForm('application/x-www-form-urlencoded', new URLSearchParams(fields).toString())
          const json = parseJson('application/json', JSON.stringify(fields))
          expect(Object.fromEntries(form)).toEqual({ ...fields })
          expect(Object.fromEntries(json)).toEqual({ ...fields })
        },
      ),
      settings,
    )
  })
})
