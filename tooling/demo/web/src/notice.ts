import { element } from './element.ts'

/** What can be done about what is said. */
export interface NoticeAction {
  label: string
  run: () => void
}

/** The one line that says what is going on: politely, or as an alert. Screen readers read it out. */
export class Notice {
  readonly #box = element('notice')
  readonly #status = element('status')
  readonly #alert = element('alert')
  readonly #button = element('notice-action')
  #action: NoticeAction | undefined

  constructor() {
    this.#button.addEventListener('click', () => this.#action?.run())
  }

  say(text: string, action?: NoticeAction): void {
    this.#show(text, '', action)
  }

  warn(text: string, action?: NoticeAction): void {
    this.#show('', text, action)
  }

  #show(status: string, alert: string, action: NoticeAction | undefined): void {
    this.#action = action
    // What stays as it is must not be read out again.
    if (this.#status.textContent !== status) this.#status.textContent = status
    if (this.#alert.textContent !== alert) this.#alert.textContent = alert
    const hadFocus = document.activeElement === this.#button
    this.#button.hidden = action === undefined
    if (hadFocus && !action) this.#box.focus()
    this.#button.textContent = action?.label ?? ''
    this.#box.dataset.tone = alert === '' ? (status === '' ? 'none' : 'status') : 'alert'
  }
}
