import { invalidParameter, mustBe } from '@pds/core/internal'
import type { Session } from '@pds/session'
import { type Context, createContext, useContext } from 'react'
import type { SignInProps } from './observed-session.ts'
import type { PdsSession } from './pds-session.ts'

/** What a provider passes to the hooks. */
export interface PdsContextValue {
  readonly session: Session
  /** The result until the session has found out whether a user is signed in. */
  readonly initial?: PdsSession | undefined
  /** Set if the provider completes a sign-in. */
  readonly signIn?: SignInProps | undefined
}

export const PdsContext: Context<PdsContextValue | undefined> = createContext<PdsContextValue | undefined>(
  undefined,
)

/**
 * Returns the context of a session: by default, of the session of the closest provider. Throws `InvalidParameter` if there
 * is no session.
 */
export function usePdsContext(hook: string, given: Session | undefined): PdsContextValue {
  const context = useContext(PdsContext)
  if (given === undefined) {
    if (context) return context
    throw invalidParameter(
      `${hook}: there is no session: render the component in <PdsProvider session={session}>, or pass a session`,
    )
  }
  if (given === context?.session) return context
  checkSession(`${hook}: session`, given)
  return { session: given }
}

/** Throws `InvalidParameter` unless a value is a session. */
export function checkSession(name: string, value: unknown): void {
  if (typeof Object(value).subscribe === 'function') return
  throw mustBe(name, 'the result of createSession', value)
}
