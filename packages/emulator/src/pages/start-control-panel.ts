import type { EmulatorApp } from '../domain/apps.ts'
import type { EmulatorSession } from '../domain/session-list.ts'
import type { User } from '../domain/user.ts'
import type { Fault } from '../faults/fault.ts'
import type { Texts } from './texts.ts'

/** What `/_emulator/` sends. */
interface Overview {
  now: number
  apps: EmulatorApp[]
  users: User[]
  sessions: EmulatorSession[]
  faults: Fault[]
}

/**
 * The script of the control panel and of the copy buttons. It reads the state of the domain from the emulator after each
 * request that the page shows, and after each change. Returns the function that reads it.
 *
 * Must not use anything outside of this function: the page contains only its source.
 */
export function startControlPanel(words: Texts['live']['controls']['words']): () => void {
  const find = <T extends HTMLElement>(id: string) => document.getElementById(id) as T
  const error = find('control-error')

  /** Sends a request to the emulator itself. Shows its error. Returns its JSON, or undefined after an error. */
  async function send(method: string, path: string, json?: unknown): Promise<Overview & { code: string }> {
    const response = await fetch(`/_emulator/${path}`, {
      method,
      ...(json !== undefined && {
        body: JSON.stringify(json),
        headers: { 'content-type': 'application/json' },
      }),
    })
    const body = response.status === 204 ? undefined : await response.json()
    error.hidden = response.ok
    error.textContent = response.ok ? '' : body.message
    if (!response.ok) throw new Error(body.message)
    return body
  }

  function element(name: string, text: string, className = ''): HTMLElement {
    const created = document.createElement(name)
    created.textContent = text
    if (className) created.className = className
    return created
  }

  function item(className: string, ...parts: Node[]): HTMLElement {
    const created = element('li', '', className)
    created.append(...parts.flatMap((part, index) => (index === 0 ? [part] : [' ', part])))
    return created
  }

  function button(text: string, act: () => Promise<unknown>): HTMLElement {
    const created = element('button', text, 'button small') as HTMLButtonElement
    created.type = 'button'
    created.addEventListener('click', () => void run(act))
    return created
  }

  function show({ now, users, sessions, faults }: Overview): void {
    const date = new Date(now)
    const clock = find<HTMLTimeElement>('clock')
    clock.dateTime = date.toISOString()
    clock.textContent = date.toLocaleString(document.documentElement.lang)
    find('users').replaceChildren(
      ...users.map(({ user_id, user_name, role }) =>
        item(
          'card',
          element('bdi', user_name, 'name'),
          ...(user_name === user_id ? [] : [element('code', user_id)]),
          element('span', role, 'hint'),
        ),
      ),
    )
    find('no-sessions').hidden = sessions.length > 0
    find('sessions').replaceChildren(
      ...sessions.map(({ session_id, client_id, user_id, startedAt }) =>
        item(
          '',
          element('bdi', user_id, 'name'),
          element('code', client_id),
          element('span', new Date(startedAt).toLocaleTimeString(document.documentElement.lang), 'hint'),
          button(words.end, () => send('DELETE', `sessions?session_id=${session_id}`)),
        ),
      ),
    )
    find('faults').replaceChildren(...faults.map((fault) => item('', element('code', JSON.stringify(fault)))))
  }

  let isReading = false
  let isStale = false
  /** Reads the state. Requests that arrive during the read lead to one more read, not to one each. */
  async function refresh(): Promise<void> {
    isStale = true
    if (isReading) return
    isReading = true
    try {
      while (isStale) {
        isStale = false
        show(await send('GET', ''))
      }
    } finally {
      isReading = false
    }
  }

  async function run(act: () => Promise<unknown>): Promise<void> {
    try {
      await act()
      await refresh()
    } catch {
      // send has shown the error. Without a connection, the list of requests says so.
    }
  }

  function onClick(id: string, act: () => Promise<unknown>): void {
    find(id).addEventListener('click', () => void run(act))
  }

  function onSubmit(id: string, act: (form: FormData) => Promise<unknown>): void {
    find<HTMLFormElement>(id).addEventListener('submit', (event) => {
      event.preventDefault()
      void run(() => act(new FormData(event.target as HTMLFormElement)))
    })
  }

  onClick('end-all', () => send('DELETE', 'sessions'))
  onClick('reset-clock', () => send('DELETE', 'clock'))
  onClick('clear-faults', () => send('DELETE', 'faults'))
  for (const move of document.querySelectorAll<HTMLElement>('[data-advance]')) {
    move.addEventListener('click', () => {
      void run(() => send('POST', 'clock', { advance: Number(move.dataset.advance) }))
    })
  }
  onSubmit('create-code', async (form) => {
    find('code').textContent = (await send('POST', 'codes', Object.fromEntries(form))).code
  })
  onSubmit('create-user', (form) => send('POST', 'users', Object.fromEntries(form)))
  const fault = find<HTMLTextAreaElement>('fault')
  find<HTMLSelectElement>('fault-preset').addEventListener('change', ({ target }) => {
    fault.value = (target as HTMLSelectElement).value
  })
  onSubmit('inject-fault', async () => {
    let json: unknown
    try {
      json = JSON.parse(fault.value)
    } catch {
      error.hidden = false
      error.textContent = words.notJson
      throw new Error(words.notJson)
    }
    await send('POST', 'faults', json)
  })

  // The page does not contain secrets. They are read when they are copied.
  async function textToCopy({ copy, copySecret }: DOMStringMap, source: HTMLElement): Promise<string> {
    if (copySecret === undefined) return copy ?? source.parentElement?.querySelector('pre')?.textContent ?? ''
    const { apps } = await send('GET', '')
    const app = apps.find(({ client_id }) => client_id === copySecret)
    return (app?.type === 'jwt' ? app.private_key_pem : app?.client_secret) ?? ''
  }
  document.addEventListener('click', ({ target }) => {
    const source = (target as Element).closest<HTMLElement>(
      '[data-copy], [data-copy-secret], [data-copy-details]',
    )
    if (!source) return
    void run(async () => {
      await navigator.clipboard.writeText(await textToCopy(source.dataset, source))
      const { textContent } = source
      if (textContent === words.copied) return
      source.textContent = words.copied
      setTimeout(() => {
        source.textContent = textContent
      }, 1500)
    })
  })

  for (const hidden of document.querySelectorAll<HTMLElement>('#controls, [data-script-only]'))
    hidden.hidden = false
  void run(async () => undefined)
  return () => void run(async () => undefined)
}
