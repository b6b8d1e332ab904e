import type { AuthorizationRequest } from '@pds/auth-oauth'
import type { CookieCipher, CookieKind } from './cookie-cipher.ts'

/** A sign-in that waits for its callback. */
export interface PendingSignIn extends Omit<AuthorizationRequest, 'url'> {
  /** A path of the application. */
  readonly returnTo: string
}

/** What names and limits the cookies. */
export interface CookieSettings {
  /** Whether the application is served over `http:` on this machine, where some browsers refuse secure cookies. */
  readonly isLoopback: boolean
  readonly name: string
  /** In seconds. */
  readonly maxAge: number
}

// In seconds. The vendor does not document how long a sign-in may take; it ends with its code, after minutes.
const signInMaxAge = 600
// Several tabs may sign in at the same time.
const maxPending = 3
// In characters. Browsers keep cookies of 4096 bytes with name and attributes (RFC 6265 section 6.1).
const maxLength = 3800

/** Reads and writes the cookies of a back end: the key of the session, and the sign-ins that wait for their callbacks. */
export class BackendCookies {
  readonly #cipher: CookieCipher
  readonly #settings: CookieSettings

  constructor(cipher: CookieCipher, settings: CookieSettings) {
    this.#cipher = cipher
    this.#settings = settings
  }

  /** Returns the key of the session, or undefined without a valid cookie. */
  async readSession(request: Request): Promise<string | undefined> {
    return (await this.#read(request, 'session'))?.sub
  }

  /** Returns the `Set-Cookie` header that stores the key of a session, or removes it. */
  async writeSession(key: string | undefined): Promise<string> {
    const { maxAge } = this.#settings
    if (key === undefined) return this.#header('session', '', 0)
    return this.#header('session', await this.#cipher.encrypt('session', { sub: key }, maxAge), maxAge)
  }

  /** Returns the sign-ins that wait for their callbacks, the newest one last. */
  async readSignIns(request: Request): Promise<readonly PendingSignIn[]> {
    const claims = await this.#read(request, 'sign-in')
    return (claims?.pending as readonly PendingSignIn[] | undefined) ?? []
  }

  /** Returns the `Set-Cookie` header that stores the newest sign-ins. An empty list removes the cookie. */
  async writeSignIns(signIns: readonly PendingSignIn[]): Promise<string> {
    for (let count = Math.min(maxPending, signIns.length); count > 0; count--) {
      const pending = signIns.slice(-count)
      const value = await this.#cipher.encrypt('sign-in', { pending }, signInMaxAge)
      if (value.length <= maxLength || count === 1) return this.#header('sign-in', value, signInMaxAge)
    }
    return this.#header('sign-in', '', 0)
  }

  async #read(request: Request, kind: CookieKind): Promise<ReturnType<CookieCipher['decrypt']>> {
    const start = `${this.#nameOf(kind)}=`
    const cookies = (request.headers.get('cookie') ?? '').split(';').map((cookie) => cookie.trim())
    const value = cookies.find((cookie) => cookie.startsWith(start))?.slice(start.length)
    return value ? this.#cipher.decrypt(kind, value) : undefined
  }

  /** A name with the prefix `__Host-` cannot be set by other hosts of the domain or over `http:`. */
  #nameOf(kind: CookieKind): string {
    const { name, isLoopback } = this.#settings
    const suffix = kind === 'session' ? '' : `-${kind}`
    return isLoopback ? `${name}-loopback${suffix}` : `__Host-${name}${suffix}`
  }

  #header(kind: CookieKind, value: string, maxAge: number): string {
    const secure = this.#settings.isLoopback ? '' : '; Secure'
    return `${this.#nameOf(kind)}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${secure}`
  }
}
