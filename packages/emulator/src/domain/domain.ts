import type { ITokenInfo } from '@pds/types'
import { generateKeyPair } from 'jose'
import type { RequestTrace } from '../log/request-log.ts'
import { type OAuthApp, type RegisteredApp, registerApp } from './apps.ts'
import { Browsers } from './browser-sessions.ts'
import { describeValue } from './check-fields.ts'
import { checkOptions, checkUser } from './check-options.ts'
import { createTokenSigner } from './create-token-signer.ts'
import { type ApiHandler, defaultApps, defaultShareLinks, type EmulatorOptions } from './options.ts'
import { parseRotation } from './parse-rotation.ts'
import { unknownClient } from './service-error.ts'
import { type EmulatorSession, findSessions, listSessions, type SessionFilter } from './session-list.ts'
import { ShareLinks } from './share-links.ts'
import type { EmulatorState } from './state.ts'
import type { Grant, TokenPair } from './token-pair.ts'
import { type InvalidTokenUses, TokenRegistry } from './token-registry.ts'
import type { User } from './user.ts'
import { defaultUsers, type UserOptions } from './user.ts'
import { randomToken } from './webcrypto.ts'

/** The clock of an emulated domain. */
export interface EmulatorClock {
  /** Returns the time in milliseconds since the epoch. */
  now(): number
  /**
   * Moves the clock forward by a number of milliseconds. A negative number moves it back. Throws a `RangeError` for a
   * number that does not lead to a valid date.
   */
  advance(milliseconds: number): void
  /** Undoes all calls of `advance`. */
  reset(): void
}

/** A clock that tells how far it was moved, in milliseconds. */
interface MovableClock extends EmulatorClock {
  readonly offset: number
}

/** No token of the domain lives longer, in milliseconds. */
const maxLifetime = 7 * 24 * 3_600_000

function createClock(base: () => number): MovableClock {
  let offset = 0
  return {
    get offset() {
      return offset
    },
    now: () => base() + offset,
    advance(milliseconds) {
      const next = offset + milliseconds
      if (!Number.isFinite(milliseconds) || Number.isNaN(new Date(base() + next + maxLifetime).getTime())) {
        throw new RangeError(
          `advance: milliseconds must be a number that leads to a valid date (received ${describeValue(milliseconds)})`,
        )
      }
      offset = next
    },
    reset() {
      offset = 0
    },
  }
}

/** The lifetime of a code, in milliseconds (RFC 6749 section 4.1.2). The vendor does not document it. */
const codeLifetime = 600_000

/** An authorization code and the request that it is bound to (RFC 6749 section 4.1.3). */
export interface AuthorizationCode {
  client_id: string
  user: User
  redirect_uri: string
  scope: readonly string[]
  code_challenge?: string
  /** In milliseconds since the epoch. */
  expiresAt: number
  /** The grant that the code was exchanged for. A code with a grant is spent. */
  grant?: Grant
}

/** The state of an emulated domain: applications, users, codes and tokens. */
export class Domain {
  readonly id: string
  readonly clock: MovableClock
  readonly apps: Map<string, RegisteredApp> = new Map()
  readonly users: Map<string, User> = new Map()
  readonly codes: Map<string, AuthorizationCode> = new Map()
  readonly browsers: Browsers
  readonly shareLinks: ShareLinks
  /** Whether requests that deviate from the vendor's documents are rejected. */
  readonly isStrict: boolean
  /** The handlers of further protected paths, by path. */
  readonly api: Readonly<Record<string, ApiHandler>>
  /** The application and `jti` of each accepted assertion. */
  readonly usedAssertions: Set<string> = new Set()
  #drives = 0
  readonly #serviceUser: User
  readonly #tokens: TokenRegistry

  private constructor(options: EmulatorOptions, id: string, browsers: Browsers, tokens: TokenRegistry) {
    const { clock = Date.now, strict = false, api = {}, shareLinks = defaultShareLinks } = options
    this.id = id
    this.clock = createClock(clock)
    this.browsers = browsers
    this.shareLinks = new ShareLinks(shareLinks)
    this.isStrict = strict
    this.api = api
    this.#tokens = tokens
    // The vendor does not document the name of the service account.
    this.#serviceUser = this.#makeUser({
      user_id: 'superadmin',
      role: 'superadmin',
    })
  }

  static async create(options: EmulatorOptions): Promise<Domain> {
    checkOptions(options)
    const { domain_id = 'local', apps = defaultApps, users = defaultUsers } = options
    const rotation = parseRotation(options.rotation)
    const { privateKey } = await generateKeyPair('RS256')
    const tokens = new TokenRegistry(rotation, createTokenSigner(domain_id, privateKey))
    const domain = new Domain(options, domain_id, await Browsers.create(), tokens)
    for (const app of apps) domain.apps.set(app.client_id, await registerApp(app))
    if (options.state) await domain.#restore(options.state)
    for (const user of users) if (!domain.users.has(user.user_id) || !options.state) domain.createUser(user)
    return domain
  }

  /** Returns the users and tokens, as JSON. */
  async save(): Promise<EmulatorState> {
    return {
      version: 1,
      clockOffset: this.clock.offset,
      users: [...this.users.values()],
      grants: await this.#tokens.save(this.clock.now()),
      usedAssertions: [...this.usedAssertions],
    }
  }

  async #restore({ clockOffset, users, grants, usedAssertions }: EmulatorState): Promise<void> {
    this.clock.advance(clockOffset)
    for (const user of users) this.users.set(user.user_id, { ...user })
    this.#drives += users.length
    for (const assertion of usedAssertions) this.usedAssertions.add(assertion)
    for (const grant of grants) {
      await this.#tokens.restore(grant, this.users.get(grant.user_id) ?? this.#serviceUser)
    }
  }

  /** Creates a user. Throws a `TypeError` for a missing or used id, and for an unknown role. */
  createUser(options: UserOptions): User {
    checkUser(options, this.users)
    const user = this.#makeUser(options)
    this.users.set(user.user_id, user)
    return user
  }

  /** Returns the public fields of the users. */
  listUsers(): Pick<User, 'user_id' | 'user_name' | 'role'>[] {
    return [...this.users.values()].map(({ user_id, user_name, role }) => ({ user_id, user_name, role }))
  }

  /** The sessions: the grants whose refresh token is valid. */
  get sessions(): EmulatorSession[] {
    return listSessions(this.#tokens.grants, this.clock.now())
  }

  /** Revokes the tokens of the sessions that match a filter. Returns their number. */
  endSessions(filter: SessionFilter = {}): number {
    const ended = findSessions(this.#tokens.grants, this.clock.now(), filter)
    for (const grant of ended) this.#tokens.revokeGrant(grant)
    return ended.length
  }

  get serviceUser(): User {
    return this.#serviceUser
  }

  /** Returns a registered application. Throws the service's error for an unknown id. */
  findApp(client_id: string): RegisteredApp {
    const app = this.apps.get(client_id)
    if (!app) throw unknownClient()
    return app
  }

  /** Creates a grant that has no tokens yet. */
  createGrant(fields: Pick<Grant, 'client_id' | 'user' | 'scope' | 'subdomain_id'>): Grant {
    return { id: randomToken(), startedAt: this.clock.now(), ...fields }
  }

  /** Issues the first tokens of a grant. Returns the token response. */
  async signIn(grant: Grant, trace: RequestTrace): Promise<ITokenInfo> {
    const { user } = grant
    const is_first_login = !user.hasLoggedIn
    user.hasLoggedIn = true
    const now = this.clock.now()
    return this.#tokenInfo(this.#tokens.issue(grant, now, trace), now, is_first_login)
  }

  /**
   * Spends a refresh token of the application. Returns the token response with the next tokens of its grant. Throws the
   * service's error for an invalid token.
   */
  async refresh(refresh_token: string, client_id: string, trace: RequestTrace): Promise<ITokenInfo> {
    const now = this.clock.now()
    return this.#tokenInfo(this.#tokens.refresh(refresh_token, client_id, now, trace), now, false)
  }

  /** Revokes the tokens of the grant that a valid refresh token of the application belongs to. */
  revoke(refresh_token: string, client_id: string, trace: RequestTrace): void {
    this.#tokens.revoke(refresh_token, client_id, this.clock.now(), trace)
  }

  /** Revokes the tokens of the grant that an access token or refresh token of the application belongs to. */
  revokeToken(token: string, client_id: string, trace: RequestTrace): void {
    this.#tokens.revokeToken(token, client_id, this.clock.now(), trace)
  }

  /** Revokes the tokens of a grant. */
  revokeGrant(grant: Grant, trace: RequestTrace): void {
    this.#tokens.revokeGrant(grant, trace)
  }

  /** Returns the grant of a valid access token. Throws the service's error for any other token. */
  findAccessToken(access_token: string, trace: RequestTrace): Grant {
    return this.#tokens.findGrant(access_token, this.clock.now(), trace)
  }

  get invalidTokenUses(): Readonly<InvalidTokenUses> {
    return this.#tokens.invalidTokenUses
  }

  /** Creates an authorization code that is valid for 10 minutes and one use. */
  createCode(
    app: OAuthApp,
    request: Pick<AuthorizationCode, 'user' | 'redirect_uri' | 'scope' | 'code_challenge'>,
  ): string {
    const code = randomToken()
    const expiresAt = this.clock.now() + codeLifetime
    this.codes.set(code, { ...request, client_id: app.client_id, expiresAt })
    return code
  }

  /** Issues a token of a share link for `expires_in` seconds. Returns the response. Throws the service's error. */
  issueShareToken(share_id: string, share_pwd: string, expires_in: number): object {
    const expiresAt = this.clock.now() + expires_in * 1000
    const share_token = this.shareLinks.issue(share_id, share_pwd, expiresAt)
    return { share_token, expires_in, expire_time: expireTime(expiresAt) }
  }

  /** Returns the token response for a request received at `now`, in milliseconds since the epoch. */
  async #tokenInfo(pair: TokenPair, now: number, is_first_login: boolean): Promise<ITokenInfo> {
    const { access_token, refresh_token, accessExpiresAt } = pair
    const { user, subdomain_id } = pair.grant
    return {
      access_token: await access_token,
      refresh_token,
      expires_in: Math.floor((accessExpiresAt - now) / 1000),
      token_type: 'Bearer',
      user_id: user.user_id,
      user_name: user.user_name,
      avatar: '',
      nick_name: user.nick_name,
      default_drive_id: user.default_drive_id,
      role: user.role,
      status: 'enabled',
      expire_time: expireTime(accessExpiresAt),
      is_first_login,
      domain_id: this.id,
      ...(subdomain_id !== undefined && { subdomain_id }),
    }
  }

  #makeUser(options: UserOptions): User {
    const { user_id, user_name = user_id, nick_name = user_name, role = 'user' } = options
    const default_drive_id = String(++this.#drives)
    return {
      user_id,
      user_name,
      nick_name,
      role,
      default_drive_id,
      hasLoggedIn: false,
    }
  }
}

/** Returns a time as the service writes it: without milliseconds. */
function expireTime(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`
}
