/** A JWT application: it signs assertions with its private key. */
export interface JwtAppOptions {
  type: 'jwt'
  client_id: string
  name?: string
  /** The RSA public key as PEM (SPKI), as the console is given it. Default: a new key pair. */
  public_key_pem?: string
}

/** An OAuth application: on a web server, native (desktop or mobile), or in a browser. */
export interface OAuthAppOptions {
  type: 'webserver' | 'native' | 'browser'
  client_id: string
  name?: string
  /** Required for `webserver`; the others are public clients (RFC 6749 section 2.1). */
  client_secret?: string
  /** Compared as they are; a native application's loopback address with any port (RFC 8252 section 7.3). */
  redirect_uris: readonly string[]
}

export interface UserOptions {
  user_id: string
  /** Default: `user_id`. */
  user_name?: string
  /** Default: `user_name`. */
  nick_name?: string
  /** Default: `user`. */
  role?: 'user' | 'admin' | 'superadmin'
}

/**
 * What a second use of a refresh token leads to.
 *
 * The vendor says that refresh tokens are replaced, and not which of these the service does. By default the second use
 * is refused, and nothing else happens.
 */
export interface RotationOptions {
  /**
   * How long after its first use a refresh token gives the same tokens again, in milliseconds by the domain's clock,
   * provided that these are alive. Default: 0, a refresh token is good for one use.
   */
  grace?: number
  /**
   * Whether the use of a spent refresh token, outside of its grace, kills all tokens that came from the same sign-in
   * (RFC 9700 section 4.14.2, RFC 6749 section 10.4). Default: false.
   */
  revokeFamily?: boolean
}

/** What an emulated domain consists of. */
export interface EmulatorOptions {
  /** Default: `local`. */
  domain_id?: string
  /** Default: one of each type, see `defaultApps`. */
  apps?: readonly (JwtAppOptions | OAuthAppOptions)[]
  /** Default: one user, `user-1`. */
  users?: readonly UserOptions[]
  /** The clock that the emulator starts from, in milliseconds since the epoch. Default: `Date.now`. */
  clock?: () => number
  /** Default: strict, see `RotationOptions`. */
  rotation?: RotationOptions
}

/** One application of each type. The secret is no secret: it is the same in every emulator. */
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

export const defaultUsers: readonly UserOptions[] = [{ user_id: 'user-1', user_name: 'User 1' }]
