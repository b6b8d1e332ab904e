import { randomBytes } from 'node:crypto'

/**
 * PLACEHOLDER FOR YOUR OWN LOGIN: it accepts any user name without a password. Replace it with the login of your
 * application, such as passwords, a directory or single sign-on, and keep its cookie attributes.
 */
export class StandInLogin {
  readonly #users = new Map<string, string>()
  readonly #attributes: string

  /** `origin` is the origin of the application, such as `https://app.example.com`. */
  constructor(origin: string) {
    // Scripts of the page cannot read the cookie, and requests from other sites do not contain it.
    this.#attributes = `; Path=/; HttpOnly; SameSite=Strict${origin.startsWith('https:') ? '; Secure' : ''}`
  }

  /** Signs a user in. Returns the `Set-Cookie` header. */
  signIn(user_id: string): string {
    const id = randomBytes(32).toString('base64url')
    this.#users.set(id, user_id)
    return `app_login=${id}${this.#attributes}`
  }

  /** Returns the user of a `Cookie` header. */
  userOf(cookie: string | null | undefined): string | undefined {
    return this.#users.get(loginId(cookie))
  }

  /** Signs a user out. Returns the `Set-Cookie` header. */
  signOut(cookie: string | null | undefined): string {
    this.#users.delete(loginId(cookie))
    return `app_login=${this.#attributes}; Max-Age=0`
  }
}

function loginId(cookie: string | null | undefined): string {
  return /(?:^|; )app_login=([^;]*)/.exec(cookie ?? '')?.[1] ?? ''
}
