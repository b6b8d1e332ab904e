import type { Session, SessionStatus } from '@pds/session'
import { createElement, type ReactElement, type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import { observe, type SignInProps } from './observed-session.ts'
import { checkSession, PdsContext } from './pds-context.ts'
import { settledResult } from './pds-session.ts'

/** The properties of `PdsProvider`. */
export interface PdsProviderProps extends SignInProps {
  /** The session that the hooks below use. Create it outside of components, or once with `useState`. */
  session: Session
  /** The elements whose hooks use the session. */
  children?: ReactNode
  /**
   * What the server knows about the user: the `state` of a session on the server, or a part of it. The hooks return it on
   * the server, and in the browser until the session of the page knows more. Later changes have no effect. Default: the
   * status is `loading`.
   */
  initialState?: Pick<SessionStatus, 'status' | 'user' | 'since' | 'expiresAt' | 'cause'> | undefined
}

/**
 * Provides a session to the hooks in its children, and completes the sign-in of a page that returned from a redirect.
 *
 * While `completeSignIn` runs and until the session has the token, the status is `signing_in`. StrictMode runs this twice
 * and gets the token once.
 *
 * @throws PDSError with code `InvalidParameter` while rendering, if `session` is not a session.
 * @example
 * ```ts
 * import { completeSignIn, isSignInPending, oauthGrant } from '@pds/auth-oauth'
 * import { createTransport } from '@pds/core'
 * import { PdsProvider, usePdsSession } from '@pds/react'
 * import { createSession } from '@pds/session'
 * import { createElement } from 'react'
 *
 * const transport = createTransport({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
 * const session = createSession({ key: 'me', grant: oauthGrant({ transport, client_id: 'browser-app' }) })
 * const signIn = { completeSignIn: () => completeSignIn(transport), isSignInPending }
 *
 * const Page = () => createElement('p', null, usePdsSession().status)
 * export const app = createElement(PdsProvider, { session, ...signIn }, createElement(Page))
 * ```
 */
export function PdsProvider(props: PdsProviderProps): ReactElement {
  const { session, children } = props
  checkSession('PdsProvider: session', session)
  const [first] = useState(() => {
    const { initialState, completeSignIn, isSignInPending } = props
    return {
      initial: initialState && settledResult(initialState),
      signIn: completeSignIn && { isSignInPending },
    }
  })
  // The functions may be other ones in each render.
  const latest = useRef(props)
  useEffect(() => {
    latest.current = props
  })
  useEffect(() => {
    const { completeSignIn, isSignInPending } = latest.current
    if (!completeSignIn) return
    let isMounted = true
    void observe(session).complete({
      completeSignIn: () => completeSignIn(),
      isSignInPending,
      onSignIn(result) {
        if (isMounted) latest.current.onSignIn?.(result)
      },
    })
    return () => {
      isMounted = false
    }
  }, [session])
  const value = useMemo(() => ({ session, ...first }), [session, first])
  return createElement(PdsContext.Provider, { value }, children)
}
