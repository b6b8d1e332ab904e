import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { readRecord, writeState } from './record-format.ts'

const info = {
  access_token: 'secret-access',
  refresh_token: 'secret-refresh',
  expires_in: 7200,
  expire_time: '2026-01-02T03:04:05Z',
}
const token = { info, mintedAt: 1, expiresAt: 7_200_001 }
const state = {
  status: 'ok',
  token,
  generation: 3,
  intent: { owner: 'o', attempt: 1 },
  seed: 's',
  since: 1,
} as const
const read = (data: unknown) => {
  const text = typeof data === 'string' ? data : JSON.stringify(data)
  return readRecord({ rev: 4, epoch: 2, data: text }, [])
}

describe('readRecord', () => {
  it('returns the state that was written', () => {
    expect(readRecord({ rev: 4, ...writeState(2, state) }, [])).toEqual({ rev: 4, epoch: 2, state })
    expect(readRecord(undefined, [])).toEqual({ rev: 0, epoch: 0, state: { status: 'new' } })
  })

  const damaged: Record<string, unknown> = {
    'truncated JSON': JSON.stringify({ format: 1, ...state }).slice(0, -20),
    'an empty text': '',
    'a number': 7,
    null: 'null',
    'an array': [],
    'no format': state,
    'format 0': { ...state, format: 0 },
    'a format that is no integer': { ...state, format: 1.5 },
    'an unknown status': { status: 'new' },
    'no status': { status: undefined },
    'token null': { token: null },
    'a token without info': { token: { ...token, info: undefined } },
    'a token with info null': { token: { ...token, info: null } },
    'a token with a line break': { token: { ...token, info: { ...info, access_token: 'a\r\nx: y' } } },
    'a token with a space at its end': { token: { ...token, info: { ...info, access_token: 'a ' } } },
    'an empty access token': { token: { ...token, info: { ...info, access_token: '' } } },
    'a refresh token null': { token: { ...token, info: { ...info, refresh_token: null } } },
    'an empty refresh token': { token: { ...token, info: { ...info, refresh_token: '' } } },
    'an expires_in that is a text': { token: { ...token, info: { ...info, expires_in: '7200' } } },
    'an expire_time that is no time': { token: { ...token, info: { ...info, expire_time: 'soon' } } },
    'a mintedAt null': { token: { ...token, mintedAt: null } },
    'an expiresAt that is a text': { token: { ...token, expiresAt: 'x' } },
    'a negative generation': { generation: -1 },
    'intent null': { intent: null },
    'an intent without owner': { intent: { attempt: 1 } },
    'an intent without attempt': { intent: { owner: 'o' } },
    'a suspectUntil null': { suspectUntil: null },
    'an unknown cause': { cause: 'boredom' },
    'rejection null': { rejection: null },
    'a rejection with a status that is a text': { rejection: { status: '400' } },
    'a reqId that is an object': { rejection: { reqId: {} } },
    'a seed that is a number': { seed: 1 },
    'a since null': { since: null },
  }

  it.each(Object.entries(damaged))('says that a record is damaged: %s', (_what, fields) => {
    const isObject =
      typeof fields === 'object' &&
      !Array.isArray(fields) &&
      !('format' in Object(fields)) &&
      fields !== state
    const result = read(isObject ? { format: 1, ...state, ...fields } : fields)
    expect(result).toMatchObject({
      rev: 4,
      epoch: 2,
      state: { status: 'new' },
      unreadable: { isNewer: false, error: { code: 'StoreFailed', outcome: 'not-sent' } },
    })
    expect(inspect(result)).not.toContain('secret')
  })

  it('says that a newer version wrote a record', () => {
    const { unreadable } = read({ format: 2, status: 'ok', tokens: [] })
    expect(unreadable).toMatchObject({ isNewer: true, error: { message: /update @pds\/session/ } })
  })

  it('passes on the error of the store, without tokens', () => {
    const error = new Error('row of secret-access is damaged')
    const { unreadable } = readRecord({ rev: -1, epoch: 0, data: '', error }, ['secret-access'])
    expect(unreadable?.error).toMatchObject({ code: 'StoreFailed', cause: { message: expect.any(String) } })
    expect(inspect(unreadable, { depth: 9 })).not.toContain('secret-access')
  })
})
