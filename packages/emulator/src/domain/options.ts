import type { LoggedRequest } from '../log/request-log.ts'
import type { EmulatorState } from './state.ts'
import type { User, UserOptions } from './user.ts'

/** A JWT application. It signs assertions with its private key. */
export interface JwtAppOptions {
  /** `jwt`. */
  type: 'jwt'
  /** The id of the application, which clients send as `client_id`. */
  client_id: string
  /** The name of the application. Default: `client_id`. */
  name?: string
  /** The RSA public key, as PEM (SPKI), in the form that the console accepts. Default: a new key pair. */
  public_key_pem?: string
  /**
   * The RSA private key, as PEM (PKCS#8), so that the key stays the same between starts. Its public key is derived, so
   * `public_key_pem` must be absent. Default: a new key pair.
   */
  private_key_pem?: string
}

/** An OAuth application. It runs on a web server, as a native (desktop or mobile) application, or in a browser. */
export interface OAuthAppOptions {
  /** Where the application runs: on a web server, native (desktop or mobile), or in a browser. */
  type: 'webserver' | 'native' | 'browser'
  /** The id of the application, which clients send as `client_id`. */
  client_id: string
  /** The name of the application, which the consent page shows. Default: `client_id`. */
  name?: string
  /** The client secret. Required for `webserver`. The other types are public clients (RFC 6749 section 2.1). */
  client_secret?: string
  /**
   * The registered redirect URIs. They are compared as strings. The loopback address of a native application matches
   * with any port (RFC 8252 section 7.3).
   */
  redirect_uris: readonly string[]
}

/**
 * The effect of a second use of a refresh token.
 *
 * The vendor documents that a refresh replaces the refresh token, but not what a second use does. By default, a second
 * use is rejected and has no further effect.
 */
export interface RotationOptions {
  /**
   * How long after its first use a refresh token returns the same tokens again, in milliseconds by the domain's clock.
   * These tokens must still be valid. Default: 0, a refresh token can be used once.
   */
  grace?: number
  /**
   * Whether the use of a spent refresh token after its grace period revokes all tokens of the same sign-in (RFC 9700
   * section 4.14.2, RFC 6749 section 10.4). Default: false.
   */
  revokeFamily?: boolean
}

/** A share link of the domain. */
export interface ShareLinkOptions {
  /** The id of the share link, unique in the domain. */
  share_id: string
  /** The password that `get_share_token` requires. Default: none. */
  share_pwd?: string
}

/** A call to a path of the option `api`. Its access token or share token is valid. */
export interface ApiCall {
  /** The user of the access token. Absent if the call has only a share token. */
  user?: Omit<User, 'hasLoggedIn'>
  /** The id of the share link that the share token belongs to. Absent if the call has no valid share token. */
  share_id?: string
  /** The JSON of the body. An empty body is an empty object. */
  body: unknown
  /** The request, whose body is read already. */
  request: Request
}

/**
 * Handles a call to a path of the option `api`. A returned `Response` is sent unchanged, `undefined` as status 204, and
 * any other value as JSON.
 */
export type ApiHandler = (call: ApiCall) => unknown

/** The options of `createEmulator`. */
export interface EmulatorOptions {
  /** The id of the domain. Default: `local`. */
  domain_id?: string
  /** The applications of the domain. Default: `defaultApps`, one of each type. */
  apps?: readonly (JwtAppOptions | OAuthAppOptions)[]
  /** The users of the domain. Default: `defaultUsers`, the user `user-1`. */
  users?: readonly UserOptions[]
  /** Returns the time in milliseconds since the epoch. `emulator.clock.advance` adds to it. Default: `Date.now`. */
  clock?: () => number
  /** The effect of a second use of a refresh token. Default: the second use is rejected. */
  rotation?: RotationOptions
  /**
   * Whether requests that deviate from the vendor's documents are rejected. Default: false. Clients of the service,
   * above all the vendor's own SDK, send such requests, so the emulator accepts them and marks them in the log, as
   * `deviations`.
   */
  strict?: boolean
  /**
   * Handlers for further protected paths, by path, for example `/v2/drive/list`. They are called for `POST` requests
   * with a valid access token or share token. Default: none.
   *
   * @example
   * ```ts
   * import { startEmulator } from '@pds/emulator'
   *
   * const emulator = await startEmulator({
   *   api: { '/v2/drive/list': ({ user }) => ({ items: [{ drive_id: user?.default_drive_id }] }) },
   * })
   * await emulator.close()
   * ```
   */
  api?: Readonly<Record<string, ApiHandler>>
  /** The share links of the domain. Default: `defaultShareLinks`, the share link `share-1` without a password. */
  shareLinks?: readonly ShareLinkOptions[]
  /**
   * The users and tokens of an earlier emulator, from `emulator.exportState()`. Default: none. Users of `users` that the
   * state does not have are added.
   */
  state?: EmulatorState
  /** Called with each request when it is added to the log. Default: nothing. */
  onRequest?: (request: LoggedRequest) => void
}

/** One application of each type. The client secret is public: it is the same in every emulator. */
export const defaultApps: readonly (JwtAppOptions | OAuthAppOptions)[] = [
  { type: 'jwt', client_id: 'jwt-app', name: 'JWT application' },
  {
    type: 'webserver',
    client_id: 'webserver-app',
    name: 'WebServer application',
    client_secret: 'webserver-app-secret',
    redirect_uris: ['http://127.0.0.1:3000/callback', 'http://localhost:3000/callback'],
  },
  {
    type: 'native',
    client_id: 'native-app',
    name: 'Native application',
    redirect_uris: ['http://127.0.0.1:3000/callback', 'com.example.app:/callback'],
  },
  {
    type: 'browser',
    client_id: 'browser-app',
    name: 'Browser application',
    redirect_uris: ['http://127.0.0.1:5173/callback', 'http://localhost:5173/callback'],
  },
]

/** One share link with the id `share-1` and no password. */
export const defaultShareLinks: readonly ShareLinkOptions[] = [{ share_id: 'share-1' }]
