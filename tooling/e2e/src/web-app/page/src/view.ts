import type { StoreScope } from '@pds/session'
import { Activity } from './activity.ts'
import { element, setText } from './dom.ts'
import { formatTimeLeft, initials } from './format.ts'
import { Notice } from './notice.ts'

const actions = ['sign-in', 'sign-in-popup', 'sign-out', 'refresh', 'call-api'] as const

/** The id of a button. */
export type Action = (typeof actions)[number]

/** The signed-in user and session, as the page shows them. Contains no token. */
export interface SignedIn {
  user_id: string | undefined
  user_name: string | undefined
  nick_name: string | undefined
  role: string | undefined
  fingerprint: string
  scope: StoreScope
}

// The lifetime of an access token in seconds, as the vendor documents it.
const lifetime = 7200

/** The states of the page: the id of the element to show, and of the element that gets the focus. */
const headings = { loading: 'loading', 'signed-out': 'welcome-title', 'signed-in': 'user-name' } as const
type State = keyof typeof headings

/** Writes the state of the page into its elements. Does not read the session. */
export class View {
  readonly notice: Notice = new Notice()
  readonly activity: Activity = new Activity(element('activity'), element('activity-empty'))
  state: State = 'loading'

  on(action: Action, run: () => void): void {
    // A busy button ignores clicks instead of being `disabled`, which would take the focus away.
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

  /** Clears busy buttons and the message: a page that returns from the back-forward cache has lost its requests. */
  reset(): void {
    for (const action of actions) this.setBusy(action, false)
    this.notice.say('')
  }

  showLoading(text: string): void {
    setText('loading', text)
  }

  showSignedIn({ user_id, user_name, nick_name, role, fingerprint, scope }: SignedIn): void {
    const name = nick_name || user_name || user_id || 'Unnamed user'
    setText('avatar', initials(name))
    setText('user-name', name)
    setText('user-id', user_id ?? 'unknown')
    setText('user-role', role ?? 'unknown')
    setText('fingerprint', fingerprint)
    setText('scope', scope === 'process' ? 'this tab only' : 'shared by all tabs of this browser')
    this.#switchTo('signed-in')
  }

  showTimeLeft(seconds: number): void {
    setText('time-left', formatTimeLeft(seconds))
    const share = Math.min(1, Math.max(0, seconds / lifetime))
    element('time-bar').style.setProperty('--share', String(share))
  }

  showSignedOut(): void {
    this.#switchTo('signed-out')
    // Leave no data of the last user in the page.
    for (const id of ['avatar', 'user-name', 'user-id', 'user-role', 'fingerprint', 'time-left'])
      setText(id, '')
    this.showResponse(undefined)
  }

  /** Shows a response of the API, or the text for no response yet. */
  showResponse(response: { status: string; isOk: boolean; body: string } | undefined): void {
    const status = element('api-status')
    status.hidden = response === undefined
    status.dataset.tone = response?.isOk ? 'ok' : 'alert'
    setText('api-status', response?.status ?? '')
    element('api-empty').hidden = response !== undefined
    element('api-body').hidden = response === undefined
    setText('api-body', response?.body ?? '')
  }

  #switchTo(state: State): void {
    if (this.state === state) return
    const hasFocus = element(this.state).contains(document.activeElement)
    for (const id of Object.keys(headings)) element(id).hidden = id !== state
    this.state = state
    // Keep the focus in the visible part, for keyboard users.
    if (hasFocus) element(headings[state]).focus()
  }
}
