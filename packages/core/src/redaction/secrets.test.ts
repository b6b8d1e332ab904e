import { describe, expect, it } from 'vitest'
import { secretsOfHeaders, secretsOfParams } from './secrets.ts'

describe('the secrets of a request', () => {
  it('takes credentials by their names, however they are written', () => {
    const headers = { authorization: 'Bearer one', 'x-share-token': 'share', accept: 'text/plain' }
    expect(secretsOfHeaders(headers)).toEqual(['Bearer one', 'share'])
    expect(secretsOfParams({ client_id: 'client', code: 'the-code' })).toEqual(['the-code'])
  })

  it('takes the parts of a header that are credentials by themselves', () => {
    const headers = { authorization: 'Bearer the-access-token', cookie: 'sid=the-session-id; theme=dark' }
    const secrets = secretsOfHeaders(headers)
    expect(secrets).toEqual(expect.arrayContaining(['the-access-token', 'the-session-id']))
    expect(secrets).not.toContain('Bearer')
  })

  it('takes them at any depth, with all that stands below a secret name', () => {
    const params = {
      app: [{ client_secret: 'the-secret' }],
      refresh_token: { now: 'one-token' },
      page: 1,
      none: null,
    }
    expect(secretsOfParams(params).sort()).toEqual(['one-token', 'the-secret'])
  })

  it('leaves out values that are too short to be secret', () => {
    expect(secretsOfParams({ code: 'abc' })).toEqual([])
    expect(secretsOfHeaders({ cookie: 'a=b' })).toEqual([])
  })

  it('takes what Basic credentials consist of, and each cookie', () => {
    const basic = `Basic ${btoa('user:pass word')}`
    const secrets = secretsOfHeaders({ 'proxy-authorization': basic, cookie: 'sid=abc1; theme=dark' })
    expect(secrets).toEqual(expect.arrayContaining([basic, 'user:pass word', 'pass word', 'abc1', 'dark']))
    expect(secretsOfHeaders({ authorization: 'Basic %%%' })).toEqual(['Basic %%%'])
  })

  it.each(['x-api-key', 'x-refresh-token', 'X-Client-Secret', 'x-auth', 'signature'])('takes %s', (name) => {
    expect(secretsOfHeaders({ [name]: 'the-value' })).toEqual(['the-value'])
    expect(secretsOfParams({ [name]: 12_345 })).toEqual(['12345'])
  })

  it('walks data of any depth, and in circles', () => {
    const ring: Record<string, unknown> = { password: 'the-password' }
    ring.next = ring
    let deep: object = ring
    for (let depth = 0; depth < 100_000; depth++) deep = { deep }
    expect(secretsOfParams(deep)).toEqual(['the-password'])
  })
})
