import { PdsProvider, type PdsProviderProps } from '@pds/react'
import { createElement, StrictMode, Suspense } from 'react'
import { renderToString } from 'react-dom/server'
import { signInSession } from './observed-session.test-helper.ts'
import { App } from './react-app.test-helper.ts'

/** Renders the application of the page tests on the server, with the elements of the page. */
export function renderOnServer({
  isStrict = false,
  ...props
}: Partial<PdsProviderProps> & { isStrict?: boolean }): string {
  const session = signInSession()
  const never = async () => undefined
  const actions = { api_endpoint: 'http://127.0.0.1:9', signIn: never, signOut: never }
  const tree = createElement(
    PdsProvider,
    { session, ...props },
    createElement(
      Suspense,
      { fallback: 'Suspended' },
      createElement(App, actions),
      createElement('p', null, 'Complete'),
    ),
  )
  return renderToString(isStrict ? createElement(StrictMode, null, tree) : tree)
}
