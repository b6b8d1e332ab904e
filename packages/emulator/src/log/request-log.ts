import type { Grant, TokenPair } from '../domain/token-pair.ts'
import type { User } from '../domain/user.ts'
import { randomToken } from '../domain/webcrypto.ts'
import type { Fault } from '../faults/fault.ts'

/** The old and the new access token or refresh token, as fingerprints. */
export interface TokenChange {
  /** The token that was spent, replaced or revoked. */
  old?: string
  /** The token that was issued. */
  new?: string
}

/**
 * A request to the emulator and its response. Everything that is not known to be public is redacted.
 *
 * The log keeps at most 2000 characters of a value, and at most 50 fields of a request and of a response.
 */
export interface LoggedRequest {
  /** When the request arrived, by the emulator's clock, in milliseconds since the epoch. */
  at: number
  /** The id of the request, as in the response header `x-ca-request-id`. */
  requestId: string
  /** The HTTP method. */
  method: string
  /** The path. Everything below a known call and each segment that is not a plain lowercase word are redacted. */
  path: string
  /** The parameters of the query and of the body. Unknown names are redacted too. */
  params: Record<string, unknown>
  /** The header and the claims of the assertion, if the request has one. Unknown claims are redacted. */
  assertion?: {
    /** The header of the JWT. */
    header: object
    /** The claims of the JWT. */
    claims: object
  }
  /** The `Authorization` header: its scheme, and the redacted token or client credentials. */
  authorization?: string
  /** The redacted share token of the header `x-share-token`. */
  share_token?: string
  /** The application that sent the request, or that its token belongs to. */
  client_id?: string
  /** The user of the request, if the emulator could determine it. */
  user_id?: string
  /** The grant type of a token request. */
  grant?: 'jwt-bearer' | 'authorization_code' | 'refresh_token'
  /** The tokens that the request spent, revoked or received, even if the response was lost. */
  rotated?: {
    /** The old and the new access token. */
    access_token: TokenChange
    /** The old and the new refresh token. */
    refresh_token: TokenChange
  }
  /** The type of the fault that was applied to the request. */
  fault?: Fault['type']
  /**
   * The deviations of the request from the vendor's documents, for example a `jti` that is too short. The emulator
   * accepted the request, because clients of the service send such requests. Absent without a deviation.
   */
  deviations?: readonly string[]
  /** The HTTP status, or 0 if the connection was cut without a response. */
  status: number
  /** The code of the error, from the body, a header, a redirect or an error page. */
  error?: string
  /** The JSON of the response or the URL of a redirect, redacted. */
  response: unknown
}

const maxEntries = 10_000

/** The latest requests to a domain, in the order of their responses. */
export class RequestLog {
  /** Distinguishes this log from the log of an earlier emulator at the same URL. */
  readonly id: string = randomToken()
  readonly entries: LoggedRequest[] = []
  readonly #listeners = new Set<(entry: LoggedRequest) => void>()

  /** Adds an entry. Drops the oldest entry of a full log. */
  add(entry: LoggedRequest): void {
    if (this.entries.length >= maxEntries) this.entries.shift()
    this.entries.push(entry)
    for (const listener of this.#listeners) listener(entry)
  }

  /** Removes all entries. */
  clear(): void {
    this.entries.length = 0
  }

  /**
   * Returns the latest entries after a request, at most `limit`. Returns the latest entries of all if the request is
   * unknown.
   */
  after(requestId: string | undefined, limit: number): LoggedRequest[] {
    const index = this.entries.findLastIndex((entry) => entry.requestId === requestId)
    return this.entries.slice(Math.max(index + 1, this.entries.length - limit))
  }

  /** Calls a listener with each new entry. Returns a function that removes the listener. */
  listen(listener: (entry: LoggedRequest) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  get listeners(): number {
    return this.#listeners.size
  }
}

/** What the routes report about a request, for the log. */
export interface RequestTrace {
  /** The grant whose tokens the request uses. */
  grant?: Grant
  /** The user of a request that has no grant yet. */
  user?: User
  /** The tokens that the request spent or revoked. */
  old?: TokenPair
  /** The tokens that the request received. */
  new?: TokenPair
  /** The deviations of the request from the vendor's documents. */
  deviations?: readonly string[]
  /** The code of the error response. An error page does not contain it in a parsable form. */
  error?: string
}
