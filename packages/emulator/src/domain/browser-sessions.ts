import type { User } from './options.ts'
import { base64url, randomToken, timingSafeEqual } from './webcrypto.ts'

/**
 * The browsers that people have signed in with, by the id in their cookie, and the tokens of the forms that they are
 * shown. A browser that has not signed in is not kept.
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

  /** Who has signed in with a browser. */
  findUser(id: string): User | undefined {
    return this.#users.get(id)
  }

  /** Signs a user in, and gives the browser's new id: whoever knew the old one knows no more than before. */
  signIn(oldId: string, user: User): string {
    this.#users.delete(oldId)
    const id = randomToken()
    this.#users.set(id, user)
    return id
  }

  /** What a form must bring back, so that no other page can send one in the browser's name. */
  async formToken(id: string): Promise<string> {
    const bytes = await crypto.subtle.sign('HMAC', this.#formKey, new TextEncoder().encode(id))
    return base64url(new Uint8Array(bytes))
  }

  async isFormToken(id: string, token: string): Promise<boolean> {
    return timingSafeEqual(token, await this.formToken(id))
  }
}
