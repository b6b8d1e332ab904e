import { invalidParameter } from '../errors/invalid-parameter.ts'

/**
 * How an application sends its id and secret: `post` as parameters (`client_secret_post`), `basic` in the `authorization`
 * header (`client_secret_basic`).
 *
 * @see RFC 6749 section 2.3.1
 */
export type ClientAuth = 'post' | 'basic'

/** The id and the secret of an application. */
export interface ClientCredentials {
  /** The id of the application. */
  client_id: string
  /** The secret of the application. */
  client_secret: string
}

/**
 * Separates the credentials that are sent in the `authorization` header from the parameters. Throws `InvalidParameter`
 * if `client_auth` is `basic` without a secret.
 */
export function authenticateClient<T extends { client_id: string; client_secret?: string | undefined }>(
  method: string,
  { client_auth, ...params }: T & { client_auth?: ClientAuth | undefined },
): { client?: ClientCredentials; params: Omit<T, 'client_auth'> } {
  if (client_auth !== 'basic') return { params: params as unknown as T }
  const { client_id, client_secret, ...rest } = params
  if (!client_secret) throw invalidParameter(`${method}: client_auth 'basic' needs a client_secret`)
  return { client: { client_id, client_secret }, params: rest as unknown as T }
}

/**
 * Returns the value of the `authorization` header for `client_secret_basic`. The id and the secret are encoded as
 * `application/x-www-form-urlencoded` before base64.
 */
export function basicCredentials({ client_id, client_secret }: ClientCredentials): string {
  const pair = `${new URLSearchParams([[client_id, client_secret]])}`
  return `Basic ${btoa(pair.replace('=', ':'))}`
}
