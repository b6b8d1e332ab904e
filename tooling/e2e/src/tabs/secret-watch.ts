import type { BrowserContext, Page } from 'browser'

/**
 * Remembers every token that the domain gave to the pages of a browser, and everything that these pages show or leave
 * behind, and finds the one in the other.
 */
export class SecretWatch {
  readonly #secrets = new Set<string>()
  readonly #seen: { where: string; text: string }[] = []
  readonly #context: BrowserContext

  private constructor(context: BrowserContext) {
    this.#context = context
  }

  static async begin(context: BrowserContext): Promise<SecretWatch> {
    const watch = new SecretWatch(context)
    context.on('request', (request) => watch.#see('the address of a request', request.url()))
    context.on('console', (message) => watch.#see('the console', message.text()))
    context.on('weberror', (error) => watch.#see('an error of a page', String(error.error().stack)))
    await context.exposeFunction('seen', (where: string, text: string) => watch.#see(where, text))
    await context.exposeFunction('issued', (secret: string) => watch.#secrets.add(secret))
    await context.addInitScript(() => {
      const { seen, issued, fetch } = globalThis as unknown as {
        seen: (where: string, text: string) => void
        issued: (secret: string) => Promise<void>
        fetch: typeof globalThis.fetch
      }
      globalThis.fetch = async (...request) => {
        const response = await fetch(...request)
        if (response.ok && response.url.endsWith('/oauth/token')) {
          const { access_token, refresh_token } = await response.clone().json()
          await Promise.all([issued(access_token), issued(refresh_token)])
        }
        return response
      }
      const broadcast = BroadcastChannel.prototype.postMessage
      BroadcastChannel.prototype.postMessage = function (message) {
        seen('a broadcast', JSON.stringify(message))
        broadcast.call(this, message)
      }
      addEventListener('message', ({ data }) => seen('a message', JSON.stringify(data)))
    })
    return watch
  }

  /** How many secrets the pages got by now. */
  get size(): number {
    return this.#secrets.size
  }

  /** Takes down what a page shows and keeps, and where it has been. */
  async look(page: Page): Promise<void> {
    this.#see('the address', page.url())
    this.#see('the page', await page.content())
    const kept = await page.evaluate(async () => {
      const read = (request: IDBRequest) =>
        new Promise<unknown>((resolve, reject) => {
          request.onsuccess = () => resolve(request.result)
          request.onerror = () => reject(request.error)
        })
      const records: unknown[] = []
      for (const { name = '' } of await indexedDB.databases()) {
        const database = (await read(indexedDB.open(name))) as IDBDatabase
        for (const store of database.objectStoreNames) {
          records.push(await read(database.transaction(store).objectStore(store).getAll()))
        }
        database.close()
      }
      const { navigation } = globalThis as unknown as { navigation: { entries(): { url: string }[] } }
      return {
        'the history': navigation.entries().map(({ url }) => url),
        'what history.state holds': history.state as unknown,
        localStorage: { ...localStorage },
        sessionStorage: { ...sessionStorage },
        IndexedDB: records,
        cookies: document.cookie,
      }
    })
    for (const [where, value] of Object.entries(kept)) this.#see(where, JSON.stringify(value) ?? '')
  }

  /** What was seen in a place. */
  seen(where: string): readonly string[] {
    return this.#seen.filter((entry) => entry.where === where).map(({ text }) => text)
  }

  /** Where secrets were seen. */
  async leaks(): Promise<string[]> {
    for (const page of this.#context.pages()) await this.look(page)
    const leaks = this.#seen.filter(({ text }) => [...this.#secrets].some((secret) => text.includes(secret)))
    return [...new Set(leaks.map(({ where }) => where))]
  }

  readonly #see = (where: string, text: string): void => {
    this.#seen.push({ where, text })
  }
}
