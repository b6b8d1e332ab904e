import type { LoggedRequest } from '../log/request-log.ts'
import type { describeRequest, timeOf } from './describe-request.ts'

/**
 * The script of the live page. Adds new requests to the top of the list.
 *
 * Must not use anything outside of this function: the page contains only its source.
 */
export function startLivePage(describe: typeof describeRequest, clock: typeof timeOf): void {
  const find = <T extends HTMLElement>(id: string) => document.getElementById(id) as T
  const list = find('requests')
  const template = find<HTMLTemplateElement>('request')
  const state = find('state')
  const announcement = find('announcement')
  const pause = find<HTMLButtonElement>('pause')
  const { texts = '', limit = '', log } = document.body.dataset
  const words = JSON.parse(texts)

  let isPaused = false
  let pending: LoggedRequest[] = []
  let unannounced = 0
  let connection = words.connecting
  let { last = '' } = document.body.dataset
  let source: EventSource | undefined
  let reconnectTimer: ReturnType<typeof setTimeout> | undefined

  function makeRow(entry: LoggedRequest): Node {
    const fragment = template.content.cloneNode(true) as DocumentFragment
    const { tone, texts } = describe(entry, words.words)
    fragment.firstElementChild?.classList.add(tone)
    for (const element of fragment.querySelectorAll<HTMLElement>('[data-text]')) {
      const text = texts[element.dataset.text as keyof typeof texts]
      if (text === undefined) element.closest('[data-fact]')?.remove()
      element.textContent = text ?? ''
    }
    const facts = fragment.querySelector('dl')
    if (facts?.childElementCount === 0) facts.remove()
    const time = fragment.querySelector('time')
    time?.setAttribute('datetime', new Date(entry.at).toISOString())
    time?.append(clock(entry.at))
    return fragment
  }

  function show(entries: LoggedRequest[]): void {
    for (const entry of entries) list.prepend(makeRow(entry))
    while (list.children.length > Number(limit)) list.lastElementChild?.remove()
    find('empty').hidden = list.children.length > 0
    announce(entries.length)
  }

  // Announces many requests at once as a number. Screen readers do not read the list.
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
    // Screen readers would read an unchanged text again.
    if (state.textContent !== text) state.textContent = text
    state.dataset.isLive = String(!isPaused && connection === words.live)
    pause.textContent = isPaused
      ? `${words.resume}${pending.length > 0 ? ` (${pending.length})` : ''}`
      : words.pause
  }

  pause.hidden = false
  pause.addEventListener('click', () => {
    isPaused = !isPaused
    show(pending)
    pending = []
    showState()
  })

  function showConnection(text: string): void {
    connection = text
    showState()
  }

  // A hidden page disconnects: a browser opens at most 6 connections to a host, and a sign-in needs one of them.
  function connect(): void {
    disconnect()
    if (document.hidden) return
    const stream = new EventSource(`/_emulator/requests?after=${last}`)
    source = stream
    stream.addEventListener('open', () => showConnection(words.live))
    stream.addEventListener('error', () => {
      showConnection(words.lost)
      // After a response that is not an event stream, the browser does not reconnect.
      if (stream.readyState === EventSource.CLOSED) reconnectTimer = setTimeout(connect, 1000)
    })
    stream.addEventListener('domain', ({ data }) => {
      // The emulator was replaced by another one at this URL.
      if (data !== log) location.reload()
    })
    stream.addEventListener('request', ({ data, lastEventId }) => {
      last = lastEventId
      const entry = JSON.parse(data)
      if (isPaused) pending = [...pending, entry].slice(-Number(limit))
      else show([entry])
      showState()
    })
  }

  function disconnect(): void {
    clearTimeout(reconnectTimer)
    source?.close()
  }

  document.addEventListener('visibilitychange', () => {
    connection = words.connecting
    connect()
    showState()
  })
  // The server rendered these times in its own time zone.
  for (const time of list.querySelectorAll('time')) time.textContent = clock(Date.parse(time.dateTime))
  connect()
  showState()
}
