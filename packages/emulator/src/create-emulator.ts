import { createFetchHandler } from './create-fetch-handler.ts'
import type { EmulatorApp, JwtApp, OAuthApp } from './domain/apps.ts'
import type { EmulatorClock } from './domain/domain.ts'
import { Domain } from './domain/domain.ts'
import type { EmulatorOptions } from './domain/options.ts'
import type { EmulatorSession, SessionFilter } from './domain/session-list.ts'
import type { EmulatorState } from './domain/state.ts'
import type { InvalidTokenUses } from './domain/token-registry.ts'
import type { User, UserOptions } from './domain/user.ts'
import type { Fault } from './faults/fault.ts'
import { FaultQueue } from './faults/fault-queue.ts'
import { type LoggedRequest, RequestLog } from './log/request-log.ts'
import { type CodeRequest, createCode } from './routes/create-code.ts'

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
  /** Creates a user. Throws a `TypeError` for a missing or used `user_id`. */
  createUser(options: UserOptions): void
  /** The sessions of the domain: the sign-ins whose refresh token is valid, in the order of their start. */
  readonly sessions: readonly EmulatorSession[]
  /**
   * Ends sessions, as an administrator of the domain may do: revokes their tokens. Returns the number of ended sessions.
   * Without a filter, ends all sessions.
   *
   * @example
   * ```ts
   * import { createEmulator } from '@pds/emulator'
   *
   * const emulator = await createEmulator()
   * emulator.endSessions({ user_id: 'user-1' }) // 0: the user has not signed in
   * ```
   */
  endSessions(filter?: SessionFilter): number
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
  /**
   * Returns the users and tokens as JSON, for the option `state` of a later emulator. The JSON contains the tokens
   * unencrypted. Codes, signed-in browsers and share tokens are not included.
   */
  exportState(): Promise<EmulatorState>
  /** The last 10 000 requests, in the order of their responses, with secrets redacted. */
  readonly requests: readonly LoggedRequest[]
  /** Removes all requests from the log. */
  clearRequests(): void
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
 * Creates key pairs, so it is asynchronous. Throws a `TypeError` for an unknown or invalid option.
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
  if (options.onRequest) log.listen(options.onRequest)
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
      return domain.listUsers()
    },
    createUser: (options) => void domain.createUser(options),
    get sessions() {
      return domain.sessions
    },
    endSessions: (filter) => domain.endSessions(filter),
    createCode: (request) => createCode(domain, request),
    clock: domain.clock,
    exportState: () => domain.save(),
    requests: log.entries,
    clearRequests: () => log.clear(),
    get invalidTokenUses() {
      return domain.invalidTokenUses
    },
    // A Request is passed on unchanged, because a server may have its own Request class.
    fetch: async (input, init) =>
      handle(typeof input === 'string' || input instanceof URL || init ? new Request(input, init) : input),
  }
}
