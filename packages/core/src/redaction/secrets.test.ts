import { describe, expect, it } from 'vitest'
import { secretsOfHeaders, secretsOfParams } from './secrets.ts'

describe('secretsOfHeaders and secretsOfParams', () => {
  it('find credentials by their names', () => {
    const headers = { authorization: 'Bearer one', 'x-share-token': 'share', accept: 'text/plain' }
    expect(secretsOfHeaders(headers)).toEqual(['Bearer one', 'share'])
    expect(secretsOfParams({ client_id: 'client', code: 'the-code' })).toEqual(['the-code'])
  })

  it('find the credentials inside a header', () => {
    const headers = { authorization: 'Bearer the-access-token', cookie: 'sid=the-session-id; theme=dark' }
    const secrets = secretsOfHeaders(headers)
    expect(secrets).toEqual(expect.arrayContaining(['the-access-token', 'the-session-id']))
    expect(secrets).not.toContain('Bearer')
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

  it('ignore values that are too short to be secrets', () => {
    expect(secretsOfParams({ code: 'abc' })).toEqual([])
    expect(secretsOfHeaders({ cookie: 'a=b' })).toEqual([])
  })

  it('find the parts of Basic credentials and each cookie', () => {
    const basic = `Basic ${btoa('user:pass word')}`
    const secrets = secretsOfHeaders({ 'proxy-authorization': basic, cookie: 'sid=abc1; theme=dark' })
    expect(secrets).toEqual(expect.arrayContaining([basic, 'user:pass word', 'pass word', 'abc1', 'dark']))
    expect(secretsOfHeaders({ authorization: 'Basic %%%' })).toEqual(['Basic %%%'])
  })

  it.each(['x-api-key', 'x-refresh-token', 'X-Client-Secret', 'x-auth', 'signature'])(
    'treat %s as a secret',
    (name) => {
      expect(secretsOfHeaders({ [name]: 'the-value' })).toEqual(['the-value'])
      expect(secretsOfParams({ [name]: 12_345 })).toEqual(['12345'])
    },
  )

  it('accept data of any depth and circular references', () => {
    const ring: Record<string, unknown> = { password: 'the-password' }
    ring.next = ring
    let deep: object = ring
    for (let depth = 0; depth < 100_000; depth++) deep = { deep }
    expect(secretsOfParams(deep)).toEqual(['the-password'])
  })
})
