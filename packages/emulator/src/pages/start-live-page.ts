import type { LoggedRequest } from '../request-log.ts'
import type { describeRequest } from './describe-request.ts'

/**
 * The script of the live page: it puts new requests on top of the list as they come.
 *
 * It stands alone: its source is what the page gets.
 */
export function startLivePage(describe: typeof describeRequest): void {
  const find = <T extends HTMLElement>(id: string) => document.getElementById(id) as T
  const list = find('requests')
  const template = find<HTMLTemplateElement>('request')
  const state = find('state')
  const announcement = find('announcement')
  const pause = find<HTMLButtonElement>('pause')
  const { texts = '', most = '', log, last = '' } = document.body.dataset
  const words = JSON.parse(texts)

  let isPaused = false
  let waiting: LoggedRequest[] = []
  let unannounced = 0
  let connection = words.connecting

  function makeRow(entry: LoggedRequest): Node {
    const fragment = template.content.cloneNode(true) as DocumentFragment
    const { tone, texts } = describe(entry, words.words)
    fragment.firstElementChild?.classList.add(tone)
    for (const place of fragment.querySelectorAll<HTMLElement>('[data-text]')) {
      const text = texts[place.dataset.text as keyof typeof texts]
      if (text === undefined) place.closest('[data-fact]')?.remove()
      place.textContent = text ?? ''
    }
    fragment.querySelector('time')?.setAttribute('datetime', new Date(entry.at).toISOString())
    return fragment
  }

  function show(entries: LoggedRequest[]): void {
    for (const entry of entries) list.prepend(makeRow(entry))
    while (list.children.length > Number(most)) list.lastElementChild?.remove()
    find('empty').hidden = list.children.length > 0
    announce(entries.length)
  }

  // Many at once are told as one, and the list is not read out.
  function announce(count: number): void {
    if (unannounced === 0 && count > 0) {
      setTimeout(() => {
        announcement.textContent = words.announce.replace('{count}', unannounced)
        unannounced = 0
      }, 2000)
    }
    unannounced += count
  }

  function showState(): void {
    const text = isPaused ? words.paused : connection
    // What does not change is not read out again.
    if (state.textContent !== text) state.textContent = text
    state.dataset.isLive = String(!isPaused && connection === words.live)
    pause.textContent = isPaused
      ? `${words.resume}${waiting.length > 0 ? ` (${waiting.length})` : ''}`
      : words.pause
  }

  pause.hidden = false
  pause.addEventListener('click', () => {
    isPaused = !isPaused
    show(waiting)
    waiting = []
    showState()
  })

  const source = new EventSource(`/_emulator/requests?after=${last}`)
  source.addEventListener('open', () => {
    connection = words.live
    showState()
  })
  source.addEventListener('error', () => {
    connection = words.lost
    showState()
  })
  source.addEventListener('domain', ({ data }) => {
    // Another emulator has taken this one's place.
    if (data !== log) location.reload()
  })
  source.addEventListener('request', ({ data }) => {
    const entry = JSON.parse(data)
    if (isPaused) waiting = [...waiting, entry].slice(-Number(most))
    else show([entry])
    showState()
  })
  showState()
}
