import { describe, expect, it } from 'vitest'
import { redact, secretsOf } from './redact.ts'

describe('secretsOf', () => {
  it('takes credentials by their names, however they are written', () => {
    const headers = new Headers({
      Authorization: 'Bearer one',
      'x-share-token': 'share',
      accept: 'text/plain',
    })
    expect(secretsOf(headers)).toEqual(['Bearer one', 'share'])
    expect(
      secretsOf(Object.entries({ client_id: 'client', code: 'the-code', assertion: undefined })),
    ).toEqual(['the-code'])
  })

  it('leaves out values that are too short to be secret', () => {
    expect(secretsOf([['code', 'abc']])).toEqual([])
  })
})

describe('redact', () => {
  it('masks secrets anywhere in JSON data, also form-encoded ones', () => {
    const data = { message: 'code=a%2Fbcd&x, a/bcd', list: ['a/bcd', 1, null], 'a/bcd': true }
    expect(redact(data, ['a/bcd'])).toEqual({
      message: 'code=***&x, ***',
      list: ['***', 1, null],
      '***': true,
    })
  })
})
