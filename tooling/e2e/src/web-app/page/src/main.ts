import { completeSignIn, signInWithPopup, signInWithRedirect } from '@pds/auth-oauth'
import { isPDSError } from '@pds/core'
import { element } from './dom.ts'
import { type Explanation, explainError, explainStatus } from './explain-error.ts'
import { deleteStoredSession, openSession } from './session.ts'
import { type Action, View } from './view.ts'
import { watchSession } from './watch-session.ts'

/* The actions of the buttons. watch-session.ts shows the session. */

const completing = 'Completing your sign-in…'
// The reason for closing a popup without a message.
const superseded = 'superseded by another sign-in or sign-out'

const view = new View()
view.showLoading(hasPendingCode() ? completing : 'Looking for your sign-in…')
start().catch((error: unknown) => {
  element('loading').hidden = true
  view.notice.warn(explainError(error).what, { label: 'Reload', run: () => location.reload() })
})

async function start(): Promise<void> {
  const account = await openSession()
  const { transport, app, session } = account
  element('domain-link').setAttribute('href', `${transport.api_endpoint}/`)

  /** Aborts the current sign-in in a popup. */
  let popup: AbortController | undefined

  const signIn = onClick('sign-in', 'Opening the sign-in page…', async () => {
    popup?.abort(superseded)
    // Removes a pending code, which must not stay in the history.
    history.replaceState(null, '', '/')
    await signInWithRedirect(transport, app)
  })

  onClick('sign-in-popup', '', async () => {
    const cancel = new AbortController()
    const { signal } = cancel
    popup = cancel
    view.notice.say('Continue in the window that opened.', { label: 'Cancel', run: () => cancel.abort() })
    try {
      await session.setToken(await signInWithPopup(transport, app, { signal }))
    } catch (error) {
      if (signal.reason !== superseded) throw error
    }
  })
  for (const type of ['refreshed', 'signed_out'] as const)
    session.subscribe(type, ({ by }) => void (by === 'another' && popup?.abort(superseded)))

  onClick('refresh', 'Refreshing the token…', async () => {
    const rejected = await session.getAccessToken()
    await session.getToken({ rejected })
  })

  const callApi = onClick('call-api', 'Calling the API…', async () => {
    // A failure must not be shown beside the response of an earlier call.
    view.showResponse(undefined)
    const response = await session.fetch(`${transport.api_endpoint}/v2/user/get`, { method: 'POST' })
    const status = `${response.status} ${response.statusText}`.trim()
    view.showResponse({ status, isOk: response.ok, body: formatBody(await response.text()) })
    if (response.ok) view.notice.say(`The API responded with ${status}.`)
    else warn(explainStatus(response.status), callApi)
  })

  onClick('sign-out', 'Signing out…', async () => {
    const { revoked } = await session.signOut()
    if (!revoked)
      view.notice.warn('You are signed out here, but the service did not confirm that it revoked your token.')
  })

  // Subscribe before the sign-in completes, which is the first event.
  const update = watchSession(account, view, fail)
  await finishSignIn()
  await update()

  /** On the redirect URI: removes the authorization response from the URL, and sets the session's token. */
  async function finishSignIn(): Promise<void> {
    try {
      const { token } = await completeSignIn(transport)
      if (token) await session.setToken(token)
    } catch (error) {
      fail(error, () => {
        if (!hasPendingCode()) return void signIn()
        view.notice.say(completing)
        void finishSignIn()
      })
    }
    if (!hasPendingCode()) history.replaceState(null, '', '/')
  }
}

/** Returns whether the URL contains a code to exchange. A code that could not be sent is put back into the URL. */
function hasPendingCode(): boolean {
  return new URLSearchParams(location.search).has('code')
}

/** Runs an action on each click. Returns a function that does the same as a click. */
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

/** Shows what went wrong, and offers a remedy. */
function fail(error: unknown, retry: () => void): void {
  const explanation = explainError(error)
  if (isPDSError(error) && error.code === 'Aborted') view.notice.say(explanation.what)
  else warn(explanation, retry)
}

function warn({ what, advice, remedy }: Explanation, retry: () => void): void {
  const remedies = {
    retry: { label: 'Try again', run: retry },
    delete: { label: 'Delete it', run: deleteStoredSession },
    // A browser lets a page open a window only during a click.
    popup: { label: 'Use a popup', run: () => element('sign-in-popup').click() },
  }
  view.notice.warn(`${what} ${advice}`.trim(), remedy && remedies[remedy])
}

function formatBody(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2)
  } catch {
    return body === '' ? 'The response is empty.' : body.slice(0, 2000)
  }
}
