import type { ClientAuth, PDSTransport } from '@pds/core'
import type { Sessions } from '@pds/session'
import type { IAuthorizationReq } from '@pds/types'

/** The options that both forms of a back end share. */
export interface SharedBackendOptions {
  /** The sessions of your users, from `createSessions`. */
  sessions: Sessions
  /** The path that the routes start with. Default: `/pds`. */
  basePath?: string | undefined
  /**
   * The origin of your application in the browser, for example `https://app.example.com`. Default: the origin of the
   * redirect URI. Without one, browsers that send no `Sec-Fetch-Site` are checked against the URL of the request, which
   * differs behind a proxy.
   */
  origin?: string | undefined
  /** Other origins whose pages may call the token and sign-out routes with your cookies (CORS). Default: none. */
  origins?: readonly string[] | undefined
  /**
   * Receives each error of the routes, also those of the service, for your logs. A `PDSError` contains no secret. Default:
   * errors with the response status 500 become warnings of the process.
   */
  onError?: ((error: unknown, request: Request) => void) | undefined
  /** The clock, in milliseconds since the Unix epoch. Default: `Date.now`. */
  clock?: (() => number) | undefined
}

/** A back end with its own login, and usually a JWT application. `Native` is the request of the framework. */
export interface OwnLoginOptions<Native = unknown> extends SharedBackendOptions {
  /**
   * Returns the key of the session for a request, usually the id of your signed-in user, or undefined if no user is signed
   * in. `native` is the request of Express, Fastify or Node.js, or the context of Hono.
   */
  userOf: (request: Request, native: Native) => string | null | undefined | Promise<string | null | undefined>
  signIn?: undefined
  cookie?: undefined
}

/** A back end whose users sign in to PDS, with an OAuth application. */
export interface SignInBackendOptions extends SharedBackendOptions {
  /** The sign-in: the transport, the application and the parameters of `createAuthorizationUrl`. */
  signIn: BackendSignIn
  /** The cookies. */
  cookie: BackendCookie
  userOf?: undefined
}

/** The parameters of the authorization request. */
export interface BackendSignInParams
  extends Pick<
    IAuthorizationReq,
    'client_id' | 'login_type' | 'scope' | 'hide_consent' | 'prompt' | 'extraParams'
  > {
  /**
   * The redirect URI that is registered for the application, for example `https://app.example.com/pds/callback`. The back end
   * responds to its path.
   */
  redirect_uri: string
}

/** The sign-in of a back end. */
export interface BackendSignIn extends BackendSignInParams {
  /** The transport for the domain, from `createTransport`. */
  transport: PDSTransport
  /** The secret of a WebServer application. */
  client_secret?: string | undefined
  /** How the client secret is sent. Default: `post`. */
  client_auth?: ClientAuth | undefined
  /**
   * A path of your application that shows failed sign-ins. It gets the parameters `code` and `reqId`. Default: the response
   * is the error as JSON.
   */
  errorPath?: string | undefined
}

/** The cookies of a back end. They are encrypted and contain no token. */
export interface BackendCookie {
  /**
   * A secret that encrypts the cookies: at least 32 random bytes, or a text of at least 32 characters, for example from
   * `openssl rand -base64 32`. Of several secrets, the first one encrypts and all of them decrypt.
   */
  secret: CookieSecret | readonly CookieSecret[]
  /** The name of the session's cookie, which starts the names of all cookies. Default: `pds`. */
  name?: string | undefined
  /** How long the browser keeps a session, in seconds since the sign-in. Default: 2,592,000 (30 days). */
  maxAge?: number | undefined
}

/** A secret for cookies. Undefined is rejected with an error that names the option. */
export type CookieSecret = string | Uint8Array | undefined

/** The options of `createBackend`. */
export type BackendOptions<Native = unknown> = OwnLoginOptions<Native> | SignInBackendOptions
