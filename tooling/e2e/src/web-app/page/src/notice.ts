import { element, setText } from './dom.ts'

/** The button beside a message. */
export interface NoticeAction {
  label: string
  run: () => void
}

/** The message line of the page: a status or an alert, which screen readers read out. */
export class Notice {
  readonly #box = element('notice')
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
    setText('status', status)
    setText('alert', alert)
    const hadFocus = document.activeElement === this.#button
    this.#button.hidden = action === undefined
    if (hadFocus && !action) this.#box.focus()
    this.#button.textContent = action?.label ?? ''
    this.#box.dataset.tone = alert === '' ? (status === '' ? 'none' : 'status') : 'alert'
  }
}
