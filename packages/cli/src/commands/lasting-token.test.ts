import { PDSError } from '@pds/core'
import { createSession, type Session } from '@pds/session'
import type { TokenInfo } from '@pds/types'
import { describe, expect, it, vi } from 'vitest'
import { getLastingToken } from './lasting-token.ts'

const minute = 60_000
const start = Date.UTC(2026, 0, 1)

function tokenInfo(access_token: string, now: number): TokenInfo {
  const expire_time = new Date(now + 120 * minute).toISOString()
  return { access_token, refresh_token: `${access_token}-refresh`, expires_in: 7200, expire_time }
}

/** Creates a session whose token is valid for a number of minutes, and the function that refreshes it. */
async function openSession(minutes: number) {
  let now = start
  const refresh = vi.fn(async () => tokenInfo('second', now))
  const session = createSession({ key: 'me', grant: { refresh }, clock: () => now })
  await session.setToken(tokenInfo('first', now))
  now += (120 - minutes) * minute
  return { session, refresh }
}

const lastingToken = async (session: Session, signal = new AbortController().signal) =>
  (await getLastingToken(session, signal)).access_token

const failure = (code: string, outcome: 'not-sent' | 'unknown' | 'responded') =>
  new PDSError(code, { code, outcome })

describe('getLastingToken', () => {
  it.each([
    [11, 'first'],
    [9, 'second'],
    [1, 'second'],
    [0, 'second'],
  ])('with a token that is valid for %i minutes returns the %s token', async (minutes, expected) => {
    const { session, refresh } = await openSession(minutes)
    expect(await lastingToken(session)).toBe(expected)
    expect(await lastingToken(session)).toBe(expected)
    expect(refresh).toHaveBeenCalledTimes(expected === 'first' ? 0 : 1)
  })

  it.each([
    ['NetworkError', 'not-sent'],
    ['ServiceUnavailable', 'responded'],
  ] as const)('returns the old token after the error %s (%s)', async (code, outcome) => {
    const { session, refresh } = await openSession(9)
    refresh.mockRejectedValue(failure(code, outcome))
    expect(await lastingToken(session)).toBe('first')
  })

  it('rejects if the response was lost: the refresh may have invalidated the old token', async () => {
    const { session, refresh } = await openSession(9)
    refresh.mockRejectedValue(failure('NetworkError', 'unknown'))
    await expect(lastingToken(session)).rejects.toMatchObject({ outcome: 'unknown' })
  })

  it('rejects if the sign-in has ended', async () => {
    const { session, refresh } = await openSession(9)
    refresh.mockRejectedValue(failure('InvalidParameter.RefreshToken', 'responded'))
    await expect(lastingToken(session)).rejects.toMatchObject({ code: 'LoginRequired' })
  })

  it('rejects after an abort', async () => {
    const { session, refresh } = await openSession(9)
    const abort = new AbortController()
    refresh.mockImplementation(async () => {
      abort.abort()
      throw failure('NetworkError', 'not-sent')
    })
    await expect(lastingToken(session, abort.signal)).rejects.toMatchObject({ code: 'Aborted' })
  })
})
