import type { RunningEmulator } from '@pds/emulator'

/** The parameters of a valid authorization request. */
export const validQuery = {
  client_id: 'webserver-app',
  redirect_uri: 'http://127.0.0.1:3000/callback',
  response_type: 'code',
  login_type: 'default',
  state: 'the-state',
}

export interface PageResponse {
  status: number
  headers: Headers
  html: string
  /** The URL of a redirect. */
  location: URL | undefined
}

/** A simple browser that stores cookies and does not follow redirects. */
export class TestBrowser {
  cookie = ''
  readonly #emulator: RunningEmulator
  readonly #headers: Record<string, string>

  constructor(emulator: RunningEmulator, headers: Record<string, string> = {}) {
    this.#emulator = emulator
    this.#headers = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8', ...headers }
  }

  /** Opens the authorization endpoint with a query, or another URL. */
  open(query: Record<string, string> | string | URL = validQuery): Promise<PageResponse> {
    return this.#send(this.#url(query), {})
  }

  /** Submits a form to that URL. */
  async post(
    form: Record<string, string>,
    query: Record<string, string> | string | URL = validQuery,
    headers: Record<string, string> = {},
  ): Promise<PageResponse> {
    return this.#send(this.#url(query), { method: 'POST', body: new URLSearchParams(form), headers })
  }

  /** Opens the URL, then submits its form with the CSRF token. */
  async submit(
    form: Record<string, string>,
    query: Record<string, string> | URL = validQuery,
  ): Promise<PageResponse> {
    const csrf_token = csrfTokenOf(await this.open(query))
    return this.post({ csrf_token, ...form }, query)
  }

  #url(query: Record<string, string> | string | URL): URL {
    if (query instanceof URL) return query
    return new URL(`/v2/oauth/authorize?${new URLSearchParams(query)}`, this.#emulator.api_endpoint)
  }

  async #send(url: URL, init: RequestInit): Promise<PageResponse> {
    const cookie = this.cookie === '' ? undefined : { cookie: this.cookie }
    const headers = { ...this.#headers, ...cookie, ...(init.headers as Record<string, string>) }
    const response = await fetch(url, { ...init, headers, redirect: 'manual' })
    for (const set of response.headers.getSetCookie()) this.cookie = set.split(';')[0] ?? ''
    const location = response.headers.get('location')
    return {
      status: response.status,
      headers: response.headers,
      html: await response.text(),
      location: location === null ? undefined : new URL(location, url),
    }
  }
}

export function csrfTokenOf({ html }: PageResponse): string {
  return /name="csrf_token" value="([\w-]+)"/.exec(html)?.[1] ?? ''
}

/** Returns the parameters that a redirect sends to the application. */
export function callbackParams({ location }: PageResponse): Record<string, string> {
  return Object.fromEntries(location?.searchParams ?? [])
}

/** Counts the redirects with a code. */
export function countCodes({ requests }: RunningEmulator): number {
  return requests.filter(({ response }) => typeof response === 'string' && /[?&]code=/.test(response)).length
}
