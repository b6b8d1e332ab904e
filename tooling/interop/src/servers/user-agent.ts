import { redirect_uri } from './server.ts'

/** A page, or the callback URL if `text` is undefined. */
export interface Visit {
  url: string
  text?: string
}

interface Cookie {
  name: string
  value: string
  path: string
}

/** Follows redirects, keeps cookies and submits forms, as a browser with one tab and one site does. */
export class UserAgent {
  #cookies: Cookie[] = []

  /** Opens a URL and follows redirects to a page, or to the redirect URI. */
  async open(url: string, init: RequestInit = {}): Promise<Visit> {
    if (url.startsWith(redirect_uri)) return { url }
    const { pathname } = new URL(url)
    const sent = this.#cookies.filter(({ path }) => pathname.startsWith(path))
    const headers = new Headers(init.headers)
    headers.set('cookie', sent.map(({ name, value }) => `${name}=${value}`).join('; '))
    const response = await fetch(url, { ...init, headers, redirect: 'manual' })
    for (const cookie of response.headers.getSetCookie()) this.#setCookie(cookie)
    const location = response.headers.get('location')
    if (location) return this.open(new URL(location, url).href)
    const text = await response.text()
    if (!response.ok) throw new Error(`${url}: status ${response.status}: ${text}`)
    return { url, text }
  }

  /** Submits the form of a page with its hidden fields. Follows redirects. */
  submit({ url, text = '' }: Visit, fields: Record<string, string> = {}): Promise<Visit> {
    const action = /<form[^>]* action="([^"]+)"/.exec(text)?.[1]
    if (!action) throw new Error(`${url} has no form`)
    const hidden = [...text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(
      ([, name = '', value = '']) => [name, value],
    )
    const body = new URLSearchParams({ ...Object.fromEntries(hidden), ...fields })
    return this.open(new URL(action, url).href, { method: 'POST', body })
  }

  #setCookie(header: string): void {
    const [pair = '', ...attributes] = header.split(/;\s*/)
    const [name = ''] = pair.split('=', 1)
    const path = attributes.find((each) => /^path=/i.test(each))?.slice('path='.length) ?? '/'
    this.#cookies = this.#cookies.filter((cookie) => cookie.name !== name || cookie.path !== path)
    const value = pair.slice(name.length + 1)
    if (value) this.#cookies.push({ name, value, path })
  }
}
