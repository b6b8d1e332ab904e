import { createSession, type Session } from '@pds/session'
import type { Grant, GrantContext, TokenInfo } from '@pds/types'
import { listen, type Told } from '../test-domain.test-helper.ts'
import type { Actor, Clockwork, Kind } from './clockwork.test-helper.ts'
import { lostAnswer, telling } from './failures.test-helper.ts'
import { type SharedRecord, startTime } from './shared-record.test-helper.ts'
import type { TokenServer, TokenServerMode } from './token-server.test-helper.ts'

/** What a world of processes is made of. */
export interface WorldOptions {
  /** Whether the application can refresh its tokens only, obtain them only, or both. */
  readonly application: 'oauth' | 'jwt' | 'both'
  readonly processes: number
  readonly server: TokenServerMode
  /** Whether a request that is aborted ends at once, as those of fetch do. */
  readonly isAbortable: boolean
  readonly random: number
}

export interface Process extends Actor {
  readonly session: Session
  /** What its listeners were told. */
  readonly told: readonly Told[]
  /** The tokens that it was told were replaced by others. */
  readonly replaced: Set<string>
  /** The refresh tokens that it was given, and when. */
  readonly received: Map<string, number>
  /** How many sign-ins and sign-outs it waits for. */
  changes: number
  isSignedOut: boolean
  /** The access token that it gave out last. */
  given: string | undefined
  /** When that expires, as far as the session knows. */
  givenUntil: number
}

interface Surroundings {
  readonly clockwork: Clockwork
  readonly server: TokenServer
  readonly record: SharedRecord
  /** Whether some caller was refused with an access token. */
  isRefreshTokenRejected(access_token: string): boolean
}

// Before its end a token may be renewed beside its callers. In milliseconds.
const maxSoftWindow = 600_000

export function startProcess(
  name: string,
  { application, server: mode, isAbortable }: WorldOptions,
  { clockwork, server, record, isRefreshTokenRejected }: Surroundings,
): Process {
  const replaced = new Set<string>()
  const received = new Map<string, number>()

  function send(kind: Kind, carryOut: () => unknown, { signal }: GrantContext, secret = '') {
    return new Promise<TokenInfo>((resolve, reject) => {
      const deliver = (token: unknown) => {
        const { refresh_token } = (token ?? {}) as TokenInfo
        const isHeard = !isAbortable || !signal.aborted
        if (refresh_token && isHeard) received.set(refresh_token, clockwork.now)
        resolve(token as TokenInfo)
      }
      clockwork.begin({ actor: clockwork.running, kind, carryOut, deliver, fail: telling(secret, reject) })
      if (isAbortable) signal.addEventListener('abort', () => reject(lostAnswer.error()))
    })
  }

  function countSend(refresh_token?: string) {
    const { access_token = '' } = record.info ?? {}
    const isNeeded = server.left(access_token) <= maxSoftWindow || isRefreshTokenRejected(access_token)
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
  const session = createSession({
    key: 'user',
    clock: now,
    grant: { now, ...(application !== 'jwt' && canRefresh), ...(application !== 'oauth' && canObtain) },
    store: record.open(
      () => process,
      (storedOnce, current) => {
        for (const token of storedOnce) replaced.add(token)
        replaced.delete(current ?? '')
      },
    ),
    replayLostRefresh: mode !== 'family',
  })
  const process: Process = {
    name,
    state: 'awake',
    session,
    told: listen(session),
    replaced,
    received,
    changes: 0,
    isSignedOut: false,
    given: undefined,
    givenUntil: 0,
  }
  return process
}
