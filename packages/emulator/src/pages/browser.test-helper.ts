import type { RunningEmulator } from '@pds/emulator'

/** The parameters of an authorization request that nothing is wrong with. */
export const rightQuery = {
  client_id: 'webserver-app',
  redirect_uri: 'http://127.0.0.1:3000/callback',
  response_type: 'code',
  login_type: 'default',
  state: 'the-state',
}

export interface Seen {
  status: number
  headers: Headers
  html: string
  /** The address of a redirect. */
  location: URL | undefined
}

/** A browser as far as these pages need one: it keeps cookies, and follows nothing by itself. */
export class TestBrowser {
  cookie = ''
  readonly #emulator: RunningEmulator
  readonly #headers: Record<string, string>

  constructor(emulator: RunningEmulator, headers: Record<string, string> = {}) {
    this.#emulator = emulator
    this.#headers = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8', ...headers }
  }

  /** Opens the authorize address, or another one. */
  open(query: Record<string, string> | string | URL = rightQuery): Promise<Seen> {
    return this.#send(this.#address(query), {})
  }

  /** Sends a form of that address. */
  async post(
    form: Record<string, string>,
    query: Record<string, string> | string | URL = rightQuery,
    headers: Record<string, string> = {},
  ): Promise<Seen> {
    return this.#send(this.#address(query), { method: 'POST', body: new URLSearchParams(form), headers })
  }

  /** Opens the address for its form's token, and sends the form. */
  async submit(
    form: Record<string, string>,
    query: Record<string, string> | URL = rightQuery,
  ): Promise<Seen> {
    const csrf_token = csrfTokenOf(await this.open(query))
    return this.post({ csrf_token, ...form }, query)
  }

  #address(query: Record<string, string> | string | URL): URL {
    if (query instanceof URL) return query
    return new URL(`/v2/oauth/authorize?${new URLSearchParams(query)}`, this.#emulator.api_endpoint)
  }

  async #send(address: URL, init: RequestInit): Promise<Seen> {
    const cookie = this.cookie === '' ? undefined : { cookie: this.cookie }
    const headers = { ...this.#headers, ...cookie, ...(init.headers as Record<string, string>) }
    const response = await fetch(address, { ...init, headers, redirect: 'manual' })
    for (const set of response.headers.getSetCookie()) this.cookie = set.split(';')[0] ?? ''
    const location = response.headers.get('location')
    return {
      status: response.status,
      headers: response.headers,
      html: await response.text(),
      location: location === null ? undefined : new URL(location, address),
    }
  }
}

export function csrfTokenOf({ html }: Seen): string {
  return /name="csrf_token" value="([\w-]+)"/.exec(html)?.[1] ?? ''
}

/** What a redirect tells the application. */
export function answerOf({ location }: Seen): Record<string, string> {
  return Object.fromEntries(location?.searchParams ?? [])
}

/** How many redirects have carried a code. */
export function countCodes({ requests }: RunningEmulator): number {
  return requests.filter(({ response }) => typeof response === 'string' && /[?&]code=/.test(response)).length
}
