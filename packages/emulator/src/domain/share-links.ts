import type { ShareLinkOptions } from './options.ts'
import { invalidShareToken, notMatch, ServiceError } from './service-error.ts'
import { randomToken } from './webcrypto.ts'

/** The share links of a domain and the tokens that were issued for them. */
export class ShareLinks {
  readonly #passwords: ReadonlyMap<string, string>
  readonly #tokens = new Map<string, { share_id: string; expiresAt: number }>()

  constructor(links: readonly ShareLinkOptions[]) {
    this.#passwords = new Map(links.map(({ share_id, share_pwd = '' }) => [share_id, share_pwd]))
  }

  /** Issues a share token that expires at `expiresAt`, in milliseconds since the epoch. Throws the service's error. */
  issue(share_id: string, share_pwd: string, expiresAt: number): string {
    const password = this.#passwords.get(share_id)
    if (password === undefined) {
      throw new ServiceError(404, 'NotFound.ShareLink', 'The share link does not exist.')
    }
    if (password !== share_pwd) throw notMatch('share_pwd', 'it is not the password of the share link')
    const token = randomToken()
    this.#tokens.set(token, { share_id, expiresAt })
    return token
  }

  /** Returns the id of the share link that a valid share token belongs to. Throws the service's error. */
  findToken(share_token: string, now: number): string {
    const issued = this.#tokens.get(share_token)
    if (!issued || issued.expiresAt <= now) throw invalidShareToken()
    return issued.share_id
  }
}
