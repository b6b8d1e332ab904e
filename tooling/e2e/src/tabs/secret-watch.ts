import type { BrowserContext, Page } from 'shared/browser'

/** Where a code appears legitimately on its way to the application. */
const codeChannels = ['the address of a request', 'a navigation', 'a broadcast']

/**
 * Records every token, code and code verifier that the pages of a browser receive or send, and all output and stored
 * data of these pages. Then finds the secrets in that data.
 */
export class SecretWatch {
  readonly #tokens = new Set<string>()
  readonly #codes = new Set<string>()
  readonly #seen = new Map<string, Set<string>>()
  readonly #context: BrowserContext

  private constructor(context: BrowserContext) {
    this.#context = context
  }

  /** Starts to watch a browser context that has no pages yet. */
  static async begin(context: BrowserContext): Promise<SecretWatch> {
    const watch = new SecretWatch(context)
    context.on('request', (request) => {
      watch.#see('the address of a request', request.url())
      if (!request.url().endsWith('/oauth/token')) return
      const form = new URLSearchParams(request.postData() ?? '')
      watch.add(form.get('code_verifier'), form.get('refresh_token'))
      watch.#codes.add(form.get('code') ?? '')
    })
    context.on('page', (page) =>
      page.on('framenavigated', (frame) => watch.#see('a navigation', frame.url())),
    )
    context.on('console', async (message) => {
      watch.#see('the console', message.text())
      for (const arg of message.args()) {
        watch.#see('the console', JSON.stringify(await arg.jsonValue().catch(() => null)))
      }
    })
    context.on('weberror', (error) => watch.#see('an error of a page', String(error.error().stack)))
    await context.exposeFunction('seen', (where: string, text: string) => watch.#see(where, text))
    await context.exposeFunction('issued', (...tokens: string[]) => watch.add(...tokens))
    await context.addInitScript(watchPage)
    return watch
  }

  /** Adds tokens that the pages received in another way. */
  add(...tokens: readonly (string | null | undefined)[]): void {
    for (const token of tokens) if (token) this.#tokens.add(token)
  }

  /** Returns the distinct texts that were seen in a place. */
  seen(where: string): readonly string[] {
    return [...(this.#seen.get(where) ?? [])]
  }

  /** Returns the places where secrets were seen, without the exceptions. */
  async leaks(except: readonly string[] = []): Promise<string[]> {
    for (const page of this.#context.pages()) await this.#look(page)
    this.#see('cookies', JSON.stringify(await this.#context.cookies()))
    const [tokens, codes] = [[...this.#tokens].flatMap(parts), [...this.#codes].filter(Boolean)]
    const leaks = [...this.#seen].filter(([where, texts]) => {
      const secrets = codeChannels.includes(where) ? tokens : [...tokens, ...codes]
      return [...texts].some((text) => secrets.some((secret) => text.includes(secret)))
    })
    return leaks.map(([where]) => where).filter((where) => !except.includes(where))
  }

  /** Records the stored data and the history of a page. */
  async #look(page: Page): Promise<void> {
    this.#see('the address', page.url())
    const stored = await page.evaluate(readStoredData)
    for (const [where, text] of Object.entries(stored)) this.#see(where, text)
  }

  readonly #see = (where: string, text: string): void => {
    const texts = this.#seen.get(where) ?? new Set()
    this.#seen.set(where, texts.add(text))
  }
}

/** Returns a token and identifying parts of it. The start of a token is no such part: other tokens share it. */
function parts(token: string): string[] {
  return [token, token.slice(-8), token.slice(-24, -12)]
}

/** Runs in each page before anything else. */
function watchPage(): void {
  const { seen, issued, fetch } = globalThis as unknown as {
    seen: (where: string, text: string) => Promise<void>
    issued: (...tokens: string[]) => Promise<void>
    fetch: typeof globalThis.fetch
  }
  const toPlain = (_name: string, value: unknown) => {
    if (value instanceof Map || value instanceof Set) return [...value]
    return value instanceof ArrayBuffer || ArrayBuffer.isView(value) ? new TextDecoder().decode(value) : value
  }
  const report = (where: string, value: unknown) => void seen(where, JSON.stringify(value, toPlain) ?? '')
  globalThis.fetch = async (...request) => {
    const response = await fetch(...request)
    if (response.ok && response.url.endsWith('/oauth/token')) {
      const { access_token, refresh_token } = await response.clone().json()
      await issued(access_token, refresh_token)
    }
    return response
  }
  const broadcast = BroadcastChannel.prototype.postMessage
  BroadcastChannel.prototype.postMessage = function (message) {
    report('a broadcast', message)
    broadcast.call(this, message)
  }
  addEventListener('message', ({ data }) => report('a message', data))
  const setItem = Storage.prototype.setItem
  Storage.prototype.setItem = function (name, value) {
    // The pending request of a sign-in is stored there.
    if (this !== sessionStorage || name !== 'pds.sign-in') report('Web Storage', [name, value])
    setItem.call(this, name, value)
  }
  const show = (changes: MutationRecord[]) => {
    const inputs = [...document.querySelectorAll('input')].map(({ value }) => value)
    // Includes nodes that were removed again.
    const added = changes.flatMap(({ addedNodes }) => [...addedNodes].map(({ textContent }) => textContent))
    report('the page', [document.documentElement?.outerHTML, inputs, added])
  }
  new MutationObserver(show).observe(document, {
    subtree: true,
    childList: true,
    characterData: true,
    attributes: true,
  })
}

/** Runs in a page: reads its stored data and the history of its tab. */
async function readStoredData(): Promise<Record<string, string>> {
  const { navigation } = globalThis as unknown as { navigation?: { entries(): { url: string | null }[] } }
  const inputs = [...document.querySelectorAll('input')].map(({ value }) => value)
  const result = <T>(request: IDBRequest<T>) =>
    new Promise<T>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error)
    })
  const rows: unknown[] = []
  // Rejects or throws if IndexedDB is blocked.
  const databases = await (async () => indexedDB.databases())().catch(() => [])
  for (const { name = '' } of databases) {
    const database = await result(indexedDB.open(name))
    for (const table of database.objectStoreNames) {
      rows.push(await result(database.transaction(table).objectStore(table).getAll()))
    }
    database.close()
  }
  const stored = {
    'the page': [document.documentElement.outerHTML, inputs],
    // Not in WebKitGTK 2.50.
    'the history': navigation?.entries().map(({ url }) => url),
    'history.state': history.state as unknown,
    'Web Storage': [{ ...localStorage }, { ...sessionStorage }],
    'window.name': name,
    IndexedDB: rows,
  }
  const entries = Object.entries(stored).map(([where, value]) => [where, JSON.stringify(value) ?? ''])
  return Object.fromEntries(entries)
}
