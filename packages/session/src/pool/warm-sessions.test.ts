import { createSessions, type Sessions, type SessionsOptions, type WarmProgress } from '@pds/session'
import type { Grant } from '@pds/types'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  failingStore,
  gate,
  hour,
  startTestDomain,
  type TestDomain,
} from '../test/test-domain.test-helper.ts'

const minute = 60_000
const path = '/v2/oauth/token'

describe('warm', () => {
  let domain: TestDomain
  let users: Sessions
  let tokens: number

  beforeEach(async () => {
    tokens = 0
    domain = await startTestDomain()
  })

  afterEach(async () => {
    await users.close()
    await domain.close()
  })

  function open(options: Partial<SessionsOptions> = {}): Sessions {
    users = createSessions({ grant: () => domain.oauthGrant(), ...options })
    return users
  }

  /** A grant whose tokens have numbers. */
  const counting = (key: string): Grant => ({
    obtain: async () => ({ access_token: `${key}-${++tokens}`, expires_in: 7200 }),
    now: () => domain.emulator.clock.now(),
  })

  it('renews the tokens that expire within a time, and no others', async () => {
    open({ max: 1 })
    await users.get('ann').setToken(await domain.signIn())
    domain.emulator.clock.advance(hour + 45 * minute)
    await users.get('bob').setToken(await domain.signIn())
    const progress: unknown[] = []
    const onProgress = ({ key, outcome, done }: WarmProgress) => progress.push([key, outcome, done])
    expect(await users.warm(['ann', 'bob'], { within: 10 * minute })).toEqual({
      renewed: 0,
      valid: 2,
      login_required: 0,
      failed: 0,
    })
    const result = await users.warm(['ann', 'bob'], { within: 20 * minute, onProgress })
    expect(result).toMatchObject({ renewed: 1, valid: 1 })
    expect(progress.sort()).toEqual([
      ['ann', 'renewed', expect.any(Number)],
      ['bob', 'valid', expect.any(Number)],
    ])
    expect(domain.sends()).toBe(1)
    expect(domain.emulator.invalidTokenUses).toEqual({ access: 0, refresh: 0 })
  })

  it('obtains first tokens, and renews expired ones', async () => {
    open({ grant: counting })
    expect(await users.warm(['ann', 'bob'])).toMatchObject({ renewed: 2 })
    expect(await users.warm(['ann', 'bob'])).toMatchObject({ valid: 2 })
    domain.emulator.clock.advance(3 * hour)
    expect(await users.warm(['ann', 'bob'])).toMatchObject({ renewed: 2 })
    expect(tokens).toBe(4)
  })

  it('does not renew a short-lived token again and again', async () => {
    open({
      grant: (key) => ({ obtain: async () => ({ access_token: `${key}${++tokens}`, expires_in: 60 }) }),
    })
    expect(await users.warm(['ann'])).toMatchObject({ renewed: 1 })
    for (let call = 0; call < 5; call++) expect(await users.warm(['ann'])).toMatchObject({ valid: 1 })
    expect(tokens).toBe(1)
  })

  it('reports users who must sign in, and failures, and goes on', async () => {
    open()
    for (const key of ['ann', 'bob']) await users.get(key).setToken(await domain.signIn())
    domain.emulator.clock.advance(2 * hour - 5 * minute)
    await users.get('ann').signOut()
    domain.emulator.injectFault({ type: 'status', status: 503, path, times: 9 })
    const progress: WarmProgress[] = []
    // The backoff also ends by this clock.
    vi.useFakeTimers({ toFake: ['performance'] })
    onTestFinished(() => void vi.useRealTimers())
    const result = await users.warm(['ann', 'bob', 'cleo'], { onProgress: (each) => progress.push(each) })
    expect(result).toEqual({ renewed: 0, valid: 0, login_required: 2, failed: 1 })
    const byKey = Object.fromEntries(progress.map((each) => [each.key, each]))
    expect(byKey).toMatchObject({
      ann: { outcome: 'login_required', error: { cause: 'signed_out' } },
      bob: { outcome: 'failed', error: { status: 503 } },
      cleo: { outcome: 'login_required', error: { cause: 'no_token' } },
    })
    // The old token is valid, and the backoff holds.
    expect(await users.get('bob').getToken()).toHaveProperty('access_token')
    expect(await users.warm(['bob'])).toMatchObject({ failed: 1 })
    expect(domain.sends()).toBe(1)
  })

  it('reports a store that fails, unless the grant obtains tokens without it', async () => {
    let failure: Error | undefined = new Error('no connection')
    const store = failingStore(() => failure)
    open({ store })
    const progress: WarmProgress[] = []
    await users.warm(['ann'], { onProgress: (each) => progress.push(each) })
    expect(progress).toMatchObject([
      { key: 'ann', outcome: 'failed', error: { code: 'StoreFailed' }, done: 1 },
    ])
    open({ store, grant: counting, waitTimeout: 100 })
    expect(await users.warm(['ann'])).toMatchObject({ renewed: 1 })
    failure = undefined
  })

  it('renews at most so many tokens at a time as the option concurrency says, from an async iterable', async () => {
    const { opened, open: release } = gate()
    let atOnce = 0
    let most = 0
    open({
      concurrency: 3,
      grant: (key) => ({
        async obtain() {
          most = Math.max(most, ++atOnce)
          await opened
          atOnce--
          return { access_token: key, expires_in: 7200 }
        },
      }),
    })
    async function* keys() {
      for (let index = 0; index < 20; index++) yield `user-${index}`
    }
    const warming = users.warm(keys())
    await expect.poll(() => atOnce).toBe(3)
    expect(users.stats()).toMatchObject({ open: 3, renewing: 3, waiting: 0 })
    release()
    expect(await warming).toMatchObject({ renewed: 20 })
    expect(most).toBe(3)
  })

  it('stops when its signal is aborted, while renewals under way continue', async () => {
    const { opened, open: release } = gate()
    const controller = new AbortController()
    open({
      concurrency: 1,
      grant: (key) => ({
        obtain: async () => {
          await opened
          return { access_token: `${key}-${++tokens}`, expires_in: 7200 }
        },
      }),
    })
    const warming = users.warm(['ann', 'bob'], { signal: controller.signal })
    await expect.poll(() => users.stats().renewing).toBe(1)
    controller.abort()
    await expect(warming).rejects.toMatchObject({ code: 'Aborted' })
    release()
    expect(await users.get('ann').getAccessToken()).toBe('ann-1')
    await users.close()
    expect(tokens).toBe(1)
  })

  it('closes the iterable when it stops early', async () => {
    open({ grant: counting, concurrency: 2 })
    let isClosed = false
    async function* keys() {
      try {
        for (let index = 0; index < 100; index++) yield index < 10 ? `user-${index}` : ''
      } finally {
        isClosed = true
      }
    }
    await expect(users.warm(keys())).rejects.toThrow('warm: keys must be non-empty strings')
    await expect.poll(() => isClosed).toBe(true)
    expect(tokens).toBeLessThanOrEqual(10)
  })

  it('rejects when the pool is closed before its end, and renews no further tokens', async () => {
    open({ grant: counting, concurrency: 1 })
    const onProgress = ({ done }: WarmProgress) => {
      if (done === 3) void users.close()
    }
    const keys = Array.from({ length: 20 }, (_, index) => `user-${index}`)
    await expect(users.warm(keys, { onProgress })).rejects.toThrow('the pool of sessions is closed')
    expect(tokens).toBe(3)
  })

  it.each([
    [['ann', ''], {}, 'warm: keys must be non-empty strings'],
    [[5], {}, 'warm: keys must be non-empty strings'],
    ['ann', {}, 'warm: keys must be an iterable of keys, for example an array'],
    [undefined, {}, 'warm: keys must be an iterable of keys'],
    [['ann'], { within: -1 }, 'within'],
    [['ann'], { signal: {} }, 'signal must be an AbortSignal'],
    [['ann'], { onProgres: () => undefined }, 'onProgres is not supported: did you mean onProgress?'],
  ])('rejects the keys %j and options %j', async (keys, options, message) => {
    open({ grant: counting })
    await expect(users.warm(keys as never, options as never)).rejects.toMatchObject({
      code: 'InvalidParameter',
      message: expect.stringContaining(message),
    })
  })

  it('rejects with what onProgress throws', async () => {
    open({ grant: counting })
    const onProgress = () => {
      throw new Error('a bug of the caller')
    }
    await expect(users.warm(['ann', 'bob'], { onProgress })).rejects.toThrow('a bug of the caller')
  })
})
