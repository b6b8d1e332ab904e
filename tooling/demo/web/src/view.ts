import type { StoreScope } from '@pds/session'
import { Activity } from './activity.ts'
import { element } from './element.ts'
import { Notice } from './notice.ts'
import { initials, timeLeft } from './words.ts'

const actions = ['sign-in', 'sign-in-popup', 'sign-out', 'refresh', 'call-api'] as const

/** A button of the page, by its id. */
export type Action = (typeof actions)[number]

/** Who is signed in, as the page shows it. No token is in it. */
export interface SignedIn {
  user_id: string | undefined
  user_name: string | undefined
  nick_name: string | undefined
  role: string | undefined
  fingerprint: string
  scope: StoreScope
}

// Of an access token, in seconds, as the vendor documents it.
const lifetime = 7200

/** What is shown, by its id, and where the focus goes when it is. */
const headings = { loading: 'loading', 'signed-out': 'welcome-title', 'signed-in': 'user-name' } as const
type State = keyof typeof headings

/** Puts the state of the page into its elements, and knows nothing of where that comes from. */
export class View {
  readonly notice: Notice = new Notice()
  readonly activity: Activity = new Activity(element('activity'), element('activity-empty'))
  state: State = 'loading'

  on(action: Action, run: () => void): void {
    // Not `disabled`, which would take the focus away: it is said to be busy, and does nothing.
    element(action).addEventListener('click', () => {
      if (!this.isBusy(action)) run()
    })
  }

  isBusy(action: Action): boolean {
    return element(action).ariaDisabled === 'true'
  }

  setBusy(action: Action, isBusy: boolean): void {
    const button = element(action)
    button.ariaDisabled = isBusy ? 'true' : null
    button.ariaBusy = isBusy ? 'true' : null
  }

  /** As a page that comes out of the back-forward cache: what it was busy with has ended when it was left. */
  reset(): void {
    for (const action of actions) this.setBusy(action, false)
    this.notice.say('')
  }

  showLoading(text: string): void {
    setText('loading', text)
  }

  showSignedIn({ user_id, user_name, nick_name, role, fingerprint, scope }: SignedIn): void {
    const name = nick_name || user_name || user_id || 'Somebody'
    setText('avatar', initials(name))
    setText('user-name', name)
    setText('user-id', user_id ?? 'unknown')
    setText('user-role', role ?? 'unknown')
    setText('fingerprint', fingerprint)
    setText('scope', scope === 'process' ? 'this tab only' : 'shared by all tabs of this browser')
    this.#switchTo('signed-in')
  }

  showTimeLeft(seconds: number): void {
    setText('time-left', timeLeft(seconds))
    const share = Math.min(1, Math.max(0, seconds / lifetime))
    element('time-bar').style.setProperty('--share', String(share))
  }

  showSignedOut(): void {
    this.#switchTo('signed-out')
    // Nothing of who was here stays in the page.
    for (const id of ['avatar', 'user-name', 'user-id', 'user-role', 'fingerprint', 'time-left'])
      setText(id, '')
    this.showAnswer(undefined)
  }

  /** Shows what the API answered, or that nothing was asked yet. */
  showAnswer(answer: { status: string; isOk: boolean; body: string } | undefined): void {
    const status = element('api-status')
    status.hidden = answer === undefined
    status.dataset.tone = answer?.isOk ? 'ok' : 'alert'
    setText('api-status', answer?.status ?? '')
    element('api-empty').hidden = answer !== undefined
    element('api-body').hidden = answer === undefined
    setText('api-body', answer?.body ?? '')
  }

  #switchTo(state: State): void {
    if (this.state === state) return
    const hasFocus = element(this.state).contains(document.activeElement)
    for (const id of Object.keys(headings)) element(id).hidden = id !== state
    this.state = state
    // Whoever goes by keyboard goes on where the page does.
    if (hasFocus) element(headings[state]).focus()
  }
}

function setText(id: string, text: string): void {
  const shown = element(id)
  if (shown.textContent !== text) shown.textContent = text
}
