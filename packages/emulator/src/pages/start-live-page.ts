import type { LoggedRequest } from '../log/request-log.ts'
import type { describeRequests, endsSignIn, signInOf, timeOf } from './describe-request.ts'

/** The functions of the live page that its server uses, too, and what to call after each new request. */
interface LivePageTools {
  describe: typeof describeRequests
  clock: typeof timeOf
  signInOf: typeof signInOf
  endsSignIn: typeof endsSignIn
  onRequest: () => void
}

/**
 * The script of the live page. Adds new requests to the top of the list. The requests of one sign-in share a row.
 *
 * Must not use anything outside of this function: the page contains only its source.
 */
export function startLivePage({ describe, clock, signInOf, endsSignIn, onRequest }: LivePageTools): void {
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

  /** The rows of sign-ins that have not ended, with their requests. */
  const open = new Map<string, { row: Element; entries: LoggedRequest[] }>()
  for (const row of list.querySelectorAll<HTMLElement>('[data-sign-in]')) {
    const json = JSON.parse(row.querySelector('pre')?.textContent ?? '[]')
    open.set(row.dataset.signIn ?? '', { row, entries: [json].flat() })
  }

  function makeRow(entries: readonly LoggedRequest[]): HTMLElement {
    const row = (template.content.cloneNode(true) as DocumentFragment).firstElementChild as HTMLElement
    const { tone, texts } = describe(entries, words.words)
    for (const element of [row, row.querySelector<HTMLElement>('.badge')]) {
      if (element) element.dataset.tone = tone
    }
    for (const element of row.querySelectorAll<HTMLElement>('[data-text]')) {
      const text = texts[element.dataset.text as keyof typeof texts]
      if (text === undefined) element.closest('[data-fact]')?.remove()
      element.textContent = text ?? ''
    }
    const facts = row.querySelector('dl')
    if (facts?.childElementCount === 0) facts.remove()
    const at = entries.at(-1)?.at ?? 0
    const time = row.querySelector('time')
    time?.setAttribute('datetime', new Date(at).toISOString())
    time?.append(clock(at))
    return row
  }

  function add(entry: LoggedRequest): void {
    const signIn = signInOf(entry)
    const earlier = open.get(signIn ?? '')
    const entries = [...(earlier?.entries ?? []), entry]
    const row = makeRow(entries)
    const wasOpen = earlier?.row.querySelector('details')?.open === true
    if (wasOpen) row.querySelector('details')?.setAttribute('open', '')
    earlier?.row.remove()
    list.prepend(row)
    applyFilter(row)
    if (signIn === undefined) return
    if (endsSignIn(entry)) open.delete(signIn)
    else {
      row.dataset.signIn = signIn
      open.set(signIn, { row, entries })
    }
  }

  const filter = find<HTMLInputElement>('filter')
  function applyFilter(row: Element): void {
    const text = filter.value.trim().toLowerCase()
    ;(row as HTMLElement).hidden = !row.textContent?.toLowerCase().includes(text)
  }
  filter.addEventListener('input', () => {
    for (const row of list.children) applyFilter(row)
  })

  find('clear').addEventListener('click', async () => {
    await fetch('/_emulator/requests', { method: 'DELETE' })
    pending = []
    open.clear()
    list.replaceChildren()
    find('empty').hidden = false
    showState()
  })

  function show(entries: LoggedRequest[]): void {
    for (const entry of entries) add(entry)
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

  find('tools').hidden = false
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
      onRequest()
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
