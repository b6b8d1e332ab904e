import { completeSignIn, signInWithPopup, signInWithRedirect } from '@pds/auth-oauth'
import { isPDSError } from '@pds/core'
import { element } from './element.ts'
import { type Explanation, explainError, explainStatus } from './explain-error.ts'
import { forgetKept } from './forget-kept.ts'
import { loadConfig } from './load-config.ts'
import { openSession } from './open-session.ts'
import { type Action, View } from './view.ts'
import { watchSession } from './watch-session.ts'

/* What the buttons do. What is shown of the session follows from the session itself: see watch-session.ts. */

const completing = 'Completing your sign-in…'
// Why a popup is closed of which no more is said.
const settled = 'the sign-in goes another way'

const view = new View()
view.showLoading(isWaiting() ? completing : 'Looking for your sign-in…')
start().catch((error: unknown) => {
  element('loading').hidden = true
  view.notice.warn(explainError(error).what, { label: 'Load again', run: () => location.reload() })
})

async function start(): Promise<void> {
  const account = await openSession(await loadConfig())
  const { transport, app, session } = account
  element('domain-link').setAttribute('href', `${transport.api_endpoint}/`)

  /** Ends the sign-in in a popup that is under way. */
  let popup: AbortController | undefined

  const signIn = onClick('sign-in', 'Taking you to the sign-in…', async () => {
    popup?.abort(settled)
    // In place of an answer that could not be sent, which is not to stay in the history.
    history.replaceState(null, '', '/')
    await signInWithRedirect(transport, app)
  })

  onClick('sign-in-popup', '', async () => {
    const cancel = new AbortController()
    const { signal } = cancel
    popup = cancel
    view.notice.say('Go on in the window that has opened.', { label: 'Cancel', run: () => cancel.abort() })
    try {
      await session.setToken(await signInWithPopup(transport, app, { signal }))
    } catch (error) {
      if (signal.reason !== settled) throw error
    }
  })
  for (const type of ['refreshed', 'signed_out'] as const)
    session.subscribe(type, ({ by }) => void (by === 'another' && popup?.abort(settled)))

  onClick('refresh', 'Refreshing the token…', async () => {
    const rejected = await session.getAccessToken()
    await session.getToken({ rejected })
  })

  const callApi = onClick('call-api', 'Calling the API…', async () => {
    // What fails now is not to stand beside what was answered before.
    view.showAnswer(undefined)
    const response = await session.fetch(`${transport.api_endpoint}/v2/user/get`, { method: 'POST' })
    const status = `${response.status} ${response.statusText}`.trim()
    view.showAnswer({ status, isOk: response.ok, body: readable(await response.text()) })
    if (response.ok) view.notice.say(`The API answered with ${status}.`)
    else warn(explainStatus(response.status), callApi)
  })

  onClick('sign-out', 'Signing out…', async () => {
    const { revoked } = await session.signOut()
    if (!revoked) view.notice.warn('You are signed out here, but the service was not told.')
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
      fail(error, () => {
        if (!isWaiting()) return void signIn()
        view.notice.say(completing)
        void finishSignIn()
      })
    }
    if (!isWaiting()) history.replaceState(null, '', '/')
  }
}

/** Whether there is an answer to be sent: one that could not be is back in the address. */
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

/** Says what went wrong, and offers what may help. */
function fail(error: unknown, again: () => void): void {
  const explanation = explainError(error)
  if (isPDSError(error) && error.code === 'Aborted') view.notice.say(explanation.what)
  else warn(explanation, again)
}

function warn({ what, advice, remedy }: Explanation, again: () => void): void {
  const remedies = {
    again: { label: 'Try again', run: again },
    forget: { label: 'Forget it', run: forgetKept },
    // In the click of the user, in which alone a window may be opened.
    popup: { label: 'Use a popup', run: () => element('sign-in-popup').click() },
  }
  view.notice.warn(`${what} ${advice}`.trim(), remedy && remedies[remedy])
}

function readable(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2)
  } catch {
    return body === '' ? 'The answer is empty.' : body.slice(0, 2000)
  }
}
