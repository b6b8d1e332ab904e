import { createFetchHandler } from './create-fetch-handler.ts'
import type { EmulatorApp, JwtApp, OAuthApp } from './domain/apps.ts'
import type { EmulatorClock } from './domain/domain.ts'
import { Domain } from './domain/domain.ts'
import type { EmulatorOptions, User } from './domain/options.ts'
import type { InvalidTokenUses } from './domain/token-registry.ts'
import type { Fault } from './faults/fault.ts'
import { FaultQueue } from './faults/fault-queue.ts'
import { type LoggedRequest, RequestLog } from './log/request-log.ts'
import { authorize } from './routes/authorize.ts'

/** An authorization request. Only `client_id` is required. */
export interface CodeRequest {
  /** The id of an OAuth application of the domain. */
  client_id: string
  /** The redirect URI. Default: the first redirect URI of the application. */
  redirect_uri?: string
  /** The id of the user who signs in. Default: the first user of the domain. */
  user_id?: string
  /** The requested scopes, separated by spaces or commas. Default: all scopes. */
  scope?: string
  /** The code challenge (RFC 7636 section 4.2). Default: none, the code can be exchanged without a code verifier. */
  code_challenge?: string
  /** The method of the code challenge: `S256`. Required with `code_challenge`. */
  code_challenge_method?: 'S256'
}

/** A PDS domain in memory. */
export interface Emulator {
  /** The id of the domain. */
  readonly domain_id: string
  /** Returns the first JWT application whose private key the emulator has. Throws a `TypeError` if the domain has none. */
  app(type: 'jwt'): JwtApp & {
    /** The private key as PEM (PKCS#8). */
    private_key_pem: string
  }
  /** Returns the first OAuth application of a type, with its secret. Throws a `TypeError` if the domain has none. */
  app(type: 'webserver' | 'native' | 'browser'): OAuthApp
  /** The applications of the domain. */
  readonly apps: readonly EmulatorApp[]
  /** The current users of the domain, including those created by `auto_create`. */
  readonly users: readonly Pick<User, 'user_id' | 'user_name' | 'role'>[]
  /**
   * Approves an authorization request without a browser and returns the authorization code, which is valid for 10
   * minutes and one use. Throws if the request is not valid.
   *
   * @example
   * ```ts
   * import { createEmulator } from '@pds/emulator'
   *
   * const emulator = await createEmulator()
   * const code = emulator.createCode({ client_id: 'native-app', user_id: 'user-1' })
   * ```
   */
  createCode(request: CodeRequest): string
  /** The clock of the domain. It decides when tokens, codes and assertions expire, and sets the `Date` header. */
  readonly clock: EmulatorClock
  /** The last 10 000 requests, in the order of their responses, with secrets redacted. */
  readonly requests: readonly LoggedRequest[]
  /**
   * How often access and refresh tokens of the domain were used after they were spent, replaced, revoked or expired. A
   * client that manages its tokens correctly keeps both counts at 0. Successful uses in a grace period and sign-outs do
   * not count.
   */
  readonly invalidTokenUses: Readonly<InvalidTokenUses>
  /**
   * Injects a failure into the next request, or the next `times` requests. A request that matches several faults gets
   * only the one that was injected first. Throws a `TypeError` that names a wrong field.
   *
   * @example
   * ```ts
   * import { createEmulator } from '@pds/emulator'
   *
   * const emulator = await createEmulator()
   * emulator.injectFault({ type: 'throttle', retryAfter: 2, times: 3 })
   * emulator.injectFault({ type: 'drop', when: 'after', path: '/v2/oauth/token' })
   * ```
   */
  injectFault(fault: Fault): void
  /** The pending faults. `times` is the number of requests left. */
  readonly faults: readonly Fault[]
  /** Removes the pending faults. */
  clearFaults(): void
  /**
   * Handles a request to the domain in this process, for a URL with any host and port. Works like the global `fetch`:
   * rejects with a `TypeError` if a fault cuts the connection.
   */
  fetch(input: Request | URL | string, init?: RequestInit): Promise<Response>
}

/**
 * Creates a PDS domain in memory, without a server: send requests with `emulator.fetch`. `startEmulator` also starts a
 * server.
 *
 * Creates key pairs, so it is asynchronous. Throws a `TypeError` for an invalid application or a wrong `rotation`.
 *
 * @example
 * ```ts
 * import { createEmulator } from '@pds/emulator'
 *
 * const emulator = await createEmulator({ users: [{ user_id: 'ann' }] })
 * const response = await emulator.fetch('http://local.test/v2/user/get', { method: 'POST' })
 * response.status // 401: the request has no access token
 * ```
 */
export async function createEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const domain = await Domain.create(options)
  const log = new RequestLog()
  const faults = new FaultQueue()
  const handle = createFetchHandler(domain, log, faults)
  const apps = [...domain.apps.values()].map(({ app }) => app)

  function app(type: 'jwt'): JwtApp & { private_key_pem: string }
  function app(type: 'webserver' | 'native' | 'browser'): OAuthApp
  function app(type: EmulatorApp['type']): EmulatorApp {
    const ofType = apps.filter((each) => each.type === type)
    const found = ofType.find((each) => each.type !== 'jwt' || each.private_key_pem !== undefined)
    if (found) return found
    throw new TypeError(
      ofType.length === 0
        ? `app: the domain has no application of type ${type}`
        : 'app: the JWT applications of the domain are registered with public keys only: find them in apps',
    )
  }

  return {
    domain_id: domain.id,
    app,
    apps,
    get faults() {
      return faults.pending
    },
    injectFault: (fault) => faults.inject(fault),
    clearFaults: () => faults.clear(),
    get users() {
      return [...domain.users.values()].map(({ user_id, user_name, role }) => ({
        user_id,
        user_name,
        role,
      }))
    },
    createCode(request) {
      const registered = apps.find(({ client_id }) => client_id === request.client_id)
      const [redirect_uri = ''] = registered && 'redirect_uris' in registered ? registered.redirect_uris : []
      const [user_id = ''] = domain.users.keys()
      const query = { redirect_uri, user_id, response_type: 'code', login_type: 'default', ...request }
      const redirect = new URL(authorize(domain, new Map(Object.entries(query)))).searchParams
      const code = redirect.get('code')
      if (code === null) throw new TypeError(`createCode: ${redirect.get('error_description')}`)
      return code
    },
    clock: domain.clock,
    requests: log.entries,
    get invalidTokenUses() {
      return domain.invalidTokenUses
    },
    // A Request is passed on unchanged, because a server may have its own Request class.
    fetch: async (input, init) =>
      handle(typeof input === 'string' || input instanceof URL || init ? new Request(input, init) : input),
  }
}
