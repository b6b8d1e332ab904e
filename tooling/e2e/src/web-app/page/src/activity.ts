const maxEntries = 12

/** Lists the events of the session, newest first. Counts an event that occurs several times in a row. */
export class Activity {
  readonly #list: HTMLElement
  readonly #empty: HTMLElement
  #newest: { text: string; times: number } | undefined

  constructor(list: HTMLElement, empty: HTMLElement) {
    this.#list = list
    this.#empty = empty
  }

  add(text: string): void {
    const times = this.#newest?.text === text ? this.#newest.times + 1 : 1
    if (times > 1) this.#list.firstElementChild?.remove()
    this.#newest = { text, times }

    const now = new Date()
    const time = document.createElement('time')
    time.dateTime = now.toISOString()
    time.textContent = now.toLocaleTimeString('en-GB')
    const what = document.createElement('span')
    what.textContent = times > 1 ? `${text} (${times} times)` : text
    const entry = document.createElement('li')
    entry.append(time, what)
    this.#list.prepend(entry)
    while (this.#list.childElementCount > maxEntries) this.#list.lastElementChild?.remove()
    this.#empty.hidden = true
  }
}
