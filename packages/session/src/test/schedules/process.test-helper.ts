import { createSession, createSessions, type Session, type Store } from '@pds/session'
import type { Grant, GrantContext, TokenInfo } from '@pds/types'
import { type RecordedEvent, recordEvents } from '../test-domain.test-helper.ts'
import type { Actor, Clockwork, Kind } from './clockwork.test-helper.ts'
import { leaking, lostResponse } from './failures.test-helper.ts'
import { type SharedRecord, startTime } from './shared-record.test-helper.ts'
import type { RefreshResponse, TokenServer, TokenServerMode } from './token-server.test-helper.ts'

/** The options of a world. */
export interface WorldOptions {
  /** Whether the grant can refresh tokens (`oauth`), obtain them (`jwt`), or both. */
  readonly application: 'oauth' | 'jwt' | 'both'
  /** The number of processes. */
  readonly processes: number
  readonly server: TokenServerMode
  readonly refreshResponse: RefreshResponse
  /** Whether the store tells that it has notified a process of all changes. */
  readonly isWatching: boolean
  /** Whether an aborted request ends at once, as with fetch. */
  readonly isAbortable: boolean
  /** Whether each process has the session in a pool that keeps one session open. */
  readonly isPooled: boolean
  readonly random: number
}

export interface Process extends Actor {
  readonly session: Session
  /** The events that its session emitted. */
  readonly events: readonly RecordedEvent[]
  /** The tokens that were replaced by others, as far as the store has notified this process. */
  readonly replaced: Set<string>
  /** The refresh tokens that the process received, with the time in milliseconds. */
  readonly received: Map<string, number>
  /** The number of calls of `setToken` and `signOut` that have not ended. */
  pendingChanges: number
  isSignedOut: boolean
  /** Opens another session, so that a pool evicts this one as soon as it can. */
  evict(): void
  close(): void
  /** The access token that the session returned last. */
  lastToken: string | undefined
  /** When that token expires, as far as the session knows, in milliseconds. */
  lastTokenUntil: number
}

interface ProcessContext {
  readonly clockwork: Clockwork
  readonly server: TokenServer
  readonly record: SharedRecord
  /** Checks whether a caller has passed an access token as rejected. */
  isRejected(access_token: string): boolean
}

// In milliseconds: a token may be renewed in the background this long before it expires.
const maxSoftWindow = 600_000

/** Creates a session over the shared record and the token server, whose operations wait for the clockwork. */
export function startProcess(
  name: string,
  { application, server: mode, isAbortable, isWatching, isPooled }: WorldOptions,
  { clockwork, server, record, isRejected }: ProcessContext,
): Process {
  const replaced = new Set<string>()
  const received = new Map<string, number>()

  function send(kind: Kind, execute: () => unknown, { signal }: GrantContext, secret = '') {
    return new Promise<TokenInfo>((resolve, reject) => {
      const deliver = (token: unknown) => {
        const { refresh_token } = (token ?? {}) as TokenInfo
        const isReceived = !isAbortable || !signal.aborted
        if (refresh_token && isReceived) received.set(refresh_token, clockwork.now)
        resolve(token as TokenInfo)
      }
      clockwork.add({ actor: clockwork.running, kind, execute, deliver, fail: leaking(secret, reject) })
      if (isAbortable) signal.addEventListener('abort', () => reject(lostResponse.error()))
    })
  }

  function countSend(refresh_token?: string) {
    const { access_token = '' } = record.info ?? {}
    const isNeeded = server.remaining(access_token) <= maxSoftWindow || isRejected(access_token)
    server.countSend(refresh_token, isNeeded)
  }

  const now = () => startTime + clockwork.now
  const canRefresh: Partial<Grant> = {
    refresh(refresh_token, context) {
      countSend(refresh_token)
      return send('refresh', () => server.refresh(refresh_token), context, refresh_token)
    },
    revoke: (refresh_token, context) =>
      send('revoke', () => server.revoke(refresh_token), context, refresh_token),
  }
  const canObtain: Partial<Grant> = {
    obtain(context) {
      countSend()
      return send('obtain', () => server.signIn(application === 'both'), context)
    },
  }
  const grant = { now, ...(application !== 'jwt' && canRefresh), ...(application !== 'oauth' && canObtain) }
  const store = record.open(
    () => process,
    (storedOnce, current) => {
      for (const token of storedOnce) replaced.add(token)
      replaced.delete(current ?? '')
    },
    isWatching,
  )
  const shared = { clock: now, replayLostRefresh: mode !== 'family' }
  const key = 'user'
  const users = isPooled
    ? createSessions({ ...shared, max: 1, grant: () => grant, store: watchOnly(store, `${key}#`) })
    : undefined
  const session = users?.get(key) ?? createSession({ ...shared, key, grant, store })
  const process: Process = {
    name,
    state: 'awake',
    session,
    // Listeners of the session would keep the pool from evicting it.
    events: recordEvents((users as unknown as Session | undefined) ?? session),
    evict: () => void users?.get('another user'),
    close: () => void (users ?? session).close(),
    replaced,
    received,
    pendingChanges: 0,
    isSignedOut: false,
    lastToken: undefined,
    lastTokenUntil: 0,
  }
  return process
}

/** Returns a store that watches only the keys with a prefix. */
function watchOnly(store: Store, prefix: string): Store {
  return {
    ...store,
    watch: (key, changed) =>
      (key.startsWith(prefix) ? store.watch?.(key, changed) : undefined) ?? (() => undefined),
  }
}
