/** A JWT application: it signs assertions with its private key. */
export interface JwtAppOptions {
  /** `jwt`. */
  type: 'jwt'
  /** The id of the application, which clients send as `client_id`. */
  client_id: string
  /** The name of the application. Default: `client_id`. */
  name?: string
  /** The RSA public key as PEM (SPKI), as the console is given it. Default: a new key pair. */
  public_key_pem?: string
}

/** An OAuth application: on a web server, native (desktop or mobile), or in a browser. */
export interface OAuthAppOptions {
  /** Where the application runs: on a web server, native (desktop or mobile), or in a browser. */
  type: 'webserver' | 'native' | 'browser'
  /** The id of the application, which clients send as `client_id`. */
  client_id: string
  /** The name of the application, which the consent page shows. Default: `client_id`. */
  name?: string
  /** Required for `webserver`; the others are public clients (RFC 6749 section 2.1). */
  client_secret?: string
  /** Compared as they are; a native application's loopback address with any port (RFC 8252 section 7.3). */
  redirect_uris: readonly string[]
}

/** A user of the domain. */
export interface UserOptions {
  /** The id of the user, unique in the domain. */
  user_id: string
  /** The name of the user. Default: `user_id`. */
  user_name?: string
  /** The name that the user goes by. Default: `user_name`. */
  nick_name?: string
  /** The role of the user. Default: `user`. */
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
  /** The id of the domain. Default: `local`. */
  domain_id?: string
  /** The applications of the domain. Default: one of each type, see `defaultApps`. */
  apps?: readonly (JwtAppOptions | OAuthAppOptions)[]
  /** The users of the domain. Default: one user, `user-1`. */
  users?: readonly UserOptions[]
  /** The clock that the emulator starts from, in milliseconds since the epoch. Default: `Date.now`. */
  clock?: () => number
  /** What a second use of a refresh token leads to. Default: strict, see `RotationOptions`. */
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

/** One user, `user-1`. */
export const defaultUsers: readonly UserOptions[] = [{ user_id: 'user-1', user_name: 'User 1' }]

/** A user of the domain. */
export interface User extends Required<UserOptions> {
  default_drive_id: string
  /** Whether a token has been issued for the user. */
  hasLoggedIn: boolean
}
