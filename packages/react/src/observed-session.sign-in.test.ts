import { PDSError } from '@pds/core'
import { memoryStore, type Store } from '@pds/session'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { failingStore, follow, signInSession, token } from './observed-session.test-helper.ts'

/* The sign-in that a provider completes, with real sessions and without React. */

const unhandled = vi.fn()

beforeEach(() => {
  unhandled.mockReset()
  process.on('unhandledRejection', unhandled)
})

afterEach(() => {
  process.off('unhandledRejection', unhandled)
  expect(unhandled).not.toHaveBeenCalled()
})

const denied = () => new PDSError('denied', { code: 'access_denied', outcome: 'responded' })

/** A sign-in that is pending until its `completeSignIn` settles. */
function startSignIn() {
  let resolve: (completed: Completed) => void = () => undefined
  let reject: (error: PDSError) => void = () => undefined
  let isPending = true
  const settled = new Promise<Completed>((...given) => {
    ;[resolve, reject] = given
  }).finally(() => {
    isPending = false
  })
  settled.catch(() => undefined)
  const completeSignIn = vi.fn(() => settled)
  return { completeSignIn, isSignInPending: () => isPending, onSignIn: vi.fn(), resolve, reject }
}

interface Completed {
  token?: typeof token
  returnTo?: string
  appState?: unknown
}

describe('a sign-in', () => {
  it('is shown from the first result until the session has the token', async () => {
    const session = signInSession()
    await session.status()
    const signIn = startSignIn()
    const { observed, statuses, until } = follow(session, signIn)
    const completing = observed.complete(signIn)
    signIn.onSignIn.mockImplementation(() => statuses.push('onSignIn'))
    signIn.resolve({ token, returnTo: '/photos', appState: 7 })
    await completing
    await until('signed_in')
    expect(statuses).toEqual(['signing_in', 'onSignIn', 'signed_in'])
    expect(signIn.onSignIn.mock.calls).toEqual([[{ returnTo: '/photos', appState: 7 }]])
  })

  it('never shows a signed-out user without isSignInPending', async () => {
    const session = signInSession()
    await session.status()
    const { isSignInPending: _, ...signIn } = startSignIn()
    const { observed, statuses, until } = follow(session, signIn)
    void observed.complete(signIn)
    await session.status()
    signIn.resolve({ token })
    await until('signed_in')
    expect(statuses).toEqual(['undecided', 'signing_in', 'signed_in'])
  })

  it('of another user replaces the result of the first user', async () => {
    const session = signInSession()
    await session.setToken(token)
    const signIn = startSignIn()
    const { observed, statuses, until } = follow(session, signIn)
    void observed.complete(signIn)
    signIn.resolve({ token: { ...token, access_token: 'b', refresh_token: 'c', user_id: 'user-2' } })
    expect(await until('signed_in')).toMatchObject({ user: { id: 'user-2' } })
    expect(statuses).toEqual(['signing_in', 'signed_in'])
  })

  it('is completed once if a provider calls twice, with the last onSignIn', async () => {
    const session = signInSession()
    const signIn = startSignIn()
    const { observed, until } = follow(session, signIn)
    const setToken = vi.spyOn(session, 'setToken')
    const first = vi.fn()
    void observed.complete({ ...signIn, onSignIn: first })
    void observed.complete(signIn)
    signIn.resolve({ token })
    await until('signed_in')
    const calls = [signIn.completeSignIn, setToken, first, signIn.onSignIn].map(
      ({ mock }) => mock.calls.length,
    )
    expect(calls).toEqual([1, 1, 0, 1])
  })

  it('without a callback changes nothing, also if the provider mounts again', async () => {
    const session = signInSession()
    const signIn = {
      completeSignIn: vi.fn(async () => ({})),
      isSignInPending: () => false,
      onSignIn: vi.fn(),
    }
    const { observed, statuses, until } = follow(session, signIn)
    await observed.complete(signIn)
    await until('signed_out')
    await observed.complete(signIn)
    expect(statuses).toEqual(['undecided', 'signed_out'])
    expect(signIn.onSignIn).not.toHaveBeenCalled()
  })

  it('that fails is shown until the user signs in', async () => {
    const session = signInSession()
    const signIn = startSignIn()
    const { observed, statuses, until } = follow(session, signIn)
    void observed.complete(signIn)
    signIn.reject(denied())
    expect(await until('error')).toMatchObject({ error: { code: 'access_denied' } })
    await session.setToken(token)
    await until('signed_in')
    await session.signOut()
    expect(statuses).toEqual(['signing_in', 'error', 'signed_in', 'signed_out'])
  })

  it('that fails is shown until the user signs out', async () => {
    const session = signInSession()
    const signIn = startSignIn()
    const { observed, until } = follow(session, signIn)
    void observed.complete(signIn)
    signIn.reject(denied())
    await until('error')
    await session.signOut()
    await until('signed_out')
  })

  it('that fails does not sign a user out, and is not shown later', async () => {
    const store = memoryStore()
    await signInSession({ store }).setToken(token)
    const refresh = () => Promise.reject(new PDSError('no', { code: 'invalid_grant', outcome: 'responded' }))
    const session = signInSession({ store, grant: { refresh } })
    const signIn = startSignIn()
    const { observed, statuses, until } = follow(session, signIn)
    void observed.complete(signIn)
    signIn.reject(denied())
    await until('signed_in')
    await session.getToken({ rejected: token.access_token }).catch(() => undefined)
    expect(await until('signed_out')).toMatchObject({ cause: 'rejected' })
    expect(statuses).toEqual(['signing_in', 'signed_in', 'signed_out'])
  })

  it('that fails can be completed by another attempt', async () => {
    const session = signInSession()
    const completeSignIn = vi.fn(async () => ({ token }))
    completeSignIn.mockRejectedValueOnce(new PDSError('busy', { code: 'Throttled', outcome: 'not-sent' }))
    const signIn = { completeSignIn, isSignInPending: () => completeSignIn.mock.calls.length < 2 }
    const { observed, statuses, until } = follow(session, signIn)
    void observed.complete(signIn)
    const failed = await until('error')
    failed.retry?.()
    await until('signed_in')
    expect(statuses).toEqual(['signing_in', 'error', 'signing_in', 'signed_in'])
  })

  it('that failed and is over becomes a signed-out user at another attempt', async () => {
    const session = signInSession()
    const completeSignIn = vi.fn(async () => ({})).mockRejectedValueOnce(denied())
    const { observed, statuses, until } = follow(session, { completeSignIn })
    void observed.complete({ completeSignIn })
    const failed = await until('error')
    failed.retry?.()
    await until('signed_out')
    expect(statuses).toEqual(['undecided', 'error', 'loading', 'signed_out'])
  })

  it('keeps its token for another attempt if the store fails', async () => {
    const fails = new Set<keyof Store>(['compareAndSet'])
    const session = signInSession({ store: failingStore(memoryStore(), fails) })
    const signIn = startSignIn()
    const { observed, statuses, until } = follow(session, signIn)
    void observed.complete(signIn)
    signIn.resolve({ token })
    const failed = await until('error')
    expect(failed).toMatchObject({ error: { code: 'StoreFailed' } })
    fails.clear()
    failed.retry?.()
    await until('signed_in')
    expect(statuses).toEqual(['signing_in', 'error', 'signing_in', 'signed_in'])
    expect(signIn.completeSignIn).toHaveBeenCalledOnce()
    expect(signIn.onSignIn).toHaveBeenCalledOnce()
  })

  it('whose user has signed out since shows a signed-out user', async () => {
    const session = signInSession()
    await session.setToken(token)
    await session.signOut()
    const signIn = startSignIn()
    const { observed, statuses, until } = follow(session, signIn)
    void observed.complete(signIn)
    signIn.resolve({ token })
    await until('signed_out')
    expect(statuses).toEqual(['signing_in', 'signed_out'])
  })

  it.each([
    ['throws', () => undefined],
    [
      'rejects with',
      () => {
        throw new Error('canary')
      },
    ],
  ])('reports what completeSignIn of an application %s', async (_how, beforeRejection) => {
    const completeSignIn = () => {
      beforeRejection()
      return Promise.reject(new Error('canary'))
    }
    const { observed, until } = follow(signInSession(), { completeSignIn })
    void observed.complete({ completeSignIn })
    const { error } = await until('error')
    expect(error).toMatchObject({
      name: 'PDSError',
      code: 'RefreshFailed',
      message: 'PdsProvider: completeSignIn threw, see cause',
      cause: { message: 'canary' },
    })
  })

  it('succeeds even if onSignIn throws', async () => {
    const session = signInSession()
    const signIn = startSignIn()
    signIn.onSignIn.mockImplementation(() => {
      throw new Error('a bug of the application')
    })
    const { observed, until } = follow(session, signIn)
    const completing = observed.complete(signIn)
    signIn.resolve({ token })
    await expect(completing).rejects.toThrow('a bug of the application')
    await until('signed_in')
  })
})
