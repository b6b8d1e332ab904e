import { createSession, type Session, type SessionOptions, type Store } from '@pds/session'
import type { Grant, ITokenInfo } from '@pds/types'
import { type ObservedSession, observe } from './observed-session.ts'
import type { PdsSession } from './pds-session.ts'

/** A token as a sign-in or a grant returns it. */
export const token: ITokenInfo = {
  access_token: 'an-access-token',
  refresh_token: 'a-refresh-token',
  token_type: 'Bearer',
  expires_in: 7200,
  expire_time: new Date(Date.now() + 7_200_000).toISOString(),
  user_id: 'user-1',
  user_name: 'Ann',
  nick_name: '',
} as ITokenInfo

/** Creates a session whose user must sign in. */
export function signInSession(options: Partial<SessionOptions> = {}): Session {
  const refresh = () => Promise.reject(new Error('no test refreshes a token'))
  return createSession({ key: 'me', grant: { refresh }, ...options })
}

/** Creates a session that obtains its tokens, as from a back end. */
export function obtainingSession(obtain: NonNullable<Grant['obtain']>): Session {
  return createSession({ key: 'me', grant: { obtain } })
}

/** Wraps a store: `fail` contains the names of the functions that fail. */
export function failingStore(store: Store, fail: Set<keyof Store>): Store {
  const wrap = <Name extends 'read' | 'compareAndSet'>(name: Name) =>
    ((...args: never[]) => {
      if (fail.has(name)) return Promise.reject(new Error('the disk is full'))
      return (store[name] as (...given: never[]) => unknown)(...args)
    }) as Store[Name]
  return { ...store, read: wrap('read'), compareAndSet: wrap('compareAndSet') }
}

/** A component: every result that it renders, without repetitions. */
export interface Followed {
  observed: ObservedSession
  results: PdsSession[]
  /** The statuses of the results. The status of an undefined result is `undecided`. */
  statuses: string[]
  /** Resolves when a result has the status. */
  until(status: PdsSession['status']): Promise<PdsSession>
  stop(): void
}

/** Reads the results of a session as a component does. */
export function follow(session: Session, ...given: Parameters<ObservedSession['read']>): Followed {
  const observed = observe(session)
  const results: (PdsSession | undefined)[] = []
  const statuses: string[] = []
  const waiting = new Set<() => void>()
  const read = () => {
    const result = observed.read(...given)
    if (results.length > 0 && results.at(-1) === result) return
    results.push(result)
    statuses.push(result?.status ?? 'undecided')
    for (const check of waiting) check()
  }
  read()
  const stop = observed.subscribe(read)
  return {
    observed,
    results: results as PdsSession[],
    statuses,
    until: (status) =>
      new Promise((resolve) => {
        const check = () => {
          const result = results.at(-1)
          if (result?.status === status) resolve(result)
        }
        waiting.add(check)
        check()
      }),
    stop,
  }
}
