import { completeSignIn, signInWithPopup, signInWithRedirect } from '@pds/auth-oauth'
import { isPDSError } from '@pds/core'
import { element } from './element.ts'
import { explainError } from './explain-error.ts'
import { loadConfig } from './load-config.ts'
import { openSession } from './open-session.ts'
import { type Action, View } from './view.ts'
import { watchSession } from './watch-session.ts'

/* What the buttons do. What is shown of the session follows from the session itself: see watch-session.ts. */

const view = new View()
start().catch((error: unknown) => {
  element('loading').hidden = true
  view.notice.warn(explainError(error).what, { label: 'Load again', run: () => location.reload() })
})

async function start(): Promise<void> {
  const account = await openSession(await loadConfig())
  const { transport, app, session } = account
  element('domain-link').setAttribute('href', `${transport.api_endpoint}/`)

  const signIn = onClick('sign-in', 'Taking you to the sign-in…', async () => {
    // In place of an answer that could not be sent, which is not to stay in the history.
    history.replaceState(null, '', '/')
    await signInWithRedirect(transport, app)
  })

  onClick('sign-in-popup', '', async () => {
    const cancel = new AbortController()
    view.notice.say('Go on in the window that has opened.', { label: 'Cancel', run: () => cancel.abort() })
    await session.setToken(await signInWithPopup(transport, app, { signal: cancel.signal }))
  })

  onClick('refresh', 'Refreshing the token…', async () => {
    const rejected = await session.getAccessToken()
    await session.getToken({ rejected })
  })

  onClick('call-api', 'Calling the API…', async () => {
    const response = await session.fetch(`${transport.api_endpoint}/v2/user/get`, { method: 'POST' })
    const status = `${response.status} ${response.statusText}`.trim()
    view.showAnswer({ status, isOk: response.ok, body: readable(await response.text()) })
    view.notice.say(`The API answered with ${status}.`)
  })

  onClick('sign-out', 'Signing out…', async () => {
    const { revoked } = await session.signOut()
    if (!revoked)
      view.notice.warn('You are signed out here, but the service was not told: it was not reached.')
  })

  // Subscribed before the sign-in is completed, which is news already.
  const look = watchSession(account, view, fail)
  await finishSignIn()
  await look()

  /** On the page of the redirect URI: takes the answer out of the address, and gives the token to the session. */
  async function finishSignIn(): Promise<void> {
    try {
      const token = await completeSignIn(transport)
      if (token) await session.setToken(token)
    } catch (error) {
      fail(error, () => void (isWaiting() ? finishSignIn() : signIn()))
    }
    if (!isWaiting()) history.replaceState(null, '', '/')
  }
}

/** Whether an answer could not be sent yet: it is back in the address then. */
function isWaiting(): boolean {
  return new URLSearchParams(location.search).has('code')
}

/** Gives a function that does what a click does. */
function onClick(action: Action, doing: string, run: () => Promise<void>): () => Promise<void> {
  const act = async () => {
    view.setBusy(action, true)
    view.notice.say(doing)
    try {
      await run()
    } catch (error) {
      fail(error, () => void act())
    } finally {
      view.setBusy(action, false)
    }
  }
  view.on(action, act)
  return act
}

/** Says what went wrong, and offers to try again where that may help. */
function fail(error: unknown, again: () => void): void {
  const { what, advice, isTemporary } = explainError(error)
  const text = `${what} ${advice}`.trim()
  if (isPDSError(error) && error.code === 'Aborted') view.notice.say(text)
  else view.notice.warn(text, isTemporary ? { label: 'Try again', run: again } : undefined)
}

function readable(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2)
  } catch {
    return body === '' ? 'The answer is empty.' : body.slice(0, 2000)
  }
}
