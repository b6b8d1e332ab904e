import type { PDSError } from '@pds/core'
import {
  createSession,
  createSessions,
  encryptedStore,
  memoryStore,
  type SessionEntry,
  type Sessions,
  type SessionsOptions,
  type Store,
} from '@pds/session'
import type { Grant } from '@pds/types'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  delayTokens,
  failingStore,
  gate,
  hour,
  startTestDomain,
  type TestDomain,
} from '../test/test-domain.test-helper.ts'

const path = '/v2/oauth/token'
const grant = (): Grant => ({ obtain: async () => ({ access_token: 'a', expires_in: 7200 }) })
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: PDSError) => error,
  )

describe('createSessions rejects the options', () => {
  it.each([
    [{}, 'createSessions: grant is required: a function'],
    [{ grant: { obtain: 'a' } }, 'createSessions: grant must be a function (received an object)'],
    [{ grant, max: 0 }, 'max must be a positive integer (received 0)'],
    [{ grant, max: 1.5 }, 'max must be a positive integer'],
    [{ grant, concurrency: -1 }, 'concurrency must be a non-negative integer'],
    [{ grant, namespace: '' }, 'namespace must be a non-empty string'],
    [{ grant, key: 'ann' }, 'createSessions: key is not supported'],
    [{ grant, stroe: memoryStore() }, 'createSessions: stroe is not supported: did you mean store?'],
    [{ grant, leaseTime: 5 }, 'createSessions: leaseTime must be at least 11000'],
    [{ grant, origins: ['http://a.test'] }, 'createSessions: origins is http://a.test'],
    [null, 'options must be a plain object (received null)'],
  ])('%j', (options, message) => {
    expect(() => createSessions(options as never)).toThrow(message)
  })
})

describe('get', () => {
  it.each(['', 5, undefined, 'k\n'])('rejects the key %j', (key) => {
    expect(() => createSessions({ grant }).get(key as never)).toThrow(
      'get: the key of a session must be a non-empty string',
    )
  })

  it.each([[undefined], [{}], [{ obtain: 'x' }]])('rejects the grant %j', (invalid) => {
    const isAnn = (key: string) => (key === 'ann' ? grant() : (invalid as never))
    expect(() => createSessions({ grant: () => invalid as never }).get('ann')).toThrow(
      /^createSessions: grant (must be|is required:) a grant with obtain or refresh/,
    )
    const users = createSessions({ grant: isAnn })
    users.get('ann')
    expect(() => users.get('bob')).toThrow(/^createSessions: grant .* a grant with obtain or refresh/)
  })

  it('throws what the function grant throws, and opens no session', () => {
    const users = createSessions({
      grant: (key) => {
        throw new Error(`no user ${key}`)
      },
    })
    expect(() => users.get('ann')).toThrow('no user ann')
    expect(users.stats().open).toBe(0)
  })

  it('creates the grant of a key once while its session is open', () => {
    const create = vi.fn(grant)
    const users = createSessions({ grant: create })
    users.get('ann')
    users.get('bob')
    users.get('ann')
    expect(create.mock.calls).toEqual([['ann'], ['bob']])
  })

  it('returns sessions that send the token to the origins of their grants only', async () => {
    const sent: string[] = []
    const users = createSessions({
      grant: (key) => ({ ...grant(), origins: [`https://${key}.test`] }),
      fetch: async (url) => {
        sent.push(String(url))
        return new Response()
      },
    })
    await users.get('ann').fetch('https://ann.test/')
    await users.get('bob').fetch('https://bob.test/')
    await expect(users.get('bob').fetch('https://ann.test/')).rejects.toThrow(
      'https://ann.test is not in the option',
    )
    expect(sent).toEqual(['https://ann.test/', 'https://bob.test/'])
  })
})

describe('a pool', () => {
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

  /** Opens a pool of users of an OAuth application. */
  function open(options: Partial<SessionsOptions> = {}): Sessions {
    users = createSessions({ grant: () => domain.oauthGrant(), ...options })
    return users
  }

  /** A grant whose tokens have numbers. */
  const counting = (key: string): Grant => ({
    obtain: async () => ({ access_token: `${key}-${++tokens}`, expires_in: 7200 }),
  })

  /** Signs users in, whose tokens then expire. */
  async function signIn(...keys: string[]): Promise<void> {
    for (const key of keys) await users.get(key).setToken(await domain.signIn())
    domain.emulator.clock.advance(3 * hour)
  }

  /** Makes a pool of one session evict its session, if it can. */
  const evict = () => void users.get('another user')

  it('gives one token to all objects of a key', async () => {
    open({ grant: counting })
    const calls = Array.from({ length: 50 }, () => users.get('ann').getAccessToken())
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['ann-1']))
    const { getAccessToken } = users.get('ann')
    expect(await getAccessToken()).toBe('ann-1')
    expect(await users.get('bob').getToken()).toMatchObject({ access_token: 'bob-2' })
  })

  it('evicts the least recently used session, which finds its token in the store when it is used again', async () => {
    open({ grant: counting, max: 2 })
    const ann = users.get('ann')
    await ann.getAccessToken()
    const bob = users.get('bob')
    await bob.getAccessToken()
    await ann.getAccessToken()
    await users.get('cleo').getAccessToken()
    expect(users.stats()).toMatchObject({ open: 2, evicted: 1 })
    expect([ann.state.status, bob.state.status]).toEqual(['ok', 'unknown'])
    expect(await bob.getAccessToken()).toBe('bob-2')
    expect(await ann.getAccessToken()).toBe('ann-1')
    expect(tokens).toBe(3)
  })

  it('opens one engine for all objects of a key after it has evicted the session', async () => {
    open({ max: 1 })
    const objects = [users.get('ann'), users.get('ann')]
    await signIn('ann')
    evict()
    const found = await Promise.all([...objects, users.get('ann')].map((each) => each.getAccessToken()))
    expect(new Set(found).size).toBe(1)
    expect(domain.sends()).toBe(1)
    expect(domain.emulator.invalidTokenUses).toEqual({ access: 0, refresh: 0 })
    expect(users.stats().open).toBe(1)
  })

  describe('of one session keeps it open', () => {
    /** Opens another session, and returns whether the pool has kept the first one. */
    function isKept(): boolean {
      evict()
      return users.get('ann').state.status !== 'unknown'
    }

    it('while a renewal for a caller is under way', async () => {
      const { opened, open: release } = gate()
      open({ max: 1, grant: () => domain.oauthGrant(delayTokens(opened)) })
      await signIn('ann')
      const call = users.get('ann').getAccessToken()
      await expect.poll(() => domain.sends()).toBe(1)
      expect(isKept()).toBe(true)
      expect(users.stats()).toMatchObject({ open: 1, pinned: 1, renewing: 1 })
      release()
      const access_token = await call
      expect(isKept()).toBe(false)
      expect(users.stats()).toMatchObject({ open: 1, pinned: 0, renewing: 0 })
      expect(await users.get('ann').getAccessToken()).toBe(access_token)
      expect(domain.sends()).toBe(1)
    })

    it('while a renewal in the background is under way', async () => {
      const { opened, open: release } = gate()
      open({ max: 1, grant: () => domain.oauthGrant(delayTokens(opened)) })
      await users.get('ann').setToken(await domain.signIn())
      // Into the last five minutes, in which each session renews its token.
      domain.emulator.clock.advance(2 * hour - 120_000)
      await users.get('ann').getAccessToken()
      await expect.poll(() => domain.sends()).toBe(1)
      expect(isKept()).toBe(true)
      expect(users.stats()).toMatchObject({ open: 1, pinned: 1 })
      release()
      await expect.poll(() => users.stats().pinned).toBe(0)
      expect(isKept()).toBe(false)
    })

    it('while the store lacks its token', async () => {
      let isFailing = true
      const store = memoryStore()
      open({
        max: 1,
        store: {
          ...store,
          async compareAndSet(key, record, ...rest) {
            if (isFailing && JSON.parse(record.data).generation === 2) throw new Error('disk full')
            return store.compareAndSet(key, record, ...rest)
          },
        },
      })
      await signIn('ann')
      const access_token = await users.get('ann').getAccessToken()
      expect(isKept()).toBe(true)
      expect(users.stats()).toMatchObject({ open: 1, pinned: 1 })
      isFailing = false
      await expect.poll(() => users.stats().pinned).toBe(0)
      expect(isKept()).toBe(false)
      expect(await users.get('ann').getAccessToken()).toBe(access_token)
      expect(domain.emulator.invalidTokenUses.refresh).toBe(0)
    })

    it('while a sign-out is under way', async () => {
      const { opened, open: release } = gate()
      const revoke = async () => opened
      open({ max: 1, grant: () => ({ ...domain.oauthGrant(), revoke }) })
      await users.get('ann').setToken(await domain.signIn())
      const signOut = users.get('ann').signOut()
      await expect.poll(() => users.get('ann').state.status).toBe('signed_out')
      expect(isKept()).toBe(true)
      expect(users.stats()).toMatchObject({ open: 1, pinned: 1 })
      release()
      expect(await signOut).toEqual({ revoked: true })
      expect(users.stats()).toMatchObject({ pinned: 0 })
      evict()
      expect(await failureOf(users.get('ann').getToken())).toMatchObject({ cause: 'signed_out' })
    })

    it('while it has listeners', async () => {
      open({ max: 1, grant: counting })
      const ann = users.get('ann')
      await ann.getAccessToken()
      const stop = ann.subscribe('refreshed', () => undefined)
      const other = users.get('ann')
      other.subscribe('refreshed', () => undefined)
      expect(isKept()).toBe(true)
      stop()
      expect(isKept()).toBe(true)
      expect(users.stats()).toMatchObject({ open: 1, pinned: 1 })
      other.close()
      expect(users.stats()).toMatchObject({ open: 1, pinned: 0 })
      expect(isKept()).toBe(false)
    })
  })

  it('stays within max again when many calls at once have ended', async () => {
    open({ max: 10, grant: counting })
    const keys = Array.from({ length: 300 }, (_, index) => `user-${index}`)
    await Promise.all(keys.map((key) => users.get(key).getAccessToken()))
    expect(users.stats()).toMatchObject({ open: 10, pinned: 0, renewing: 0, waiting: 0 })
    expect(tokens).toBe(300)
  })

  it('ends no backoff when it evicts a session', async () => {
    open({ max: 1 })
    await signIn('ann')
    domain.emulator.injectFault({ type: 'status', status: 503, path, times: 99 })
    const errors = []
    for (let call = 0; call < 20; call++) {
      errors.push(await failureOf(users.get('ann').getToken()))
      evict()
    }
    expect(domain.sends()).toBe(1)
    for (const error of errors) expect(error).toMatchObject({ status: 503, retryAt: errors[0]?.retryAt })
    domain.emulator.clearFaults()
    domain.emulator.clock.advance(1000)
    expect(await users.get('ann').getToken()).toHaveProperty('access_token')
  })

  it('does not return a rejected token after it has evicted the session', async () => {
    open({ max: 1 })
    await users.get('ann').setToken(await domain.signIn())
    const rejected = await users.get('ann').getAccessToken()
    domain.emulator.injectFault({ type: 'status', status: 400, code: 'InvalidParameter.ClientId', path })
    expect(await failureOf(users.get('ann').getAccessToken({ rejected }))).toMatchObject({ status: 400 })
    evict()
    domain.emulator.clock.advance(60_000)
    expect(await users.get('ann').getAccessToken()).not.toBe(rejected)
  })

  it('remembers a sign-out, also while the store fails', async () => {
    let failure: Error | undefined
    open({ max: 1, grant: counting, store: failingStore(() => failure) })
    await users.get('ann').getAccessToken()
    await users.get('ann').signOut()
    evict()
    failure = new Error('no connection')
    expect(await failureOf(users.get('ann').getToken())).toMatchObject({ cause: 'signed_out' })
    failure = undefined
    expect(tokens).toBe(1)
  })

  describe('with the option concurrency', () => {
    it('renews so many tokens at a time', async () => {
      const { opened, open: release } = gate()
      let atOnce = 0
      let most = 0
      open({
        concurrency: 2,
        grant: (key) => ({
          async obtain() {
            most = Math.max(most, ++atOnce)
            await opened
            atOnce--
            return { access_token: `${key}-${++tokens}`, expires_in: 7200 }
          },
        }),
      })
      const keys = Array.from({ length: 10 }, (_, index) => `${index}`)
      const calls = keys.map((key) => users.get(key).getAccessToken())
      await expect.poll(() => users.stats()).toMatchObject({ renewing: 2, waiting: 8 })
      release()
      await Promise.all(calls)
      expect(most).toBe(2)
      expect(tokens).toBe(10)
      expect(users.stats()).toMatchObject({ renewing: 0, waiting: 0, failed: 0 })
    })

    it('lets a caller wait no longer than waitTimeout', async () => {
      const { opened, open: release } = gate()
      open({
        concurrency: 1,
        waitTimeout: 30,
        grant: (key) => ({
          obtain: async () => {
            await opened
            return { access_token: key, expires_in: 7200 }
          },
        }),
      })
      const first = users.get('ann').getAccessToken()
      await expect.poll(() => users.stats().renewing).toBe(1)
      const error = await failureOf(users.get('bob').getAccessToken())
      expect(error).toMatchObject({ code: 'Timeout', outcome: 'not-sent' })
      expect(error?.message).toContain('1 renewals of its pool were under way (option concurrency)')
      expect(users.stats()).toMatchObject({ renewing: 1, waiting: 0, failed: 1 })
      release()
      expect(await first).toBe('ann')
    })
  })

  describe('on the store of another pool', () => {
    it('shares no session with another application, and all sessions with its own', async () => {
      const store = memoryStore()
      const of = (id: string) => createSessions({ store, grant: (key) => ({ ...counting(key), id }) })
      const [one, same, other] = [of('app-1'), of('app-1'), of('app-2')]
      users = one
      expect(await one.get('ann').getAccessToken()).toBe('ann-1')
      expect(await same.get('ann').getAccessToken()).toBe('ann-1')
      expect(await other.get('ann').getAccessToken()).toBe('ann-2')
    })

    it('shares no session with another namespace, or with createSession', async () => {
      const store = memoryStore()
      const of = (namespace?: string) => createSessions({ store, grant: counting, namespace })
      users = of('a')
      expect(await users.get('ann').getAccessToken()).toBe('ann-1')
      expect(await of('b').get('ann').getAccessToken()).toBe('ann-2')
      expect(await of().get('ann').getAccessToken()).toBe('ann-3')
      expect(await of('a').get('ann').getAccessToken()).toBe('ann-1')
    })

    it('finds the sessions of createSession without a namespace', async () => {
      const store = memoryStore()
      const session = createSession({ key: 'ann', grant: counting('ann'), store })
      expect(await session.getAccessToken()).toBe('ann-1')
      expect(await open({ store, grant: counting }).get('ann').getAccessToken()).toBe('ann-1')
    })
  })

  describe('emits the events of all sessions with their keys', () => {
    it('to its listeners, without keeping the sessions open', async () => {
      open({ max: 1, grant: counting })
      await users.get('ann').getAccessToken()
      const events: unknown[] = []
      users.subscribe('refreshed', ({ key, by }) => events.push(['refreshed', key, by]))
      const stop = users.subscribe('changed', ({ key, status }) => events.push(['changed', key, status]))
      users.subscribe('signed_out', ({ key, by }) => events.push(['signed_out', key, by]))
      await users.get('bob').getAccessToken()
      expect(users.stats()).toMatchObject({ open: 1, evicted: 1, pinned: 0 })
      stop()
      await users.get('bob').signOut()
      expect(events).toEqual([
        ['changed', 'bob', 'new'],
        ['refreshed', 'bob', 'this'],
        ['changed', 'bob', 'ok'],
        ['signed_out', 'bob', 'this'],
      ])
    })

    it('when another process has changed a record', async () => {
      const store = memoryStore()
      const options = { store, grant: counting }
      open(options)
      await users.get('ann').getAccessToken()
      const signOuts: unknown[] = []
      users.subscribe('signed_out', ({ key, by }) => signOuts.push([key, by]))
      await createSessions(options).get('ann').signOut()
      await expect.poll(() => signOuts).toEqual([['ann', 'another']])
    })

    it('although a listener throws or rejects', async () => {
      open({ grant: counting })
      const heard = vi.fn()
      users.subscribe('refreshed', () => {
        throw new Error('a listener')
      })
      users.subscribe('refreshed', () => Promise.reject(new Error('a listener')))
      users.subscribe('refreshed', heard)
      expect(await users.get('ann').getAccessToken()).toBe('ann-1')
      expect(heard).toHaveBeenCalledOnce()
    })

    it('but rejects unknown types and listeners', () => {
      open()
      expect(() => users.subscribe('renewed' as never, () => undefined)).toThrow(
        'subscribe: the event type must be one of refreshed, login_required',
      )
      expect(() => users.subscribe('error', undefined as never)).toThrow('the listener must be a function')
    })
  })

  describe('entries', () => {
    async function list(): Promise<SessionEntry[]> {
      const entries: SessionEntry[] = []
      for await (const entry of users.entries()) entries.push(entry)
      return entries.sort((a, b) => a.key.localeCompare(b.key))
    }

    it('returns the records of the pool with their status, and opens no session', async () => {
      const store = memoryStore()
      const otherApp = createSession({ key: 'zoe', grant: { ...counting('zoe'), id: 'app-2' }, store })
      await otherApp.getAccessToken()
      await createSession({ key: 'no # key', grant: counting('no'), store }).getAccessToken()
      await store.compareAndSet('not a session', { epoch: 0, data: '' }, 0)
      open({ max: 1, store, grant: counting })
      for (const key of ['ann', 'bob', 'cleo']) await users.get(key).getAccessToken()
      await users.get('cleo').signOut()
      const { open: before } = users.stats()
      expect((await list()).map(({ key, state }) => [key, state.status])).toEqual([
        ['ann', 'ok'],
        ['bob', 'ok'],
        ['cleo', 'signed_out'],
        ['no # key', 'ok'],
      ])
      expect(users.stats().open).toBe(before)
      expect(tokens).toBe(5)
    })

    it('reads more records than a batch, from an encrypted store', async () => {
      const store = encryptedStore(memoryStore(), new Uint8Array(32))
      open({ store, grant: counting, namespace: 'tests' })
      const keys = Array.from({ length: 100 }, (_, index) => `user-${100 + index}`)
      for (const key of keys) await users.get(key).getAccessToken()
      expect((await list()).map(({ key }) => key)).toEqual(keys)
    })

    it('returns a damaged record with its error', async () => {
      const store = memoryStore()
      open({ store })
      await users.get('ann').setToken(await domain.signIn())
      for await (const key of store.list?.() ?? []) await store.compareAndSet(key, { epoch: 0, data: '{' }, 1)
      expect(await list()).toMatchObject([
        { key: 'ann', state: { status: 'unknown', error: { code: 'StoreFailed' } } },
      ])
    })

    it('skips a key for which the function grant throws', async () => {
      const store = memoryStore()
      await createSession({ key: 'not a user', grant: counting('x'), store }).getAccessToken()
      open({
        store,
        grant: (key) => {
          if (key === 'not a user') throw new Error('no such user')
          return counting(key)
        },
      })
      await users.get('ann').getAccessToken()
      expect((await list()).map(({ key }) => key)).toEqual(['ann'])
    })

    it('throws once if the store fails while it lists its keys', async () => {
      const { list: listKeys, ...store } = memoryStore()
      let failure: Error | undefined
      const fail = () => {
        if (failure) throw failure
      }
      open({
        grant: counting,
        store: {
          ...store,
          async read(key) {
            fail()
            return store.read(key)
          },
          async *list() {
            yield* listKeys?.() ?? []
            fail()
          },
        },
      })
      await users.get('ann').getAccessToken()
      failure = new Error('no connection')
      // A record that is read before the list ends would be an unhandled rejection.
      await expect(list()).rejects.toMatchObject({ code: 'StoreFailed', cause: failure })
    })

    it('throws if the store cannot list, or fails', async () => {
      const { list: _, ...store } = memoryStore()
      open({ store })
      await expect(list()).rejects.toMatchObject({
        code: 'InvalidParameter',
        message: 'entries: the store cannot list its records',
      })
      const list2 = async function* () {
        yield* []
        throw new Error('no connection')
      }
      open({ store: { ...store, list: list2 } })
      await expect(list()).rejects.toMatchObject({ code: 'StoreFailed', cause: { message: 'no connection' } })
    })
  })

  describe('close', () => {
    it('waits for the calls under way, and refuses later ones', async () => {
      const { opened, open: release } = gate()
      open({ grant: () => domain.oauthGrant(delayTokens(opened)) })
      await signIn('ann')
      const ann = users.get('ann')
      const call = ann.getToken()
      await expect.poll(() => domain.sends()).toBe(1)
      let isClosed = false
      const closing = users.close().then(() => {
        isClosed = true
      })
      const closed = { code: 'InvalidParameter', message: 'the pool of sessions is closed' }
      expect(await failureOf(ann.getToken())).toMatchObject(closed)
      expect(() => users.get('bob')).toThrow(closed.message)
      expect(() => users.subscribe('error', () => undefined)).toThrow(closed.message)
      expect(await failureOf(users.warm(['ann']))).toMatchObject(closed)
      expect(await failureOf(users.entries().next())).toMatchObject(closed)
      expect(isClosed).toBe(false)
      release()
      expect(await call).toHaveProperty('access_token')
      await closing
      await users.close()
      expect(users.stats()).toMatchObject({ open: 0, renewing: 0, waiting: 0 })
    })

    it('waits until a token is stored that the store failed to write', async () => {
      const memory = memoryStore()
      let failures = 0
      const store: Store = {
        ...memory,
        async compareAndSet(key, record, ...rest) {
          if (JSON.parse(record.data).generation === 2 && failures++ < 3) throw new Error('disk full')
          return memory.compareAndSet(key, record, ...rest)
        },
      }
      open({ store })
      await signIn('ann')
      const access_token = await users.get('ann').getAccessToken()
      await users.close()
      expect(failures).toBeGreaterThanOrEqual(3)
      expect(await open({ store }).get('ann').getAccessToken()).toBe(access_token)
      expect(domain.sends()).toBe(1)
    })

    it('of a session removes its listeners, and leaves the other objects of the key alone', async () => {
      open({ grant: counting })
      const [one, other] = [users.get('ann'), users.get('ann')]
      const heard = vi.fn()
      one.subscribe('signed_out', heard)
      one.close()
      expect(await failureOf(one.getToken())).toMatchObject({ message: 'the session is closed' })
      expect(await other.getAccessToken()).toBe('ann-1')
      await other.signOut()
      expect(heard).not.toHaveBeenCalled()
    })
  })
})

describe('signIn', () => {
  let domain: TestDomain

  beforeEach(async () => {
    domain = await startTestDomain()
  })

  afterEach(() => domain.close())

  it('starts a new sign-in of a session that was signed out', async () => {
    const users = createSessions({ grant: () => domain.jwtGrant() })
    const ann = users.get('ann')
    const first = await ann.getAccessToken()
    await ann.signOut()
    await users.signIn('ann')
    const second = await ann.getAccessToken()
    expect(second).not.toBe(first)
    expect(domain.sends()).toBe(2)
    expect(ann.state.status).toBe('ok')
  })

  it('replaces a record that cannot be read', async () => {
    const store = memoryStore()
    const [one, other] = [crypto.getRandomValues(new Uint8Array(32)), new Uint8Array(32)]
    const before = createSessions({ grant: () => domain.jwtGrant(), store: encryptedStore(store, one) })
    await before.get('ann').signOut()
    const users = createSessions({ grant: () => domain.jwtGrant(), store: encryptedStore(store, other) })
    await users.signIn('ann')
    expect(await users.get('ann').status()).toMatchObject({ status: 'ok' })
  })

  it('throws the error of the request, and stays signed out', async () => {
    const users = createSessions({ grant: () => domain.jwtGrant() })
    await users.get('ann').signOut()
    domain.emulator.injectFault({ type: 'status', status: 500, path })
    await expect(users.signIn('ann')).rejects.toMatchObject({ status: 500 })
    await expect(users.get('ann').getToken()).rejects.toMatchObject({ cause: 'signed_out' })
    expect(users.stats()).toMatchObject({ failed: 1, renewing: 0 })
  })

  it('waits for its turn', async () => {
    const response = gate()
    const users = createSessions({
      grant: () => domain.jwtGrant(delayTokens(response.opened)),
      concurrency: 1,
    })
    const signIns = Promise.all([users.signIn('ann'), users.signIn('bob')])
    await expect.poll(() => domain.sends()).toBe(1)
    expect(users.stats()).toMatchObject({ renewing: 1, waiting: 1 })
    response.open()
    await signIns
    expect(users.stats()).toMatchObject({ renewing: 0, waiting: 0 })
  })

  it('rejects a grant that cannot obtain tokens, and an invalid key', async () => {
    const users = createSessions({ grant: () => domain.oauthGrant() })
    await expect(users.signIn('ann')).rejects.toThrow('pass the token of the sign-in to setToken')
    await expect(users.signIn('')).rejects.toThrow('signIn: the key of a session must be a non-empty string')
    expect(domain.sends()).toBe(0)
  })
})
