import { randomBytes } from 'node:crypto'

/**
 * STANDS IN FOR YOUR OWN LOGIN: it believes whoever says a name. Put in its place what your application has, such as
 * passwords, a directory or a single sign-on, and keep what it does with the cookie.
 */
export class StandInLogin {
  readonly #users = new Map<string, string>()
  readonly #attributes: string

  /** Takes the origin of the application, such as `https://app.example.com`. */
  constructor(origin: string) {
    // No script of the page reads it, and no other site sends it.
    this.#attributes = `; Path=/; HttpOnly; SameSite=Strict${origin.startsWith('https:') ? '; Secure' : ''}`
  }

  /** Gives the `Set-Cookie` of a user who has signed in. */
  signIn(user_id: string): string {
    const id = randomBytes(32).toString('base64url')
    this.#users.set(id, user_id)
    return `app_login=${id}${this.#attributes}`
  }

  /** Gives the user whose `Cookie` header this is. */
  userOf(cookie: string | null | undefined): string | undefined {
    return this.#users.get(idIn(cookie))
  }

  /** Gives the `Set-Cookie` of a user who has signed out. */
  signOut(cookie: string | null | undefined): string {
    this.#users.delete(idIn(cookie))
    return `app_login=${this.#attributes}; Max-Age=0`
  }
}

function idIn(cookie: string | null | undefined): string {
  return /(?:^|; )app_login=([^;]*)/.exec(cookie ?? '')?.[1] ?? ''
}
