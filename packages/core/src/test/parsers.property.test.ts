import { isPDSError } from '@pds/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readBody } from '../call/read-body.ts'
import { parseEndpoint, resolvePath } from '../endpoints/endpoint.ts'
import { InvalidResponseError } from '../errors/attempt-errors.ts'
import { readServiceError } from '../errors/service-error.ts'
import { requiredText } from '../options/options.ts'
import { readParams } from '../options/read-params.ts'
import { textFlaw } from '../options/text-flaw.ts'
import { secretsOfParams } from '../redaction/secrets.ts'
import { secretsOfHeaders } from '../redaction/secrets-of-headers.ts'
import { retryAfter } from '../retry/retry-policy.ts'
import { parseTokenInfo } from '../token/parse-token-info.ts'
import { appendParams, checkRequestConfig, readHeaders } from '../transport/request-config.ts'
import { createServerClock } from '../transport/server-clock.ts'

/*
 * For any input, a parser returns a documented value or throws a documented error. The seed is fixed, so that failures
 * are reproducible.
 */
const settings = { seed: 20_261_123, numRuns: 500 }

/** Returns the result of a function, or the value that it threw. */
function attempt<T>(run: () => T): { value: T } | { error: unknown } {
  try {
    return { value: run() }
  } catch (error) {
    return { error }
  }
}

const identity = <T>(data: T): T => data

/** Field names of error responses, and one that must not reach a prototype. */
const keys = fc.constantFrom(
  'code',
  'Code',
  'message',
  'Message',
  'requestId',
  'RequestId',
  'error',
  '__proto__',
)
const errorLike = fc.dictionary(keys, fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()))
const oneLine = /^\S(?:[^\p{Cc}\p{Cf}]*\S)?$/u

describe('parseTokenInfo', () => {
  const field = fc.oneof(
    fc.string(),
    fc.integer().map(String),
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    fc.double(),
    fc.integer(),
    fc.constant(null),
    fc.jsonValue(),
  )
  const tokenLike = fc.record(
    {
      access_token: fc.oneof(fc.string({ minLength: 1 }), field),
      refresh_token: field,
      expires_in: field,
      expire_time: field,
      ['__proto__']: field,
    },
    { requiredKeys: [] },
  )
  const sentAt = fc.integer({ min: 0, max: 253_402_300_799_000 })

  it('returns a token with a lifetime or throws InvalidResponseError', () => {
    const responses = fc.oneof(tokenLike, fc.jsonValue(), fc.constant(undefined))
    fc.assert(
      fc.property(responses, sentAt, (data, time) => {
        const result = attempt(() => parseTokenInfo(data, time))
        if ('error' in result) return result.error instanceof InvalidResponseError
        const { access_token, expires_in, expire_time } = result.value
        expect(access_token).toMatch(/./s)
        expect(Number.isFinite(expires_in) && expires_in >= 0).toBe(true)
        expect(Date.parse(expire_time)).not.toBeNaN()
        return true
      }),
      settings,
    )
  })
})

describe('readServiceError', () => {
  const isReadable = (text: string) => {
    const { code, message, reqId } = readServiceError(text, {}, identity)
    for (const field of [code, message, reqId]) {
      if (field === undefined) continue
      expect(field).toMatch(oneLine)
      expect(field.length).toBeLessThanOrEqual(1000)
    }
  }

  it('returns single lines or undefined for any JSON', () => {
    fc.assert(
      fc.property(fc.oneof(errorLike, fc.jsonValue()), (data) => isReadable(JSON.stringify(data))),
      settings,
    )
  })

  it('returns single lines or undefined for any text', () => {
    const tags = fc.constantFrom(
      '<Code>',
      '</Code>',
      '<Message a="b">',
      '</Message>',
      '<h1>',
      '</h1>',
      '<![CDATA[',
      ']]>',
    )
    const pieces = fc.array(fc.oneof(tags, fc.string({ unit: 'binary' })), { maxLength: 20 })
    fc.assert(
      fc.property(pieces, (parts) => isReadable(parts.join(''))),
      settings,
    )
  })

  it('reads any code and message from XML', () => {
    const text = fc
      .string({ minLength: 1, maxLength: 100 })
      .map((value) => value.replaceAll(/\s+/g, ' ').trim())
    const escaped = (value: string) =>
      value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
    fc.assert(
      fc.property(text, text, (code, message) => {
        const xml = `<Error>\n<Code>${escaped(code)}</Code><Message>${escaped(message)}</Message></Error>`
        expect(readServiceError(xml, {}, identity)).toEqual({
          code: code || undefined,
          message: message || undefined,
          reqId: undefined,
        })
      }),
      settings,
    )
  })
})

describe('retryAfter', () => {
  const now = Date.parse('2026-01-02T03:04:05Z')
  const value = fc.oneof(
    fc.string({ unit: 'grapheme-ascii' }),
    fc.integer().map(String),
    fc.double().map(String),
    fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
  )

  it('returns non-negative milliseconds or undefined', () => {
    fc.assert(
      fc.property(value, (text) => {
        const headers = { get: () => text } as unknown as Headers
        const delay = retryAfter(headers, now)
        return delay === undefined || delay >= 0
      }),
      settings,
    )
  })
})

describe('the server clock', () => {
  const local = Date.parse('2026-01-02T03:04:05Z')
  const date = fc.oneof(
    fc.string({ unit: 'grapheme-ascii' }),
    fc.integer().map(String),
    fc.date({ noInvalidDate: true }).map((value) => value.toUTCString()),
  )

  it('always returns a valid time', () => {
    fc.assert(
      fc.property(fc.array(date), fc.nat(100_000), (dates, took) => {
        const clock = createServerClock(() => local)
        for (const text of dates)
          clock.learn({ headers: { get: () => text } } as unknown as Response, local, local + took)
        const time = clock.toServerTime(local)
        expect(() => new Date(time).toISOString()).not.toThrow()
      }),
      settings,
    )
  })
})

describe('parseEndpoint', () => {
  const endpoint = fc.oneof(
    fc.webUrl({ withFragments: true, withQueryParameters: true }),
    fc.webAuthority({ withUserInfo: true }).map((host) => `https://${host}`),
    fc.string(),
    fc.jsonValue(),
  )

  it('returns a URL that it accepts unchanged, or throws InvalidParameter', () => {
    fc.assert(
      fc.property(endpoint, fc.boolean(), (value, allowInsecure) => {
        const result = attempt(() => parseEndpoint('api_endpoint', value, allowInsecure))
        if ('error' in result) return isPDSError(result.error) && result.error.code === 'InvalidParameter'
        const { protocol, search, hash, username } = new URL(result.value)
        expect([search, hash, username, result.value.endsWith('/')]).toEqual(['', '', '', false])
        expect(protocol === 'https:' || allowInsecure || protocol === 'http:').toBe(true)
        return parseEndpoint('api_endpoint', result.value, allowInsecure) === result.value
      }),
      settings,
    )
  })
})

describe('resolvePath', () => {
  const path = fc.oneof(
    fc.webUrl(),
    fc.webPath(),
    fc
      .tuple(fc.constantFrom('/', '//', '/\\', '/@', '\\', './', '/..', '/%2e%2e/'), fc.webUrl())
      .map((parts) => parts.join('')),
    fc.string({ unit: 'binary' }).map((text) => `/${text}`),
    fc.jsonValue(),
  )

  it('keeps the origin of the endpoint unless the path is an absolute URL', () => {
    fc.assert(
      fc.property(path, (value) => {
        const result = attempt(() => resolvePath('path', 'https://bj1.test/v2', value, false))
        if ('error' in result) return isPDSError(result.error) && result.error.code === 'InvalidParameter'
        const isFull = /^https?:/i.test(String(value))
        expect(result.value.protocol).toBe('https:')
        return isFull || result.value.origin === 'https://bj1.test'
      }),
      settings,
    )
  })
})

describe('the options of a call', () => {
  const option = fc.oneof(fc.anything(), fc.integer(), fc.boolean(), fc.constant(undefined))
  const names = fc.oneof(
    fc.constantFrom(
      'timeout',
      'totalTimeout',
      'retryCount',
      'maxRedirects',
      'signal',
      'hooks',
      'credentials',
      'headers',
    ),
    fc.string(),
  )

  it('are accepted or rejected with InvalidParameter', () => {
    fc.assert(
      fc.property(fc.oneof(fc.dictionary(names, option), fc.anything()), (config) => {
        const result = attempt(() => checkRequestConfig(config as object, 'method'))
        return 'value' in result || (isPDSError(result.error) && result.error.code === 'InvalidParameter')
      }),
      settings,
    )
  })

  it('have valid headers or are rejected with InvalidParameter', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string({ unit: 'binary' })), (headers) => {
        const result = attempt(() => readHeaders(headers, 'post'))
        return 'value' in result || (isPDSError(result.error) && result.error.code === 'InvalidParameter')
      }),
      settings,
    )
  })

  it('have parameters that the query keeps unchanged', () => {
    const text = fc.string({ unit: 'grapheme' })
    fc.assert(
      fc.property(fc.dictionary(text, text), (params) => {
        const url = appendParams(new URL('https://bj1.test/?a=1'), params, 'post')
        expect([...new URL(url.href).searchParams]).toEqual([['a', '1'], ...Object.entries(params)])
      }),
      settings,
    )
  })
})

describe('readParams', () => {
  it('returns the parameter or throws InvalidParameter', () => {
    fc.assert(
      fc.property(fc.oneof(fc.record({ client_id: fc.anything() }), fc.anything()), (params) => {
        const result = attempt(() => readParams('method', params as object, { client_id: requiredText }))
        if ('value' in result) return result.value.client_id === (params as { client_id: string }).client_id
        return isPDSError(result.error) && result.error.code === 'InvalidParameter'
      }),
      settings,
    )
  })
})

describe('textFlaw', () => {
  it('finds no flaw in a trimmed text without control characters, and one in any other', () => {
    const units = fc.constantFrom(
      'a',
      'é',
      '中',
      '😀',
      ' ',
      '\u3000',
      '\n',
      '\0',
      '\u0085',
      '\ufeff',
      '\ud800',
    )
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: units })), (text) => {
        const isClean = text.trim() === text && !/[\p{Cc}\p{Cs}]/u.test(text)
        expect(textFlaw(text) === undefined).toBe(isClean)
      }),
      settings,
    )
  })
})

describe('secretsOfParams and secretsOfHeaders', () => {
  const secret = fc.string({ unit: fc.constantFrom(...'abcXYZ019+/ =%&中é~'), minLength: 12, maxLength: 40 })

  it('find secret parameters and headers by their names', () => {
    const names = fc.constantFrom(
      'refresh_token',
      'code',
      'client_secret',
      'assertion',
      'code_verifier',
      'passphrase',
      'private_key_pem',
    )
    fc.assert(
      fc.property(fc.dictionary(names, secret), secret, (params, header) => {
        expect(secretsOfParams({ nested: [params] })).toEqual(Object.values(params))
        expect(secretsOfHeaders({ 'x-share-token': header, accept: 'json' })[0]).toBe(header)
      }),
      settings,
    )
  })
})

describe('readBody', () => {
  it('returns the text of any bytes in any chunks, without a byte order mark', async () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 10 })
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.string({ unit: 'grapheme' }),
        fc.array(fc.nat(20)),
        pieces,
        async (mark, text, cuts, junk) => {
          for (const bytes of [Buffer.from((mark ? '\ufeff' : '') + text), Buffer.concat(junk)]) {
            const body = new ReadableStream({
              start(controller) {
                let from = 0
                for (const length of cuts) {
                  controller.enqueue(new Uint8Array(bytes.subarray(from, from + length)))
                  from += length
                }
                controller.enqueue(new Uint8Array(bytes.subarray(from)))
                controller.close()
              },
            })
            const { signal } = new AbortController()
            const read = await readBody(new Response(body), bytes.length, signal)
            expect(read).toBe(new TextDecoder().decode(bytes))
          }
        },
      ),
      { ...settings, numRuns: 200 },
    )
  })
})
