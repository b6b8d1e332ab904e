import { describe, expect, it } from 'vitest'
import { parseTokenInfo } from './parse-token-info.ts'

const sentAt = Date.parse('2022-02-16T05:59:14.900Z')
const access_token = 'a.b.c'

describe('parseTokenInfo', () => {
  it('keeps the fields that the server sent', () => {
    const data = {
      access_token,
      expires_in: 7200,
      expire_time: '2022-02-16T07:59:14Z',
      new_field: { a: [1] },
    }
    expect(parseTokenInfo(data, sentAt)).toEqual(data)
  })

  it('trims the tokens, which may have cost a one-time credential', () => {
    const tokens = { access_token: 'a.b.c\r\n', refresh_token: ' \ufeffr t\n', user_name: ' Ann ' }
    expect(parseTokenInfo(tokens, sentAt)).toMatchObject({
      access_token: 'a.b.c',
      refresh_token: 'r t',
      user_name: ' Ann ',
    })
    expect(() => parseTokenInfo({ access_token: ' \n' }, sentAt)).toThrow('it has no access_token')
    expect(parseTokenInfo({ access_token, refresh_token: null }, sentAt)).toMatchObject({
      refresh_token: null,
    })
  })

  it.each([
    ['a string of digits', { expires_in: '7200' }, 7200, '2022-02-16T07:59:14Z'],
    ['no expire_time', { expires_in: 60 }, 60, '2022-02-16T06:00:14Z'],
    [
      'an expire_time that is not a time',
      { expires_in: 60, expire_time: 'soon' },
      60,
      '2022-02-16T06:00:14Z',
    ],
    ['no expires_in', { expire_time: '2022-02-16T06:00:14Z' }, 59, '2022-02-16T06:00:14Z'],
    [
      'an expires_in that is not a number',
      { expires_in: {}, expire_time: '2022-02-16T06:00:14Z' },
      59,
      '2022-02-16T06:00:14Z',
    ],
    [
      'a negative expires_in',
      { expires_in: -1, expire_time: '2022-02-16T06:00:14Z' },
      59,
      '2022-02-16T06:00:14Z',
    ],
    ['an expires_in of more than ten years', { expires_in: 1e300 }, 7200, '2022-02-16T07:59:14Z'],
    ['an expire_time in the past', { expire_time: '2020-01-01T00:00:00Z' }, 0, '2020-01-01T00:00:00Z'],
    ['neither field (the documented 2 hours)', {}, 7200, '2022-02-16T07:59:14Z'],
    ['null for both fields', { expires_in: null, expire_time: null }, 7200, '2022-02-16T07:59:14Z'],
  ])('completes the lifetime of a response with %s', (_what, fields, expires_in, expire_time) => {
    expect(parseTokenInfo({ access_token, ...fields }, sentAt)).toEqual({
      access_token,
      expires_in,
      expire_time,
    })
  })

  it("does not compare an expire_time with a clock that is not the server's", () => {
    const data = { access_token, expire_time: '2022-02-16T05:59:15Z' }
    expect(parseTokenInfo(data, sentAt, false)).toEqual({ ...data, expires_in: 7200 })
    expect(parseTokenInfo({ ...data, expires_in: 60 }, sentAt, false)).toEqual({ ...data, expires_in: 60 })
  })

  it.each([
    [undefined, 'it has no access_token'],
    [null, 'it has no access_token'],
    ['a.b.c', 'it has no access_token'],
    [[], 'it has no access_token'],
    [{}, 'it has no access_token'],
    [{ access_token: '' }, 'it has no access_token'],
    [{ access_token: 1 }, 'it has no access_token'],
    [{ refresh_token: 'a refresh token' }, 'it has no access_token'],
  ])('rejects %j', (data, message) => {
    expect(() => parseTokenInfo(data, sentAt)).toThrow(`the response is not a token: ${message}`)
  })

  it.each([undefined, null, '', 'Bearer', 'bearer', ' BEARER\n'])(
    'accepts the token_type %j',
    (token_type) => {
      expect(parseTokenInfo({ access_token, token_type }, sentAt)).toMatchObject({ token_type })
    },
  )

  it.each(['DPoP', 'mac', 'N_A', 'BearerX', 7, {}])('rejects the token_type %j', (token_type) => {
    expect(() => parseTokenInfo({ access_token, token_type }, sentAt)).toThrow(
      'the response has a token_type other than Bearer',
    )
  })

  it('rejects an OAuth 2.0 error as a rejection', () => {
    expect(() => parseTokenInfo({ error: 'bad_verification_code' }, sentAt)).toThrow(
      expect.objectContaining({ isRejection: true }),
    )
  })

  it('does not let a response change the prototype', () => {
    const data = JSON.parse('{"access_token":"a.b.c","expires_in":1,"__proto__":{"polluted":true}}')
    expect(Object.getPrototypeOf(parseTokenInfo(data, sentAt))).toBe(Object.prototype)
  })
})
