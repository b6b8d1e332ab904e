import { usePdsFetch, usePdsSession } from '@pds/react'
import { createElement, type ReactElement, useEffect, useState } from 'react'

/** What the application of the tests uses. */
interface AppProps {
  api_endpoint: string
  signIn(): Promise<unknown>
  signOut(): Promise<unknown>
}

/** The statuses that were rendered, without repetitions. */
export const rendered: string[] = []

/** The functions that `usePdsFetch` has returned. */
export const fetches: Set<unknown> = new Set()

/** An application that shows its user. It runs in pages and on the server. */
export function App({ api_endpoint, signIn, signOut }: AppProps): ReactElement {
  const { status, user, error, retry } = usePdsSession()
  const pdsFetch = usePdsFetch()
  const [name, setName] = useState('')
  if (rendered.at(-1) !== status) rendered.push(status)
  fetches.add(pdsFetch)
  useEffect(() => {
    if (status !== 'signed_in') return
    pdsFetch(`${api_endpoint}/v2/user/get`, { method: 'POST' })
      .then((response) => response.json())
      .then(({ user_id }) => setName(user_id))
      .catch(() => setName('no user'))
  }, [status, pdsFetch, api_endpoint])
  const button = (text: string, onClick: () => unknown) =>
    createElement('button', { type: 'button', onClick }, text)
  return createElement(
    'main',
    null,
    createElement('p', { role: 'status' }, [status, user?.id, error?.code].filter(Boolean).join(' ')),
    createElement('p', null, `The service knows ${name}`),
    status === 'signed_out' && button('Sign in', signIn),
    status === 'signed_in' && button('Sign out', signOut),
    retry && button('Try again', retry),
  )
}
