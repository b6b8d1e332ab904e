import { PDSError } from '@pds/core'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { SessionState, Snapshot } from '../record/session-state.ts'
import { type DecisionContext, decide } from './decide.ts'

/* The rules of a session, as tables. Times are in seconds from now. */

afterEach(() => vi.useRealTimers())

const now = Date.parse('2026-01-02T03:04:05Z')
const oauth = { canObtain: false, canRefresh: true }
const jwt = { canObtain: true, canRefresh: false }
const failure = new PDSError('throttled', { code: 'TooManyRequests', status: 429, outcome: 'responded' })
const unreadable = {
  error: new PDSError('damaged', { code: 'StoreFailed', outcome: 'not-sent' }),
  isNewer: false,
}

/** Returns a token that was issued `age` seconds ago and expires in `left` seconds. */
function token(age: number, left: number, refresh_token: string | undefined = 'r') {
  const info = {
    access_token: 'a',
    expires_in: age + left,
    expire_time: '',
    ...(refresh_token && { refresh_token }),
  }
  return { info, mintedAt: now - age * 1000, expiresAt: now + left * 1000 }
}

function snapshot(state: SessionState, more: Partial<Snapshot> = {}): Snapshot {
  const at = performance.now()
  return {
    rev: 1,
    epoch: 1,
    state,
    asOf: at,
    until: at,
    seenAt: at,
    confirmed: { wall: now, steady: at },
    ...more,
  }
}

function decisionOf(given: Snapshot, context: Partial<DecisionContext>): string {
  const decision = decide(given, now, {
    canObtain: false,
    canRefresh: true,
    jitter: 0,
    isOnline: true,
    suspectTime: 45_000,
    ...context,
  })
  if (decision.action === 'use') return decision.renew ? 'use and renew' : 'use'
  if (decision.action !== 'fail') return decision.action
  const { code, cause } = decision.error
  return `fail: ${code === 'LoginRequired' ? cause : code}`
}

type Row = [what: string, given: Snapshot, context: Partial<DecisionContext>, expected: string]

const fresh = token(3600, 3600)
const soft = token(6900, 300)
const hard = token(7180, 20)
const expired = token(7300, -100)
const ok = (each: SessionState['token']): Snapshot => snapshot({ status: 'ok', token: each as typeof fresh })
const suspect = (each: typeof fresh, until: number, more: Partial<SessionState> = {}) =>
  snapshot({ status: 'suspect', token: each, suspectUntil: now + until * 1000, ...more })
const over = (cause: SessionState['cause'], each = expired) =>
  snapshot({ status: 'login_required', cause: cause as 'rejected', token: each })

describe('decide', () => {
  it.each<Row>([
    ['a fresh token', ok(fresh), {}, 'use'],
    ['a token in its last 10 minutes', ok(soft), {}, 'use and renew'],
    ['the same with more jitter', ok(soft), { jitter: 301_000 }, 'use'],
    ['the same while the browser believes to be offline', ok(soft), { isOnline: false }, 'use'],
    ['the same after a failure', ok(soft), { failure }, 'use'],
    ['the same without a refresh token', ok(token(6900, 300, '')), {}, 'use'],
    ['the same of a JWT application', ok(token(6900, 300, '')), jwt, 'use and renew'],
    ['a token in its last 30 seconds', ok(hard), {}, 'renew'],
    ['the same while the browser believes to be offline', ok(hard), { isOnline: false }, 'renew'],
    ['the same after a failure', ok(hard), { failure }, 'use'],
    ['the same without a refresh token', ok(token(7180, 20, '')), {}, 'use'],
    ['an expired token', ok(expired), {}, 'renew'],
    ['an expired token after a failure', ok(expired), { failure }, 'fail: TooManyRequests'],
    ['an expired token without a refresh token', ok(token(7300, -100, '')), {}, 'fail: expired'],
    ['the same of a JWT application', ok(token(7300, -100, '')), jwt, 'renew'],
    [
      'the same of a JWT application after a failure',
      ok(expired),
      { ...jwt, failure },
      'fail: TooManyRequests',
    ],
    ['a rejected token', ok(fresh), { rejected: 'a' }, 'renew'],
    ['a rejected token after a failure', ok(fresh), { rejected: 'a', failure }, 'fail: TooManyRequests'],
    ['a token after another one was rejected', ok(fresh), { rejected: 'b' }, 'use'],
  ])('%s: %#', (_what, given, context, expected) => {
    expect(decisionOf(given, context)).toBe(expected)
  })

  it.each<Row>([
    ['half of a lifetime of 20 seconds is left', ok(token(9, 11)), {}, 'use'],
    ['less than half of it is left', ok(token(11, 9)), {}, 'renew'],
    ['the clock was set back 3 hours', ok(token(-10_800, 18_000)), {}, 'use'],
    [
      'the same, and the session has known the token for its lifetime',
      { ...ok(token(-10_800, 18_000)), seenAt: performance.now() - 7_200_000 },
      {},
      'renew',
    ],
    [
      'the same, and the session has known the token for 115 minutes',
      { ...ok(token(-10_800, 18_000)), seenAt: performance.now() - 6_900_000 },
      {},
      'use and renew',
    ],
  ])('measures time so that no clock makes a storm: %s', (_what, given, context, expected) => {
    expect(decisionOf(given, context)).toBe(expected)
  })

  it.each<Row>([
    ['an empty store', snapshot({ status: 'new' }), oauth, 'fail: no_token'],
    ['an empty store of a JWT application', snapshot({ status: 'new' }), jwt, 'renew'],
    ['a sign-out', snapshot({ status: 'signed_out' }), oauth, 'fail: signed_out'],
    ['a sign-out of a JWT application', snapshot({ status: 'signed_out' }), jwt, 'fail: signed_out'],
    ['a rejected refresh token', over('rejected'), oauth, 'fail: rejected'],
    ['a lost response', over('lost_response'), oauth, 'fail: lost_response'],
    ['a lost response while the access token is valid', over('lost_response', hard), oauth, 'use'],
    [
      'the same after its rejection',
      over('lost_response', hard),
      { ...oauth, rejected: 'a' },
      'fail: lost_response',
    ],
    ['a lost response of a JWT application', over('lost_response'), jwt, 'renew'],
  ])('requires a login: %s', (_what, given, context, expected) => {
    expect(decisionOf(given, context)).toBe(expected)
  })

  it.each<Row>([
    ['the new token may still be written', suspect(expired, 40), {}, 'wait'],
    ['the access token is valid', suspect(hard, 40), {}, 'use'],
    ['the time is over', suspect(expired, -1), {}, 'renew'],
    ['a wrong clock wrote the time', suspect(expired, 50), {}, 'renew'],
    ['the process that spent it has ended', suspect(expired, 40), { isSpenderGone: true }, 'renew'],
    ['a JWT application needs no refresh token', suspect(expired, 40), jwt, 'renew'],
  ])('waits for a suspect refresh token: %s', (_what, given, context, expected) => {
    expect(decisionOf(given, context)).toBe(expected)
  })

  it.each<Row>([
    ['no token is known', snapshot({ status: 'new' }, { unreadable }), {}, 'fail: StoreFailed'],
    ['the known token is valid', { ...ok(soft), unreadable, missing: 'keep' }, {}, 'use'],
    [
      'the known token has expired, but may be spent',
      { ...ok(expired), unreadable, missing: 'keep' },
      {},
      'fail: StoreFailed',
    ],
    ['a JWT application goes on', snapshot({ status: 'new' }, { unreadable }), jwt, 'renew'],
    [
      'a known sign-out stays',
      { ...snapshot({ status: 'signed_out' }), unreadable },
      jwt,
      'fail: signed_out',
    ],
  ])('does not depend on an unreadable record: %s', (_what, given, context, expected) => {
    expect(decisionOf(given, context)).toBe(expected)
  })

  it.each<Row>([
    ['it is written back first', { ...ok(fresh), missing: 'write' }, {}, 'use'],
    ['the service confirms it first', { ...ok(fresh), missing: 'ask' }, {}, 'use and renew'],
    ['the same after a failure', { ...ok(fresh), missing: 'ask' }, { failure }, 'use'],
    ['it stays in memory', { ...ok(fresh), missing: 'keep' }, {}, 'use'],
  ])('uses a living token that the store has lost: %s', (_what, given, context, expected) => {
    expect(decisionOf(given, context)).toBe(expected)
  })
})
