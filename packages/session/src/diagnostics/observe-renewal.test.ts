import { execFile } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import path from 'node:path'
import { promisify } from 'node:util'
import type { PDSRequestMessage } from '@pds/core'
import { createSession, createSessions, memoryStore, type SessionMessage } from '@pds/session'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  delayTokens,
  failingStore,
  gate,
  hour,
  startTestDomain,
  type TestDomain,
} from '../test/test-domain.test-helper.ts'

let domain: TestDomain
let stops: (() => void)[]

beforeEach(async () => {
  domain = await startTestDomain()
  stops = []
})

afterEach(async () => {
  vi.restoreAllMocks()
  for (const stop of stops) stop()
  await domain.close()
})

/** Subscribes to a channel. Returns its messages, also those that follow. */
function observe<Message = SessionMessage>(name = 'pds:session'): Message[] {
  const messages: Message[] = []
  const listener = (message: unknown) => void messages.push(message as Message)
  subscribe(name, listener)
  stops.push(() => unsubscribe(name, listener))
  return messages
}

const time = expect.any(Number)
const noError = { code: undefined, message: undefined, reqId: undefined }
const tokenPath = '/v2/oauth/token'

describe('a renewal', () => {
  it('has the call ids of its requests', async () => {
    const [messages, requests] = [observe(), observe<PDSRequestMessage>('pds:request')]
    await domain.jwt().getToken()
    const [callId] = requests.map(({ callId }) => callId)
    expect(requests).toMatchObject([
      { type: 'start', callId, method: 'jwtGrant' },
      { type: 'end', callId },
    ])
    expect(messages).toEqual([
      {
        type: 'renewal',
        key: 'user-1',
        reason: 'missing',
        background: false,
        outcome: 'renewed',
        ...noError,
        waited: time,
        duration: time,
        attempts: 1,
        callIds: [callId],
      },
    ])
  })

  it('is published once for many callers', async () => {
    const session = domain.oauth()
    await session.setToken(await domain.signIn())
    domain.emulator.clock.advance(2 * hour)
    const [messages, requests] = [observe(), observe<PDSRequestMessage>('pds:request')]
    await Promise.all(Array.from({ length: 50 }, () => session.getAccessToken()))
    expect(messages).toMatchObject([{ reason: 'expired', outcome: 'renewed', background: false }])
    expect(requests.map(({ method }) => method)).toEqual(['refreshToken', 'refreshToken'])
  })

  it('is not published for a token that is still valid', async () => {
    const session = domain.jwt()
    await session.getToken()
    const messages = observe()
    await Promise.all([session.getToken(), session.getAccessToken(), session.status()])
    expect(messages).toEqual([])
  })

  it('of a rejected token says so', async () => {
    const session = domain.jwt()
    const rejected = await session.getAccessToken()
    const messages = observe()
    await session.getToken({ rejected })
    expect(messages).toMatchObject([{ reason: 'rejected', outcome: 'renewed' }])
  })

  it('in the background has no waiting caller', async () => {
    const session = domain.jwt()
    await session.getToken()
    const messages = observe()
    domain.emulator.clock.advance(2 * hour - 60_000)
    await session.getToken()
    await expect.poll(() => messages).toHaveLength(1)
    expect(messages).toMatchObject([{ reason: 'expiring', background: true, outcome: 'renewed', waited: 0 }])
  })

  it('has the longest time that a caller waited, also if it joined a renewal in the background', async () => {
    const { opened, open } = gate()
    const session = domain.jwt()
    await session.getToken()
    const delayed = domain.jwt({ store: memoryStore() }, delayTokens(opened))
    await delayed.setToken(await session.getToken())
    const messages = observe()
    let now = 10_000
    domain.emulator.clock.advance(2 * hour - 60_000)
    await delayed.getToken()
    vi.spyOn(performance, 'now').mockImplementation(() => now)
    domain.emulator.clock.advance(60_000)
    const waiting = delayed.getToken()
    await new Promise((resolve) => setImmediate(resolve))
    now += 250
    open()
    await waiting
    expect(messages).toMatchObject([{ reason: 'expiring', background: true, waited: 250 }])
  })

  it('ahead of time is early', async () => {
    const clock = () => domain.emulator.clock.now()
    let count = 0
    const grant = { obtain: async () => ({ access_token: `token-${count++}`, expires_in: 7200 }) }
    const sessions = createSessions({ store: memoryStore(), grant: () => grant, clock })
    await sessions.get('user-2').getToken()
    const messages = observe()
    domain.emulator.clock.advance(1.5 * hour)
    await sessions.warm(['user-2'], { within: hour })
    expect(messages).toMatchObject([
      { key: 'user-2', reason: 'early', background: true, outcome: 'renewed', attempts: 1 },
    ])
    await sessions.close()
  })

  it('by another process is adopted', async () => {
    const { opened, open } = gate()
    const store = memoryStore()
    const [one, other] = [domain.oauth({ store }, delayTokens(opened)), domain.oauth({ store })]
    await one.setToken(await domain.signIn())
    await other.getToken()
    domain.emulator.clock.advance(2 * hour)
    const messages = observe()
    const renewing = one.getToken()
    await expect.poll(() => domain.sends()).toBe(1)
    const adopting = other.getToken()
    open()
    await Promise.all([renewing, adopting])
    expect(messages).toHaveLength(2)
    expect(messages).toContainEqual(expect.objectContaining({ outcome: 'renewed', attempts: 1 }))
    expect(messages).toContainEqual(expect.objectContaining({ outcome: 'adopted', attempts: 0, callIds: [] }))
  })

  it('with a replayed refresh has two calls', async () => {
    const session = domain.oauth()
    await session.setToken(await domain.signIn())
    domain.emulator.clock.advance(2 * hour)
    domain.emulator.injectFault({ type: 'drop', path: tokenPath })
    const [messages, requests] = [observe(), observe<PDSRequestMessage>('pds:request')]
    await session.getToken()
    expect(requests.map(({ type }) => type)).toEqual(['start', 'error', 'start', 'end'])
    const callIds = [requests[0]?.callId, requests[2]?.callId]
    expect(callIds[0]).not.toBe(callIds[1])
    expect(messages).toMatchObject([{ outcome: 'renewed', attempts: 2, callIds }])
  })

  it('that fails has the code and the request id', async () => {
    const session = domain.jwt()
    domain.emulator.injectFault({ type: 'status', status: 403, code: 'Forbidden', path: tokenPath })
    const messages = observe()
    const error = await session.getToken().catch((reason) => reason)
    expect(error.reqId).toEqual(expect.any(String))
    expect(messages).toMatchObject([
      {
        outcome: 'failed',
        code: 'Forbidden',
        message: expect.stringContaining('[code: Forbidden]'),
        reqId: error.reqId,
        attempts: 1,
      },
    ])
  })

  it('that ends with a required login has failed', async () => {
    const session = domain.oauth()
    await session.setToken(await domain.signIn())
    domain.emulator.clock.advance(2 * hour)
    const fault = {
      type: 'status',
      status: 400,
      code: 'InvalidParameter.RefreshToken',
      path: tokenPath,
    } as const
    domain.emulator.injectFault(fault)
    const messages = observe()
    const error = await session.getToken().catch((reason) => reason)
    expect(messages).toMatchObject([
      { outcome: 'failed', code: 'LoginRequired', reqId: error.reqId, attempts: 1 },
    ])
  })

  it('gives the grant no id without a subscriber', async () => {
    const ids: (string | undefined)[] = []
    const obtain = async ({ callId }: { callId?: string | undefined }) => {
      ids.push(callId)
      return { access_token: `token-${ids.length}`, expires_in: 0 }
    }
    await createSession({ key: 'user-1', grant: { obtain } }).getToken()
    observe()
    await createSession({ key: 'user-1', grant: { obtain } }).getToken()
    expect(ids).toEqual([undefined, expect.stringMatching(/^[\da-f]{8}-\d+$/)])
  })
})

describe('a lost commit', () => {
  it('is published when the user signs out during a refresh', async () => {
    const { opened, open } = gate()
    const session = domain.oauth({}, delayTokens(opened))
    await session.setToken(await domain.signIn())
    domain.emulator.clock.advance(2 * hour)
    const messages = observe()
    const getting = session.getToken().catch((error) => error)
    await expect.poll(() => domain.sends()).toBe(1)
    await session.signOut()
    open()
    expect(await getting).toMatchObject({ code: 'LoginRequired' })
    const callId = expect.stringMatching(/^[\da-f]{8}-\d+$/)
    expect(messages).toMatchObject([
      { type: 'commit_lost', key: 'user-1', stored: 'signed_out', attempts: 1, callId, duration: time },
      { type: 'renewal', outcome: 'failed', code: 'LoginRequired', attempts: 1 },
    ])
  })

  it('is published when another sign-in was stored during a refresh', async () => {
    const { opened, open } = gate()
    const session = domain.oauth({}, delayTokens(opened))
    await session.setToken(await domain.signIn())
    domain.emulator.clock.advance(2 * hour)
    const token = await domain.signIn()
    const messages = observe()
    const getting = session.getToken()
    await expect.poll(() => domain.sends()).toBe(1)
    await session.setToken(token)
    open()
    expect(await getting).toMatchObject({ access_token: token.access_token })
    expect(messages[0]).toMatchObject({ type: 'commit_lost', stored: 'another_token' })
  })
})

describe('a failure of the store', () => {
  it.each(['read', 'lease', 'compareAndSet'] as const)('has the method %s', async (method) => {
    const store = failingStore((operation) => (operation === method ? new Error('disk full') : undefined))
    const messages = observe()
    await domain.jwt({ store }).getToken()
    expect(messages.filter(({ type }) => type === 'store_failure')).toContainEqual({
      type: 'store_failure',
      key: 'user-1',
      method,
      code: 'StoreFailed',
      message: expect.any(String),
      duration: time,
    })
    expect(messages).toContainEqual(expect.objectContaining({ type: 'renewal', outcome: 'renewed' }))
  })
})

it('NODE_DEBUG=pds prints a line for each renewal', async () => {
  const program = `
    import { createSession } from '@pds/session'
    const obtain = async () => ({ access_token: 'canary', expires_in: 7200 })
    const session = createSession({ key: 'user-1', grant: { obtain } })
    await session.getToken()
    await session.getToken()
    const broken = createSession({ key: 'user-2', grant: { obtain: () => { throw new Error('canary') } } })
    await broken.getToken().catch(() => {})`
  const { stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: path.join(import.meta.dirname, '../..'),
    env: { ...process.env, NODE_DEBUG: 'pds' },
  })
  const [first, second, ...others] = stderr.trim().split('\n')
  const id = String.raw`[\da-f]{8}-\d+`
  expect(first).toMatch(
    new RegExp(
      String.raw`^PDS \d+: renewal of session "user-1" renewed {reason: missing, waited: \d+ ms, attempts: 1, duration: \d+ ms, callIds: ${id}}$`,
    ),
  )
  expect(second).toMatch(
    new RegExp(
      String.raw`^PDS \d+: renewal of session "user-2" failed: RefreshFailed {reason: missing, waited: \d+ ms, attempts: 1, duration: \d+ ms, callIds: ${id}}$`,
    ),
  )
  expect(others).toEqual([])
  expect(stderr).not.toContain('canary')
})
