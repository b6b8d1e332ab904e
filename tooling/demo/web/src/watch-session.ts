import { isPDSError } from '@pds/core'
import { explainError } from './explain-error.ts'
import { fingerprint } from './fingerprint.ts'
import type { Account } from './open-session.ts'
import type { View } from './view.ts'

// In milliseconds: twice a second, so that the time left skips none.
const betweenTicks = 500
// A session gives no token with less, if it can. In seconds.
const renewed = 60
const tabs = { this: 'this tab', another: 'another tab' }

/** Shows the session as it is, whichever tab has changed it. Gives a function that looks at it now. */
export function watchSession(
  { transport, session, store }: Account,
  view: View,
  fail: (error: unknown, again: () => void) => void,
): () => Promise<void> {
  let user_id: string | undefined
  let expire_time = ''
  let trouble: string | undefined
  let [asked, shown, pending] = [0, 0, 0]

  async function look(): Promise<void> {
    const turn = ++asked
    pending++
    let show: () => void
    try {
      const token = await session.getToken()
      const { user_name, nick_name, role } = token
      const shownToken = { fingerprint: await fingerprint(token.access_token), scope: store.scope }
      show = () => {
        // What the API answered to somebody else is gone.
        if (user_id !== token.user_id) view.showAnswer(undefined)
        ;({ user_id, expire_time } = token)
        view.showSignedIn({ user_id, user_name, nick_name, role, ...shownToken })
        showTimeLeft()
        if (trouble !== undefined) view.notice.say('')
        trouble = undefined
      }
    } catch (error) {
      show = () => showFailure(error)
    }
    pending--
    // What was asked for earlier and comes later is old.
    if (turn < shown) return
    shown = turn
    show()
  }

  function showFailure(error: unknown): void {
    if (!isPDSError(error) || error.code !== 'LoginRequired') {
      // Who is signed in stays so. Said once, however often it is met.
      if (view.state === 'loading') view.showSignedOut()
      const { what } = explainError(error)
      if (what !== trouble) fail(error, () => void look())
      trouble = what
      return
    }
    const wasHere = view.state !== 'signed-out'
    view.showSignedOut()
    user_id = undefined
    trouble = undefined
    // That somebody signed out, or has not signed in yet, needs no warning.
    if (wasHere && !['no_token', 'signed_out'].includes(String(error.cause))) fail(error, () => void look())
  }

  /** By the server's clock, as the token says it. One that is about to expire is looked at: the session renews it. */
  function showTimeLeft(): void {
    if (view.state !== 'signed-in') return
    const left = (Date.parse(expire_time) - transport.now()) / 1000
    view.showTimeLeft(left)
    if (left < renewed && pending === 0) void look()
  }

  function tell(text: string): void {
    view.activity.add(text)
    view.notice.say(text)
  }

  session.subscribe('refreshed', async ({ by }) => {
    const before = user_id
    await look()
    const isRefresh = before !== undefined && before === user_id
    tell(isRefresh ? `The token was refreshed by ${tabs[by]}.` : `Signed in from ${tabs[by]}.`)
  })
  session.subscribe('signed_out', async ({ by }) => {
    await look()
    tell(`Signed out by ${tabs[by]}.`)
  })
  session.subscribe('login_required', look)
  session.subscribe('error', ({ error }) => view.activity.add(explainError(error).what))

  setInterval(showTimeLeft, betweenTicks)
  addEventListener('visibilitychange', () => void look())
  addEventListener('pageshow', ({ persisted }) => {
    if (!persisted) return
    view.reset()
    void look()
  })
  return look
}
