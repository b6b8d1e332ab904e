import type { User } from './user.ts'
import { base64url, randomToken, timingSafeEqual } from './webcrypto.ts'

/**
 * The signed-in browsers by the id in their cookie, and the CSRF tokens of their forms. Browsers without a signed-in
 * user are not stored.
 */
export class Browsers {
  readonly #users = new Map<string, User>()
  readonly #formKey: CryptoKey

  private constructor(formKey: CryptoKey) {
    this.#formKey = formKey
  }

  static async create(): Promise<Browsers> {
    const secret = crypto.getRandomValues(new Uint8Array(32))
    const algorithm = { name: 'HMAC', hash: 'SHA-256' }
    return new Browsers(await crypto.subtle.importKey('raw', secret, algorithm, false, ['sign']))
  }

  /** Returns the signed-in user of a browser. */
  findUser(id: string): User | undefined {
    return this.#users.get(id)
  }

  /** Signs a user in and returns a new browser id. The old id becomes invalid, which prevents session fixation. */
  signIn(oldId: string, user: User): string {
    this.#users.delete(oldId)
    const id = randomToken()
    this.#users.set(id, user)
    return id
  }

  /** Returns the CSRF token for a browser's forms. Without this token, other sites cannot submit them. */
  async formToken(id: string): Promise<string> {
    const bytes = await crypto.subtle.sign('HMAC', this.#formKey, new TextEncoder().encode(id))
    return base64url(new Uint8Array(bytes))
  }

  async isFormToken(id: string, token: string): Promise<boolean> {
    return timingSafeEqual(token, await this.formToken(id))
  }
}
