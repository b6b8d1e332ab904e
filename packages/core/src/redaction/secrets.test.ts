import { describe, expect, it } from 'vitest'
import { secretsOfParams } from './secrets.ts'
import { secretsOfHeaders } from './secrets-of-headers.ts'

describe('secretsOfHeaders and secretsOfParams', () => {
  it('find credentials by their names', () => {
    const headers = { authorization: 'Bearer one', 'x-share-token': 'the share', accept: 'text/plain' }
    expect(secretsOfHeaders(headers)).toEqual(['one', 'the share'])
    expect(secretsOfParams({ client_id: 'client', code: 'the-code' })).toEqual(['the-code'])
  })

  it('find no schemes, no names of cookies and no users, which responses may contain', () => {
    const headers = {
      authorization: `Basic ${btoa('the-user:pass word')}`,
      cookie: 'session_id=abc1; language=english; flag',
    }
    expect(secretsOfHeaders(headers)).toEqual([
      btoa('the-user:pass word'),
      'pass word',
      'abc1',
      'english',
      'flag',
    ])
    expect(secretsOfHeaders({ authorization: 'Basic %%%' })).toEqual(['%%%'])
  })

  it('find secrets at any depth and all values below a secret name', () => {
    const params = {
      app: [{ client_secret: 'the-secret' }],
      refresh_token: { now: 'one-token' },
      page: 1,
      none: null,
    }
    expect(secretsOfParams(params).sort()).toEqual(['one-token', 'the-secret'])
  })

  it('ignore empty values', () => {
    expect(secretsOfParams({ code: '', password: null })).toEqual([])
    expect(secretsOfHeaders({ cookie: 'a=', 'x-api-key': '' })).toEqual([])
  })

  it.each(['x-api-key', 'x-refresh-token', 'X-Client-Secret', 'x-auth', 'signature'])(
    'treat %s as a secret',
    (name) => {
      expect(secretsOfHeaders({ [name]: 'the-value' })).toEqual(['the-value'])
      expect(secretsOfParams({ [name]: 12_345 })).toEqual(['12345'])
    },
  )

  it('accept data of any depth', () => {
    let deep: object = { password: 'the-password' }
    for (let depth = 0; depth < 100_000; depth++) deep = { deep }
    expect(secretsOfParams(deep)).toEqual(['the-password'])
  })
})
