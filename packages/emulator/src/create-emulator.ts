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

/** An authorization request; what is left out has the value of the first user and the first redirect URI. */
export interface CodeRequest {
  /** The id of an OAuth application of the domain. */
  client_id: string
  /** Default: the application's first one. */
  redirect_uri?: string
  /** Who signs in. Default: the first user of the domain. */
  user_id?: string
  /** What the application may do. Default: all. */
  scope?: string
  /** What the code verifier is compared with (RFC 7636 section 4.2). Default: none, the code needs no verifier. */
  code_challenge?: string
  /** How the challenge was made of the code verifier: `S256`. Required with `code_challenge`. */
  code_challenge_method?: 'S256'
}

/** A PDS domain in memory. */
export interface Emulator {
  /** The id of the domain. */
  readonly domain_id: string
  /** The first application of a type, with its key or secret. Throws where the domain has none. */
  app(type: 'jwt'): JwtApp
  /** The first application of a type, with its key or secret. Throws where the domain has none. */
  app(type: 'webserver' | 'native' | 'browser'): OAuthApp
  /** The applications of the domain. */
  readonly apps: readonly EmulatorApp[]
  /** The users by now, also those that `auto_create` created. */
  readonly users: readonly Pick<User, 'user_id' | 'user_name' | 'role'>[]
  /**
   * Approves an authorization request without a browser, as `GET /v2/oauth/authorize` does, and gives the code.
   * Throws where that would not redirect with one.
   */
  createCode(request: CodeRequest): string
  /** Movable: tokens, codes and assertions live and die by it, and the `Date` header shows it. */
  readonly clock: EmulatorClock
  /** What was asked, in the order of the answers; the last 10 000 requests, with secrets masked. */
  readonly requests: readonly LoggedRequest[]
  /**
   * How often an access or a refresh token was used that the domain had issued, and that was spent, replaced, revoked
   * or expired when it came; a client that keeps its tokens well leaves both at 0. What a grace answers is not
   * counted, and signing out is no use of a token.
   */
  readonly invalidTokenUses: Readonly<InvalidTokenUses>
  /**
   * Makes something go wrong with the next request, or the next ones, that a fault is for. Of several faults that
   * are for a request it meets the first one only. Throws `TypeError` that names a wrong field.
   */
  injectFault(fault: Fault): void
  /** The faults that wait, each with how many requests it has yet to hit. */
  readonly faults: readonly Fault[]
  /** Forgets the faults that wait. */
  clearFaults(): void
  /**
   * Answers a request to the domain, at any host and port, as fetch does: it rejects with a `TypeError` where a fault
   * cuts the connection.
   */
  fetch(input: Request | URL | string, init?: RequestInit): Promise<Response>
}

/**
 * Makes a PDS domain that lives in memory, as a fetch handler; see `startEmulator` for a server.
 *
 * It is asynchronous because it makes key pairs. Throws `TypeError` for applications that cannot be registered, and
 * one that names the field for a wrong `rotation`.
 */
export async function createEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const domain = await Domain.create(options)
  const log = new RequestLog()
  const faults = new FaultQueue()
  const response = createFetchHandler(domain, log, faults)
  const apps = [...domain.apps.values()].map(({ app }) => app)

  function app(type: 'jwt'): JwtApp
  function app(type: 'webserver' | 'native' | 'browser'): OAuthApp
  function app(type: EmulatorApp['type']): EmulatorApp {
    const found = apps.find((candidate) => candidate.type === type)
    if (!found) throw new TypeError(`the domain has no application of the type ${type}`)
    return found
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
      if (code === null) throw new TypeError(`no code is given: ${redirect.get('error_description')}`)
      return code
    },
    clock: domain.clock,
    requests: log.entries,
    get invalidTokenUses() {
      return domain.invalidTokenUses
    },
    // A server's own kind of Request is taken as it is.
    fetch: async (input, init) =>
      response(typeof input === 'string' || input instanceof URL || init ? new Request(input, init) : input),
  }
}
