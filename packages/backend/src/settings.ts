import type { PDSTransport } from '@pds/core'
import {
  anyOption,
  checkOptions,
  countOption,
  functionOption,
  invalidParameter,
  isLoopback,
  mustBe,
  type OptionValidator,
  parseEndpoint,
  textOption,
  transportOption,
} from '@pds/core/internal'
import type { Sessions } from '@pds/session'
import type {
  BackendCookie,
  BackendOptions,
  BackendSignIn,
  BackendSignInParams,
  OwnLoginOptions,
  SharedBackendOptions,
} from './backend-options.ts'
import { BackendCookies } from './cookies/backend-cookies.ts'
import { CookieCipher } from './cookies/cookie-cipher.ts'
import type { KnownOrigins } from './protection/check-origin.ts'
import { ForcedRenewals } from './protection/forced-renewals.ts'

const method = 'createBackend'
const defaultMaxAge = 2_592_000

/** The checked options of a back end. */
export interface Settings {
  readonly sessions: Sessions
  readonly basePath: string
  readonly origins: KnownOrigins
  readonly clock: () => number
  readonly onError: ((error: unknown, request: Request) => void) | undefined
  readonly renewals: ForcedRenewals
  /** Returns the user of the application's own login. Undefined if users sign in to PDS. */
  readonly userOf: OwnLoginOptions<never>['userOf'] | undefined
  readonly signIn: SignInSettings | undefined
}

/** The settings of a back end whose users sign in to PDS. */
export interface SignInSettings {
  readonly transport: PDSTransport
  /** The parameters of `createAuthorizationUrl`. */
  readonly params: BackendSignInParams
  /** What authenticates the application at the token endpoint. */
  readonly credentials: Pick<BackendSignIn, 'client_secret' | 'client_auth'>
  readonly cookies: BackendCookies
  readonly errorPath: string | undefined
  /** The origin of the redirect URI. */
  readonly origin: string
  /** The path of the redirect URI. */
  readonly callbackPath: string
}

/** Checks the options of `createBackend`. Throws `InvalidParameter`. */
export function readSettings(options: BackendOptions<never>): Settings {
  const given: SharedBackendOptions = options
  const checked = checkOptions(method, given, {
    sessions: {
      wants: 'the result of createSessions',
      accepts: (value) => typeof Object(value).get === 'function',
      isRequired: true,
    },
    userOf: functionOption,
    signIn: anyOption,
    cookie: anyOption,
    basePath: {
      wants: "a path that starts with / and does not end with it, for example '/pds'",
      accepts: (value) => typeof value === 'string' && /^(\/[\w.~-]+)+$/.test(value),
    },
    origin: anyOption,
    origins: { wants: 'an array of origins', accepts: (value) => Array.isArray(value) },
    onError: functionOption,
    clock: functionOption,
  })
  const { sessions, basePath = '/pds', clock = Date.now, onError } = checked
  const { userOf, signIn, cookie } = options
  if (!userOf === !signIn) {
    throw invalidParameter(
      `${method}: pass either userOf, which returns the signed-in user of your application, or signIn with cookie`,
    )
  }
  if (cookie && !signIn) {
    throw invalidParameter(`${method}: cookie needs signIn: with userOf, your own login has the cookie`)
  }
  const signInSettings = signIn && readSignIn(signIn, cookie, clock)
  const own = checked.origin === undefined ? signInSettings?.origin : readOrigin('origin', checked.origin)
  if (signInSettings && own !== signInSettings.origin) {
    throw invalidParameter(`${method}: origin must be the origin of signIn.redirect_uri`)
  }
  const named = new Set((checked.origins ?? []).map((each) => readOrigin('origins', each)))
  const callback = signInSettings?.callbackPath ?? ''
  if (['token', 'sign-out', 'sign-in'].some((route) => callback === `${basePath}/${route}`)) {
    throw invalidParameter(`${method}: signIn.redirect_uri has the path of the route ${callback}`)
  }
  const renewals = new ForcedRenewals(clock)
  return {
    sessions,
    basePath,
    origins: { own, named },
    clock,
    onError,
    renewals,
    userOf,
    signIn: signInSettings,
  }
}

function readSignIn(
  signIn: BackendSignIn,
  cookie: BackendCookie | undefined,
  clock: () => number,
): SignInSettings {
  checkOptions(method, signIn, signInValidators, 'signIn', 'signIn.')
  const { transport, client_secret, client_auth, errorPath, ...params } = signIn
  const { origin, protocol, hostname, pathname } = new URL(params.redirect_uri)
  const isHttp = protocol === 'http:'
  if (isHttp && !isLoopback(hostname)) {
    throw invalidParameter(`${method}: signIn.redirect_uri is ${origin}: use https: outside of this machine`)
  }
  const checked = checkOptions(method, cookie ?? ({} as BackendCookie), cookieValidators, 'cookie', 'cookie.')
  const { name = 'pds', maxAge = defaultMaxAge } = checked
  // Cookies of another application or server are not accepted, even with the same secret.
  const application = JSON.stringify([params.client_id, transport.authorization_endpoint])
  const cipher = new CookieCipher(checked.secret as BackendCookie['secret'], application, clock)
  const cookies = new BackendCookies(cipher, { isLoopback: isHttp, name, maxAge })
  const credentials = { client_secret, client_auth }
  return { transport, params, credentials, cookies, errorPath, origin, callbackPath: pathname }
}

const redirectUri: OptionValidator<string> = {
  wants: 'an absolute https: URL, or http: on this machine, for example https://app.example.com/pds/callback',
  accepts: (value) =>
    typeof value === 'string' && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol),
  isRequired: true,
}

const signInValidators: Readonly<Record<keyof BackendSignIn, OptionValidator>> = {
  transport: transportOption,
  client_id: { ...textOption, isRequired: true },
  client_secret: textOption,
  client_auth: anyOption,
  redirect_uri: redirectUri,
  login_type: anyOption,
  scope: anyOption,
  hide_consent: anyOption,
  prompt: anyOption,
  extraParams: anyOption,
  errorPath: {
    wants: 'a path that starts with one /',
    accepts: (value) => typeof value === 'string' && /^\/(?![/\\])/.test(value),
  },
}

const cookieValidators: Readonly<Record<keyof BackendCookie, OptionValidator>> = {
  secret: anyOption,
  name: {
    wants: 'a name of letters, digits, - and _',
    accepts: (value) => typeof value === 'string' && /^[\w-]+$/.test(value),
  },
  maxAge: countOption,
}

function readOrigin(name: string, value: unknown): string {
  const { origin } = new URL(parseEndpoint(`${method}: ${name}`, value, false))
  if (value === origin) return origin
  throw mustBe(`${method}: ${name}`, `an origin without a path, for example ${origin}`, value)
}
