import { PDSError } from '@pds/core'
import { memoryStore, type Store } from '@pds/session'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  failingStore,
  follow,
  obtainingSession,
  signInSession,
  token,
} from './observed-session.test-helper.ts'

/* A session as React sees it: with real sessions and without React. */

const unhandled = vi.fn()

beforeEach(() => {
  unhandled.mockReset()
  process.on('unhandledRejection', unhandled)
})

afterEach(() => {
  process.off('unhandledRejection', unhandled)
  expect(unhandled).not.toHaveBeenCalled()
})

const loginRequired = () => new PDSError('sign in', { code: 'LoginRequired', outcome: 'responded' })
const networkError = () => new PDSError('lost', { code: 'NetworkError', outcome: 'unknown' })

describe('a component', () => {
  it('shows that a user must sign in, signs in and signs out', async () => {
    const session = signInSession()
    const { statuses, results, until } = follow(session)
    await until('signed_out')
    await session.setToken(token)
    const signedIn = await until('signed_in')
    expect(signedIn).toMatchObject({
      user: { id: 'user-1', name: 'Ann' },
      expiresAt: expect.any(Number),
      since: expect.any(Number),
    })
    await session.signOut()
    expect(statuses).toEqual(['undecided', 'signed_out', 'signed_in', 'signed_out'])
    expect(results[1]).toMatchObject({ cause: 'no_token' })
    expect(results[3]).toMatchObject({ cause: 'signed_out' })
  })

  it('obtains a token of a grant that knows the user, once for several components', async () => {
    const obtain = vi.fn(async () => token)
    const session = obtainingSession(obtain)
    const followed = [follow(session), follow(session)]
    const [first, second] = await Promise.all(followed.map(({ until }) => until('signed_in')))
    expect(first).toBe(second)
    expect(obtain).toHaveBeenCalledOnce()
    expect(followed.map(({ statuses }) => statuses)).toEqual(Array(2).fill(['undecided', 'signed_in']))
  })

  it('shows that the grant requires a login, and the user after a sign-in', async () => {
    const obtain = vi.fn(async () => token).mockRejectedValueOnce(loginRequired())
    const session = obtainingSession(obtain)
    const { until, statuses } = follow(session)
    expect(await until('signed_out')).toMatchObject({ cause: 'no_token' })
    await session.getToken()
    await until('signed_in')
    expect(statuses).toEqual(['undecided', 'signed_out', 'signed_in'])
  })

  it('obtains no token if the store contains one', async () => {
    const store = memoryStore()
    await signInSession({ store }).setToken({ ...token, expire_time: '2020-01-01T00:00:00Z', expires_in: 1 })
    // A refresh would fail.
    const { until, statuses } = follow(signInSession({ store }))
    expect(await until('signed_in')).toMatchObject({ user: { id: 'user-1' }, error: undefined })
    expect(statuses).toEqual(['undecided', 'signed_in'])
  })

  it('knows the result immediately if the session does, and returns the same object', async () => {
    const session = signInSession()
    await session.setToken(token)
    const { observed, statuses } = follow(session)
    expect(statuses).toEqual(['signed_in'])
    expect(observed.read()).toBe(observed.read())
    await session.signOut()
    expect(observed.read()).toBe(observed.read())
  })

  it('shows a failure, and tries again on request', async () => {
    const obtain = vi.fn(async () => token).mockRejectedValueOnce(networkError())
    const { until, statuses } = follow(obtainingSession(obtain))
    const failed = await until('error')
    expect(failed).toMatchObject({ error: { code: 'NetworkError' }, retryAt: undefined })
    failed.retry?.()
    await until('signed_in')
    expect(statuses).toEqual(['undecided', 'error', 'loading', 'signed_in'])
  })

  it('says when the next attempt may be made', async () => {
    const retryAt = Date.now() + 3_600_000
    const throttled = new PDSError('later', { code: 'Throttled', outcome: 'not-sent', retryAt })
    const obtain = vi.fn(async () => token).mockRejectedValue(throttled)
    const { until, observed } = follow(obtainingSession(obtain))
    const failed = await until('error')
    expect(failed.retryAt).toBeGreaterThanOrEqual(retryAt)
    expect(observed.read()).toBe(failed)
    failed.retry?.()
    await until('error')
    expect(obtain).toHaveBeenCalledOnce()
  })

  it('does not try again after a failure because another component mounts', async () => {
    const obtain = vi.fn(async () => token).mockRejectedValue(networkError())
    const session = obtainingSession(obtain)
    const first = follow(session)
    await first.until('error')
    first.stop()
    expect(follow(session).statuses).toEqual(['error'])
    expect(obtain).toHaveBeenCalledOnce()
  })

  it('shows a failed read of the store', async () => {
    const fails = new Set<keyof Store>(['read'])
    const session = signInSession({ store: failingStore(memoryStore(), fails) })
    const { until, statuses } = follow(session)
    const failed = await until('error')
    expect(failed).toMatchObject({ error: { code: 'StoreFailed' } })
    fails.clear()
    failed.retry?.()
    await until('signed_out')
    expect(statuses).toEqual(['undecided', 'error', 'loading', 'signed_out'])
  })

  it('stays signed in with an error while no newer token can be obtained', async () => {
    const obtain = vi.fn(async () => token)
    const session = obtainingSession(obtain)
    const { until, observed } = follow(session)
    await until('signed_in')
    obtain.mockRejectedValue(networkError())
    await session.getToken({ rejected: token.access_token }).catch(() => undefined)
    expect(observed.read()).toMatchObject({ status: 'signed_in', error: { code: 'NetworkError' } })
  })

  it('leaves no listener behind', async () => {
    const session = signInSession()
    let listeners = 0
    const { subscribe } = session
    session.subscribe = (...given) => {
      const stop = subscribe(...given)
      listeners++
      return () => {
        listeners--
        stop()
      }
    }
    const [first, second] = [follow(session), follow(session)]
    await first.until('signed_out')
    expect(listeners).toBe(1)
    first.stop()
    expect(listeners).toBe(1)
    second.stop()
    expect(listeners).toBe(0)
    await session.setToken(token)
    expect(first.statuses).toEqual(['undecided', 'signed_out'])
    const third = follow(session)
    expect(third.statuses).toEqual(['signed_in'])
    expect(listeners).toBe(1)
  })
})
