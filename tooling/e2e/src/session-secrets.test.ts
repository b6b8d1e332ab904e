import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { isPDSError, PDSError } from '@pds/core'
import { type Fault, type RunningEmulator, startEmulator } from '@pds/emulator'
import {
  createSession,
  encryptedStore,
  memoryStore,
  type Session,
  type SessionOptions,
  type Store,
} from '@pds/session'
import { sqliteStore } from '@pds/session-sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Canaries } from './faults/canaries.ts'
import { makeGrant } from './sessions/session-parts.ts'
import { signIn } from './sessions/shared-session.ts'

/* No failure exposes a token in errors, events or logs, or in the bytes of an encrypted store. */

const hour = 3_600_000
const tokenPath = '/v2/oauth/token'
let emulator: RunningEmulator
let canaries: Canaries
let folder: string
/** The messages of both channels. */
let published: unknown[]
const publish = (message: unknown) => void published.push(message)
const channels = ['pds:request', 'pds:session']

beforeEach(async () => {
  emulator = await startEmulator({ clock: () => Date.now() - 3 * hour })
  canaries = new Canaries()
  published = []
  for (const channel of channels) subscribe(channel, publish)
  folder = mkdtempSync(path.join(tmpdir(), 'pds-secrets-'))
})

afterEach(async () => {
  for (const channel of channels) unsubscribe(channel, publish)
  await emulator.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Returns the bytes of the store's files, without the shared-memory file in which SQLite counts its readers. */
const bytes = () =>
  readdirSync(folder)
    .filter((name) => !name.endsWith('-shm'))
    .map((name) => readFileSync(path.join(folder, name), 'latin1'))
    .join('\n')

async function openObservedSession(options: Partial<SessionOptions> = {}) {
  const { api_endpoint, domain_id } = emulator
  const app = emulator.app('webserver')
  const grant = makeGrant({ api_endpoint, domain_id, app, store: { type: 'sqlite', place: '' } })
  const session = createSession({ key: 'user-1', grant, ...options })
  const seen: unknown[] = [session, session.state]
  for (const type of ['refreshed', 'login_required', 'signed_out', 'error', 'changed'] as const) {
    session.subscribe(type, (event) => seen.push({ type, event }))
  }
  const token = await signIn(emulator)
  for (const secret of [token.access_token, token.refresh_token, app.client_secret])
    canaries.add(secret ?? '')
  await session.setToken(token)
  emulator.clock.advance(3 * hour)
  return { session, seen, token }
}

interface Failure {
  code: string
  options?: Partial<SessionOptions>
  faults?: Fault[]
  /** The call that fails. Default: `getToken`. */
  act?: (session: Session) => Promise<unknown>
}

/** Creates a store whose errors contain all arguments. */
function leakingStore(): Store {
  const store = memoryStore()
  let writes = 0
  return {
    ...store,
    async compareAndSet(...args) {
      // The first write stores the sign-in.
      if (++writes > 1) throw Object.assign(new Error(JSON.stringify(args)), { args })
      return store.compareAndSet(...args)
    },
  }
}

const failures: Record<string, () => Failure> = {
  'a rejected refresh token': () => ({
    code: 'LoginRequired',
    faults: [{ type: 'status', status: 400, code: 'InvalidParameter.RefreshToken', path: tokenPath }],
  }),
  'a lost response': () => ({
    code: 'LoginRequired',
    options: { suspectTime: 0 },
    faults: [{ type: 'drop', when: 'after', path: tokenPath }],
  }),
  'a broken connection': () => ({
    code: 'NetworkError',
    faults: [{ type: 'drop', path: tokenPath, times: 2 }],
  }),
  'a late response': () => ({
    code: 'Timeout',
    options: { requestTimeout: 50, waitTimeout: 1000 },
    faults: [{ type: 'delay', milliseconds: hour, path: tokenPath, times: 2 }],
  }),
  'an HTML error': () => ({
    code: 'InvalidResponse',
    faults: [{ type: 'status', status: 403, body: 'html', path: tokenPath }],
  }),
  'an HTML page with status 200': () => ({
    code: 'InvalidResponse',
    faults: [{ type: 'html', path: tokenPath, times: 2 }],
  }),
  'a store whose errors contain tokens': () => ({ code: 'StoreFailed', options: { store: leakingStore() } }),
  'a grant whose errors contain tokens': () => ({
    code: 'RefreshFailed',
    options: {
      grant: {
        refresh: (refresh_token) => {
          throw Object.assign(new Error(refresh_token), { refresh_token })
        },
      },
    },
  }),
  'a listener that throws': () => ({
    code: 'LoginRequired',
    act: async (session) => {
      session.subscribe('signed_out', () => {
        throw new Error('a listener')
      })
      await session.signOut()
      return session.getToken()
    },
  }),
  'a foreign origin': () => ({
    code: 'InvalidParameter',
    act: (session) => session.fetch('https://elsewhere.test/'),
  }),
  'an invalid token': () => ({
    code: 'InvalidParameter',
    act: (session) => session.setToken({ access_token: 'canary\ntoken', refresh_token: 'canary-refresh' }),
  }),
}

describe.each(Object.entries(failures))('%s', (_name, make) => {
  it('exposes no token', async () => {
    const { code, options, faults = [], act = (session: Session) => session.getToken() } = make()
    canaries.add('canary-refresh')
    const { session, seen } = await openObservedSession(options)
    for (const fault of faults) emulator.injectFault(fault)
    const error = await act(session).then(
      () => undefined,
      (reason: unknown) => reason,
    )
    expect(isPDSError(error) && error.code, String(error)).toBe(code)
    expect(error).toBeInstanceOf(PDSError)
    expect(canaries.in([error, ...seen, ...published])).toEqual([])
    session.close()
  })
})

describe('the bytes of a store', () => {
  const key = new Uint8Array(32).fill(7)

  it('contain no token after an encrypted sign-in, refresh and sign-out', async () => {
    const file = path.join(folder, 'sessions.db')
    const store = sqliteStore({ path: file })
    const { session } = await openObservedSession({ store: encryptedStore(store, key) })
    const refreshed = await session.getToken()
    canaries.add(refreshed.access_token)
    canaries.add(refreshed.refresh_token ?? '')
    expect(canaries.known(bytes())).toEqual([])
    await session.signOut()
    expect(canaries.known(bytes())).toEqual([])
    session.close()
    store.close()
  })

  it('contain the token without encryption, which proves that the check works', async () => {
    const store = sqliteStore({ path: path.join(folder, 'sessions.db') })
    const { session } = await openObservedSession({ store })
    expect(canaries.known(bytes())).not.toEqual([])
    session.close()
    store.close()
  })

  it('do not change with a wrong key', async () => {
    const store = sqliteStore({ path: path.join(folder, 'sessions.db') })
    const { session } = await openObservedSession({ store: encryptedStore(store, key) })
    const before = bytes()
    const { api_endpoint, domain_id } = emulator
    const app = emulator.app('webserver')
    const grant = makeGrant({ api_endpoint, domain_id, app, store: { type: 'sqlite', place: '' } })
    const wrong = createSession({ key: 'user-1', grant, store: encryptedStore(store, new Uint8Array(32)) })
    for (let call = 0; call < 3; call++) {
      await expect(wrong.getToken()).rejects.toMatchObject({ code: 'DecryptionFailed' })
    }
    expect(bytes()).toBe(before)
    expect(await session.getToken()).toHaveProperty('access_token')
    session.close()
    store.close()
  })
})
