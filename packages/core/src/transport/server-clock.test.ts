import { describe, expect, it } from 'vitest'
import { createServerClock } from './server-clock.ts'

const local = Date.parse('2026-01-02T03:04:05Z')
const response = (date?: string) => new Response(null, date === undefined ? {} : { headers: { date } })

describe('createServerClock', () => {
  it('returns the local time until a response has a date', () => {
    const clock = createServerClock(() => local)
    clock.learn(response(), local, local)
    clock.learn(response('not a date'), local, local)
    expect(clock.toServerTime(clock.localNow())).toBe(local)
  })

  it.each([
    ['3 hours fast', 'Fri, 02 Jan 2026 00:04:05 GMT'],
    ['3 hours slow', 'Fri, 02 Jan 2026 06:04:05 GMT'],
    ['10 years slow', 'Wed, 02 Jan 2036 03:04:05 GMT'],
  ])('corrects a local clock that is %s to half a second', (_what, date) => {
    const clock = createServerClock(() => local)
    clock.learn(response(date), local - 100, local + 100)
    expect(Math.abs(clock.toServerTime(local) - Date.parse(date))).toBeLessThanOrEqual(500)
  })

  it('keeps the local time if the difference is within the precision of the header', () => {
    const clock = createServerClock(() => local)
    clock.learn(response('Fri, 02 Jan 2026 00:00:00 GMT'), local, local)
    clock.learn(response('Fri, 02 Jan 2026 03:04:05 GMT'), local - 100, local + 900)
    expect(clock.toServerTime(local)).toBe(local)
  })
})
