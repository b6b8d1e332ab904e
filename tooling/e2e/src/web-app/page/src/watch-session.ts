import { isPDSError } from '@pds/core'
import { explainError } from './explain-error.ts'
import { fingerprint } from './format.ts'
import type { Account } from './session.ts'
import type { View } from './view.ts'

// In milliseconds: twice a second, so that the countdown skips no second.
const tickInterval = 500
// The session refreshes a token with a shorter lifetime left, in seconds.
const refreshThreshold = 60
const tabs = { this: 'this tab', another: 'another tab' }

/** Shows the state of the session and its changes from any tab. Returns a function that reads and shows it now. */
export function watchSession(
  { transport, session, store }: Account,
  view: View,
  fail: (error: unknown, retry: () => void) => void,
): () => Promise<void> {
  let user_id: string | undefined
  let expire_time = ''
  let shownFailure: string | undefined
  // Numbers of the last read that started and the last that is shown, and how many reads are pending.
  let [started, shown, pending] = [0, 0, 0]

  async function update(): Promise<void> {
    const read = ++started
    pending++
    let show: () => void
    try {
      const token = await session.getToken()
      const { user_name, nick_name, role } = token
      const shownToken = { fingerprint: await fingerprint(token.access_token), scope: store.scope }
      show = () => {
        // Remove a response that belongs to another user.
        if (user_id !== token.user_id) view.showResponse(undefined)
        ;({ user_id, expire_time } = token)
        view.showSignedIn({ user_id, user_name, nick_name, role, ...shownToken })
        showTimeLeft()
        if (shownFailure !== undefined) view.notice.say('')
        shownFailure = undefined
      }
    } catch (error) {
      show = () => showFailure(error)
    }
    pending--
    // A later read has already been shown: this result is out of date.
    if (read < shown) return
    shown = read
    show()
  }

  function showFailure(error: unknown): void {
    if (!isPDSError(error) || error.code !== 'LoginRequired') {
      // The user stays signed in. Show the same failure once only.
      if (view.state === 'loading') view.showSignedOut()
      const { what } = explainError(error)
      if (what !== shownFailure) fail(error, () => void update())
      shownFailure = what
      return
    }
    const wasSignedIn = view.state !== 'signed-out'
    view.showSignedOut()
    user_id = undefined
    shownFailure = undefined
    // A sign-out and a first visit need no warning.
    if (wasSignedIn && !['no_token', 'signed_out'].includes(String(error.cause)))
      fail(error, () => void update())
  }

  /** Shows the time left by the server's clock. Reads the session when the token is about to expire, to refresh it. */
  function showTimeLeft(): void {
    if (view.state !== 'signed-in') return
    const left = (Date.parse(expire_time) - transport.now()) / 1000
    view.showTimeLeft(left)
    if (left < refreshThreshold && pending === 0) void update()
  }

  /** Shows a change when it happens: later, it could replace the warning of an action that has failed since. */
  function report(text: string): void {
    view.activity.add(text)
    view.notice.say(text)
    shownFailure = undefined
  }

  session.subscribe('refreshed', async ({ by }) => {
    const isRefresh = user_id !== undefined && user_id === session.state.user?.id
    report(isRefresh ? `The token was refreshed by ${tabs[by]}.` : `Signed in from ${tabs[by]}.`)
    await update()
  })
  session.subscribe('signed_out', async ({ by }) => {
    report(`Signed out by ${tabs[by]}.`)
    await update()
  })
  session.subscribe('login_required', update)
  session.subscribe('error', ({ error }) => view.activity.add(explainError(error).what))

  setInterval(showTimeLeft, tickInterval)
  addEventListener('visibilitychange', () => void update())
  addEventListener('pageshow', ({ persisted }) => {
    if (!persisted) return
    view.reset()
    void update()
  })
  return update
}
