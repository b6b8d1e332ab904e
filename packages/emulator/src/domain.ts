import type { ITokenInfo } from '@pds/types'
import { generateKeyPair, SignJWT } from 'jose'
import { type OAuthApp, type RegisteredApp, registerApp } from './apps.ts'
import { createClock, type EmulatorClock } from './clock.ts'
import { defaultApps, defaultUsers, type EmulatorOptions, type UserOptions } from './options.ts'
import { invalidAccessToken, invalidRefreshToken, unknownClient } from './service-error.ts'

/** The lifetimes that the vendor documents, and that of a code (RFC 6749 section 4.1.2), in seconds. */
export const lifetimes: Record<'accessToken' | 'refreshToken' | 'code', number> = {
  accessToken: 7200,
  refreshToken: 7 * 24 * 3600,
  code: 600,
}

export interface User extends Required<UserOptions> {
  default_drive_id: string
  /** Whether a token has been issued for the user. */
  hasLoggedIn: boolean
}

/** What a sign-in gave, kept through all of its refreshes. */
export interface Grant {
  client_id: string
  user: User
  subdomain_id?: string
  scope: readonly string[]
  /** The tokens that are alive, of which there are two at the most. */
  access_token?: string
  refresh_token?: string
}

/** An authorization code and what it is bound to (RFC 6749 section 4.1.3). */
export interface AuthorizationCode {
  client_id: string
  user: User
  redirect_uri: string
  scope: readonly string[]
  code_challenge?: string
  /** In milliseconds since the epoch. */
  expiresAt: number
  /** What it was exchanged for; a code that has this is spent. */
  grant?: Grant
}

interface LivingToken {
  grant: Grant
  /** In milliseconds since the epoch. */
  expiresAt: number
}

/** The state of an emulated domain: applications, users, codes and tokens. */
export class Domain {
  readonly id: string
  readonly clock: EmulatorClock
  readonly apps: Map<string, RegisteredApp> = new Map()
  readonly users: Map<string, User> = new Map()
  readonly codes: Map<string, AuthorizationCode> = new Map()
  /** The `jti` of each assertion that was taken, with its application. */
  readonly takenAssertions: Set<string> = new Set()
  #drives = 0
  readonly #serviceUser: User
  readonly #signingKey: CryptoKey
  readonly #accessTokens = new Map<string, LivingToken>()
  readonly #refreshTokens = new Map<string, LivingToken>()

  private constructor(id: string, clock: EmulatorClock, signingKey: CryptoKey) {
    this.id = id
    this.clock = clock
    this.#signingKey = signingKey
    // The vendor does not say what the service account is called.
    this.#serviceUser = this.#makeUser({
      user_id: 'superadmin',
      role: 'superadmin',
    })
  }

  static async create(options: EmulatorOptions): Promise<Domain> {
    const { domain_id = 'local', apps = defaultApps, users = defaultUsers, clock = Date.now } = options
    const { privateKey } = await generateKeyPair('RS256')
    const domain = new Domain(domain_id, createClock(clock), privateKey)
    for (const app of apps) domain.apps.set(app.client_id, await registerApp(app))
    for (const user of users) domain.createUser(user)
    return domain
  }

  createUser(options: UserOptions): User {
    const user = this.#makeUser(options)
    this.users.set(user.user_id, user)
    return user
  }

  get serviceUser(): User {
    return this.#serviceUser
  }

  /** The registered application of an id, or the service's error. */
  findApp(client_id: string): RegisteredApp {
    const app = this.apps.get(client_id)
    if (!app) throw unknownClient()
    return app
  }

  /** Issues the first or the next tokens of a grant; those that it had before are dead at once. */
  async issueToken(grant: Grant): Promise<ITokenInfo> {
    this.revoke(grant)
    const now = this.clock.now()
    const expiresAt = now + lifetimes.accessToken * 1000
    const access_token = await this.#signAccessToken(grant, now, expiresAt)
    const refresh_token = randomToken()
    const { user, subdomain_id } = grant
    const is_first_login = !user.hasLoggedIn
    user.hasLoggedIn = true
    grant.access_token = access_token
    grant.refresh_token = refresh_token
    this.#accessTokens.set(access_token, { grant, expiresAt })
    this.#refreshTokens.set(refresh_token, {
      grant,
      expiresAt: now + lifetimes.refreshToken * 1000,
    })
    return {
      access_token,
      refresh_token,
      expires_in: lifetimes.accessToken,
      token_type: 'Bearer',
      user_id: user.user_id,
      user_name: user.user_name,
      avatar: '',
      nick_name: user.nick_name,
      default_drive_id: user.default_drive_id,
      role: user.role,
      status: 'enabled',
      expire_time: `${new Date(expiresAt).toISOString().slice(0, 19)}Z`,
      is_first_login,
      domain_id: this.id,
      ...(subdomain_id !== undefined && { subdomain_id }),
    }
  }

  /** Kills the tokens of a grant. */
  revoke(grant: Grant): void {
    if (grant.access_token !== undefined) this.#accessTokens.delete(grant.access_token)
    if (grant.refresh_token !== undefined) this.#refreshTokens.delete(grant.refresh_token)
  }

  /** The grant of a living refresh token of the application, or the service's error. */
  findRefreshToken(refresh_token: string, client_id: string): Grant {
    const living = this.#refreshTokens.get(refresh_token)
    // Bound to the application that it was issued to (RFC 6749 section 6).
    if (!living || living.expiresAt <= this.clock.now() || living.grant.client_id !== client_id) {
      throw invalidRefreshToken()
    }
    return living.grant
  }

  /** The grant of a living access token, or the service's error. */
  findAccessToken(access_token: string): Grant {
    const living = this.#accessTokens.get(access_token)
    if (!living || living.expiresAt <= this.clock.now()) throw invalidAccessToken()
    return living.grant
  }

  /** Makes an authorization code, valid for 10 minutes and one use. */
  createCode(
    app: OAuthApp,
    request: Pick<AuthorizationCode, 'user' | 'redirect_uri' | 'scope' | 'code_challenge'>,
  ): string {
    const code = randomToken()
    const expiresAt = this.clock.now() + lifetimes.code * 1000
    this.codes.set(code, { ...request, client_id: app.client_id, expiresAt })
    return code
  }

  // The documented shape, with an id in customJson: RS256 is deterministic, and two tokens of one second would be
  // the same one without it.
  #signAccessToken(grant: Grant, now: number, expiresAt: number): Promise<string> {
    const { client_id, user, scope } = grant
    const customJson = JSON.stringify({
      clientId: client_id,
      domainId: this.id,
      scope,
      role: user.role,
      tokenId: randomToken(),
    })
    return new SignJWT({
      userId: user.user_id,
      customJson,
      exp: Math.floor(expiresAt / 1000),
      iat: Math.floor(now / 1000),
    })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT' })
      .sign(this.#signingKey)
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

/** 32 hexadecimal digits with 122 random bits. */
function randomToken(): string {
  return crypto.randomUUID().replaceAll('-', '')
}
