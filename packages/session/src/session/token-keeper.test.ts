import { PDSError } from '@pds/core/internal'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type KeptToken, TokenKeeper } from './token-keeper.ts'

const timeout = 1000
const hour = 3_600_000
let now: number

/** Creates a token that was issued now. Without a lifetime, it does not expire by time. */
function token(access_token: string, lifetime = Number.POSITIVE_INFINITY): KeptToken {
  return { info: { access_token }, mintedAt: now, expiresAt: now + lifetime }
}

interface Call {
  resolve(result: KeptToken): void
  reject(reason: Error): void
}

/** Creates a keeper. The test ends the calls of its renewal. */
function create(first?: KeptToken) {
  const calls: Call[] = []
  const renewal = {
    obtain: () => new Promise<KeptToken>((resolve, reject) => void calls.push({ resolve, reject })),
    timeout,
    timeoutError: () => failure('late'),
  }
  const clock = { now: () => now, local: () => now, isServerTime: () => true }
  return { calls, keeper: new TokenKeeper(first, renewal, clock) }
}

function failure(message: string, more: Partial<PDSError> = {}): PDSError {
  return new PDSError(message, { code: 'RefreshFailed', outcome: 'not-sent', ...more })
}

const tooMany = () =>
  failure('busy', { cause: new PDSError('', { code: 'Throttled', status: 429, outcome: 'responded' }) })

const nameOf = async (current: Promise<KeptToken | undefined>) => (await current)?.info.access_token
/** Lets the calls of `obtain` start, and their results arrive. */
const turn = () => vi.advanceTimersByTimeAsync(0)

beforeEach(() => {
  now = Date.parse('2026-11-30T12:00:00Z')
  // Without jitter.
  vi.spyOn(Math, 'random').mockReturnValue(0)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('a kept token', () => {
  it.each([
    ['with its whole lifetime left', 2 * hour, 0, { calls: 0, waits: false }],
    ['with 11 minutes left', 2 * hour, 2 * hour - 660_000, { calls: 0, waits: false }],
    ['with 9 minutes left', 2 * hour, 2 * hour - 540_000, { calls: 1, waits: false }],
    ['with 31 seconds left', 2 * hour, 2 * hour - 31_000, { calls: 1, waits: false }],
    ['with 29 seconds left', 2 * hour, 2 * hour - 29_000, { calls: 1, waits: true }],
    ['with no time left', 2 * hour, 3 * hour, { calls: 1, waits: true }],
    [
      'that expires by rejection alone, a year later',
      Number.POSITIVE_INFINITY,
      8760 * hour,
      { calls: 0, waits: false },
    ],
  ])('%s is renewed as a session would', async (_what, lifetime, age, expected) => {
    const { calls, keeper } = create(token('a', lifetime))
    now += age
    const asked = nameOf(keeper.current())
    await turn()
    expect(calls).toHaveLength(expected.calls)
    calls[0]?.resolve(token('b', lifetime))
    expect(await asked).toBe(expected.waits ? 'b' : 'a')
    await turn()
    expect(await nameOf(keeper.current())).toBe(expected.calls > 0 ? 'b' : 'a')
    expect(calls).toHaveLength(expected.calls)
  })

  it('is obtained by the first callers', async () => {
    const { calls, keeper } = create()
    const asked = [keeper.current(), keeper.current()]
    await turn()
    calls[0]?.resolve(token('a'))
    expect(await Promise.all(asked.map(nameOf))).toEqual(['a', 'a'])
    expect(calls).toHaveLength(1)
  })

  it('is renewed once for all callers after its rejection', async () => {
    const { calls, keeper } = create(token('a'))
    const asked = Array.from({ length: 1000 }, () => keeper.current('a'))
    // A caller that knows of no rejection waits too.
    asked.push(keeper.current())
    await turn()
    calls[0]?.resolve(token('b'))
    expect(new Set(await Promise.all(asked.map(nameOf)))).toEqual(new Set(['b']))
    expect(keeper.token?.info.access_token).toBe('b')
    expect(await nameOf(keeper.current('a'))).toBe('b')
    expect(calls).toHaveLength(1)
  })

  it('is the object that was set, obtained or passed at first', async () => {
    const { calls, keeper } = create(token('a'))
    const [b, c] = [token('b'), token('c')]
    keeper.set(b)
    expect(keeper.token).toBe(b)
    const asked = keeper.current('b')
    await turn()
    calls[0]?.resolve(c)
    expect(await asked).toBe(c)
    expect(keeper.token).toBe(c)
  })

  it('may expire during its renewal, and is returned anyway', async () => {
    const { calls, keeper } = create()
    const asked = nameOf(keeper.current())
    await turn()
    const next = token('a', 1000)
    now += hour
    calls[0]?.resolve(next)
    expect(await asked).toBe('a')
    expect(calls).toHaveLength(1)
  })

  it('is returned again if the renewal returns the rejected token', async () => {
    const { calls, keeper } = create(token('a'))
    const asked = nameOf(keeper.current('a'))
    await turn()
    calls[0]?.resolve(token('a'))
    expect(await asked).toBe('a')
    expect(await nameOf(keeper.current())).toBe('a')
  })

  it('is renewed in the background only while the browser is online', async () => {
    const { calls, keeper } = create(token('a', hour))
    now += hour - 540_000
    vi.stubGlobal('navigator', { onLine: false })
    await keeper.current()
    await turn()
    expect(calls).toHaveLength(0)
    now += 540_000
    const asked = nameOf(keeper.current())
    await turn()
    calls[0]?.resolve(token('b'))
    expect(await asked).toBe('b')
    vi.unstubAllGlobals()
  })
})

describe('a failed renewal', () => {
  it('rejects for all waiting callers, and later callers renew again', async () => {
    const { calls, keeper } = create(token('a'))
    const { failures } = keeper
    const asked = [keeper.current('a'), keeper.current('a')]
    await turn()
    calls[0]?.reject(failure('offline'))
    expect((await Promise.allSettled(asked)).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    // This caller failed at the same time as the others, but asks after them.
    await expect(keeper.current('a', failures)).rejects.toThrow('offline')
    expect(calls).toHaveLength(1)
    const later = nameOf(keeper.current())
    await turn()
    calls[1]?.resolve(token('b'))
    expect(await later).toBe('b')
  })

  it.each([
    ['a retryAt', () => failure('busy', { retryAt: now + 60_000 }), 60_000],
    ['a 429 as its cause', tooMany, 500],
    [
      'a 503 as its cause',
      () => failure('busy', { cause: new PDSError('', { code: 'x', status: 503, outcome: 'responded' }) }),
      500,
    ],
  ])('with %s is the failure of all callers until the backoff ends', async (_what, error, backoff) => {
    const { calls, keeper } = create(token('a'))
    const asked = expect(keeper.current('a')).rejects.toMatchObject({
      message: 'busy',
      retryAt: now + backoff,
    })
    await turn()
    calls[0]?.reject(error())
    await asked
    now += backoff - 1
    for (const current of Array.from({ length: 50 }, () => keeper.current()))
      await expect(current).rejects.toThrow('busy')
    expect(calls).toHaveLength(1)
    now += 1
    const later = nameOf(keeper.current())
    await turn()
    calls[1]?.resolve(token('b'))
    expect(await later).toBe('b')
  })

  it('in the background is no failure of a caller, and backs off', async () => {
    const { calls, keeper } = create(token('a', hour))
    now += hour - 540_000
    expect(await nameOf(keeper.current())).toBe('a')
    await turn()
    calls[0]?.reject(failure('offline'))
    await turn()
    expect(keeper.failures).toBe(0)
    expect(await nameOf(keeper.current())).toBe('a')
    await turn()
    expect(calls).toHaveLength(1)
    now += 500
    await keeper.current()
    await turn()
    expect(calls).toHaveLength(2)
    calls[1]?.resolve(token('b'))
    await turn()
    expect(keeper.token?.info.access_token).toBe('b')
  })

  it('in the background is followed by another one for a caller that has waited for it', async () => {
    const { calls, keeper } = create(token('a', hour))
    now += hour - 540_000
    await keeper.current()
    const asked = nameOf(keeper.current('a'))
    await turn()
    calls[0]?.reject(failure('offline'))
    await turn()
    calls[1]?.resolve(token('b'))
    expect(await asked).toBe('b')
  })

  it('leaves a token in use that has not expired', async () => {
    const { calls, keeper } = create(token('a', hour))
    now += hour - 20_000
    const { failures } = keeper
    const asked = nameOf(keeper.current())
    await turn()
    calls[0]?.reject(failure('offline'))
    expect(await asked).toBe('a')
    expect(await nameOf(keeper.current(undefined, failures))).toBe('a')
    expect(calls).toHaveLength(1)
    now += 20_000
    await expect(keeper.current(undefined, failures)).rejects.toThrow('offline')
  })

  it('has no effect after a token was set', async () => {
    const { calls, keeper } = create(token('a'))
    const asked = nameOf(keeper.current('a'))
    await turn()
    keeper.set(token('mine'))
    expect(await asked).toBe('mine')
    calls[0]?.reject(tooMany())
    await turn()
    expect(keeper.failures).toBe(0)
    const next = nameOf(keeper.current('mine'))
    await turn()
    calls[1]?.resolve(token('b'))
    expect(await next).toBe('b')
  })

  it('is forgotten when another token is set', async () => {
    const { calls, keeper } = create(token('a'))
    const { failures } = keeper
    const asked = expect(keeper.current('a')).rejects.toThrow('busy')
    await turn()
    calls[0]?.reject(tooMany())
    await asked
    keeper.set(token('b'))
    expect(await nameOf(keeper.current())).toBe('b')
    const next = nameOf(keeper.current('b', failures))
    await turn()
    calls[1]?.resolve(token('c'))
    expect(await next).toBe('c')
  })

  it('may be a timeout, but a late token is used', async () => {
    const { calls, keeper } = create(token('a'))
    const asked = expect(keeper.current('a')).rejects.toThrow('late')
    await vi.advanceTimersByTimeAsync(timeout)
    await asked
    const later = nameOf(keeper.current())
    await turn()
    expect(calls).toHaveLength(2)
    calls[0]?.resolve(token('b'))
    expect(await later).toBe('b')
    calls[1]?.resolve(token('c'))
    await turn()
    expect(keeper.token?.info.access_token).toBe('b')
  })

  it('may be a timeout, and a late token is dropped if a token was set or removed', async () => {
    const { calls, keeper } = create(token('a'))
    const asked = expect(keeper.current('a')).rejects.toThrow('late')
    await vi.advanceTimersByTimeAsync(timeout)
    await asked
    keeper.remove()
    keeper.set(token('a'))
    calls[0]?.resolve(token('b'))
    await turn()
    expect(keeper.token?.info.access_token).toBe('a')
  })
})

describe('a token that is set or removed during its renewal', () => {
  it('is returned at once and kept', async () => {
    const { calls, keeper } = create(token('a'))
    const asked = nameOf(keeper.current('a'))
    await turn()
    keeper.set(token('mine'))
    expect(await asked).toBe('mine')
    calls[0]?.resolve(token('b'))
    await turn()
    expect(keeper.token?.info.access_token).toBe('mine')
  })

  it('is still renewed if it is the same pair, but not if one token of the pair differs', async () => {
    const { calls, keeper } = create(token('a'))
    const first = nameOf(keeper.current('a'))
    await turn()
    keeper.set(token('a'))
    calls[0]?.resolve(token('b'))
    expect(await first).toBe('b')
    const second = nameOf(keeper.current('b'))
    await turn()
    keeper.set({ ...token('b'), info: { access_token: 'b', refresh_token: 'r' } })
    expect(await second).toBe('b')
    calls[1]?.resolve(token('c'))
    await turn()
    expect(keeper.token?.info).toEqual({ access_token: 'b', refresh_token: 'r' })
  })

  it('stays removed and is not renewed until it is set', async () => {
    const { calls, keeper } = create(token('a'))
    const asked = keeper.current('a')
    await turn()
    keeper.remove()
    expect(await asked).toBeUndefined()
    calls[0]?.resolve(token('b'))
    await turn()
    expect(keeper.token).toBeUndefined()
    expect(await keeper.current()).toBeUndefined()
    expect(await keeper.current('a')).toBeUndefined()
    keeper.set(token('c'))
    expect(await nameOf(keeper.current())).toBe('c')
    expect(calls).toHaveLength(1)
  })

  it('does not wait for the renewal of an earlier token', async () => {
    const { calls, keeper } = create(token('a'))
    const first = nameOf(keeper.current('a'))
    await turn()
    keeper.set(token('b'))
    expect(await first).toBe('b')
    const second = nameOf(keeper.current('b'))
    await turn()
    expect(calls).toHaveLength(2)
    calls[0]?.resolve(token('late'))
    await turn()
    // The end of the first renewal does not hide the second one from new callers.
    const third = nameOf(keeper.current('b'))
    calls[1]?.resolve(token('c'))
    expect(await Promise.all([second, third])).toEqual(['c', 'c'])
    expect(calls).toHaveLength(2)
  })

  it('may be set by the renewal itself, even if it seems to have expired', async () => {
    const clock = { now: () => now, local: () => now, isServerTime: () => true }
    let calls = 0
    const obtain = async () => {
      calls++
      void keeper.current()
      keeper.set(token('b', -hour))
      return token('c')
    }
    const keeper = new TokenKeeper(
      undefined,
      { obtain, timeout: 0, timeoutError: () => failure('late') },
      clock,
    )
    expect(await nameOf(keeper.current())).toBe('b')
    expect(keeper.token?.info.access_token).toBe('b')
    expect(calls).toBe(1)
  })
})

describe('a token without a renewal', () => {
  const clock = { now: () => now, local: () => now, isServerTime: () => true }

  it('is returned even if it has expired, but not if it was rejected', async () => {
    const keeper = new TokenKeeper(token('a', hour), undefined, clock)
    now += 2 * hour
    expect(await nameOf(keeper.current())).toBe('a')
    expect(await keeper.current('a')).toBeUndefined()
    // Only the service can tell whether it still rejects the token.
    expect(await nameOf(keeper.current())).toBe('a')
    keeper.set(token('b'))
    expect(await nameOf(keeper.current('a'))).toBe('b')
    keeper.remove()
    expect(await keeper.current()).toBeUndefined()
  })

  it('may be missing', async () => {
    const keeper = new TokenKeeper(undefined, undefined, clock)
    expect(keeper.token).toBeUndefined()
    expect(await keeper.current()).toBeUndefined()
  })
})
