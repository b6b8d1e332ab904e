import type { PDSError } from '@pds/core'
import type { PdsProviderProps, PdsSession } from '@pds/react'
import type { LoginRequiredCause, Session, SessionStatus, SessionUser } from '@pds/session'
import { expectTypeOf, it } from 'vitest'

it('the status decides which fields a result has', () => {
  const check = ({ status, user, cause, error, retry }: PdsSession) => {
    if (status === 'signed_in') {
      expectTypeOf(user).toEqualTypeOf<SessionUser>()
      expectTypeOf(error).toEqualTypeOf<PDSError | undefined>()
    } else if (status === 'error') {
      expectTypeOf(error).toEqualTypeOf<PDSError>()
      expectTypeOf(retry).toEqualTypeOf<() => void>()
    } else if (status === 'signed_out') {
      expectTypeOf(cause).toEqualTypeOf<LoginRequiredCause | undefined>()
      expectTypeOf(user).toEqualTypeOf<undefined>()
    } else {
      expectTypeOf(status).toEqualTypeOf<'loading' | 'signing_in'>()
    }
  }
  expectTypeOf(check).toBeFunction()
})

it('a provider takes the state of a session, and the functions of @pds/auth-oauth', () => {
  expectTypeOf<{ session: Session; initialState: SessionStatus }>().toExtend<PdsProviderProps>()
  type SignIn = typeof import('@pds/auth-oauth')
  expectTypeOf<{
    session: Session
    completeSignIn: () => ReturnType<SignIn['completeSignIn']>
    isSignInPending: SignIn['isSignInPending']
  }>().toExtend<PdsProviderProps>()
})
