import { describe, expect, it } from 'vitest'
import { importToken, newToken } from './kept-token.ts'

const now = Date.parse('2026-11-30T12:00:00Z')
const hour = 3_600_000
const at = (time: number) => new Date(time).toISOString()
const never = Number.POSITIVE_INFINITY
const clockOf = (isServerTime: boolean) => ({
  now: () => now,
  local: () => now,
  isServerTime: () => isServerTime,
})

describe('the times of a token whose age is unknown', () => {
  it.each([
    [{}, now, never],
    [{ expires_in: 7200 }, now, never],
    [{ expire_time: '' }, now, never],
    [{ expire_time: at(now + hour) }, now, now + hour],
    [{ expire_time: at(now + hour), expires_in: 7200 }, now - hour, now + hour],
    [{ expire_time: at(now + hour), expires_in: '7200' }, now - hour, now + hour],
    [{ expire_time: at(now + 2 * hour), expires_in: 60 }, now, now + 2 * hour],
    [{ expire_time: at(now - hour) }, now - hour, now - hour],
  ])('with %j', (fields, mintedAt, expiresAt) => {
    expect(importToken({ access_token: 'a', ...fields }, now)).toMatchObject({ mintedAt, expiresAt })
  })
})

describe('the expiry of a new token', () => {
  it.each([
    [{}, never, never],
    [{ expires_in: 7200 }, now + 2 * hour, now + 2 * hour],
    [{ expires_in: '7200' }, now + 2 * hour, now + 2 * hour],
    [{ expires_in: 0 }, never, never],
    [{ expires_in: -1 }, never, never],
    [{ expires_in: 0.5 }, never, never],
    [{ expires_in: 'soon' }, never, never],
    // The lifetime counts from now, although the clock is wrong.
    [{ expires_in: 7200, expire_time: at(now - hour) }, now + 2 * hour, now + 2 * hour],
    [{ expires_in: 7200, expire_time: at(now + 5 * hour) }, now + 2 * hour, now + 2 * hour],
    [{ expire_time: at(now - hour) }, never, never],
    [{ expire_time: at(now + hour) }, now + hour, now + hour],
    // A back end passes on its token. A local clock cannot tell this from a wrong clock.
    [{ expires_in: 7200, expire_time: at(now + hour) }, now + hour, now + 2 * hour],
  ])('with %j', (fields, byServerTime, byLocalTime) => {
    const expiryBy = (isServerTime: boolean) =>
      newToken({ access_token: 'a', ...fields }, now, clockOf(isServerTime)).expiresAt
    expect({ byServerTime: expiryBy(true), byLocalTime: expiryBy(false) }).toEqual({
      byServerTime,
      byLocalTime,
    })
  })
})

it('a token is a frozen copy without changes', () => {
  const info = { access_token: 'a', refresh_token: 'r', expires_in: '60', custom: { nested: 1 } }
  for (const { info: kept } of [importToken(info, now), newToken(info, now, clockOf(true))]) {
    expect(kept).toEqual(info)
    expect(kept).not.toBe(info)
    expect(Object.isFrozen(kept)).toBe(true)
  }
})
