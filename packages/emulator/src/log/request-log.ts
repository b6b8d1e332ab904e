import type { User } from '../domain/options.ts'
import type { Grant, TokenPair } from '../domain/token-pair.ts'
import { randomToken } from '../domain/webcrypto.ts'
import type { Fault } from '../faults/fault.ts'

/** What became of a token of one kind, each by its fingerprint. */
export interface TokenChange {
  /** The one that died or was spent. */
  old?: string
  /** The one that was issued. */
  new?: string
}

/**
 * A request that the emulator was asked, and its answer, with each secret masked: all that is not known to be none.
 *
 * Of a value 2000 characters are kept, and of a request and an answer 50 fields.
 */
export interface LoggedRequest {
  /** When the request came, by the emulator's clock, in milliseconds since the epoch. */
  at: number
  /** The id of the request, as in the header `x-ca-request-id` of the answer. */
  requestId: string
  /** The HTTP method. */
  method: string
  /** The path, with what is no word of a call masked. */
  path: string
  /** The parameters of the query and of the body. A name that is not known is masked too. */
  params: Record<string, unknown>
  /** The header and the claims of an assertion, as far as they are known. */
  assertion?: {
    /** The header of the JWT. */
    header: object
    /** The claims of the JWT. */
    claims: object
  }
  /** The bearer token that came with the request, masked. */
  authorization?: string
  /** The application that asked, or whose token came with the request. */
  client_id?: string
  /** The user whom the request was about, where that came to light. */
  user_id?: string
  /** What tokens were asked for with. */
  grant?: 'jwt-bearer' | 'authorization_code' | 'refresh_token'
  /** The tokens that the request spent, killed or was given, also where its answer was lost. */
  rotated?: {
    /** What became of the access token. */
    access_token: TokenChange
    /** What became of the refresh token. */
    refresh_token: TokenChange
  }
  /** The fault that the request met. */
  fault?: Fault['type']
  /** 0 where the connection was cut without an answer. */
  status: number
  /** The code of the error that was answered, also of one that a redirect or a page tells of. */
  error?: string
  /** The JSON of the answer, or the address of a redirect, with what is not known masked. */
  response: unknown
}

const maxEntries = 10_000

/** What a domain was asked, in the order of the answers. */
export class RequestLog {
  /** Tells this log from that of an emulator which was at the same address before. */
  readonly id: string = randomToken()
  readonly entries: LoggedRequest[] = []
  readonly #listeners = new Set<(entry: LoggedRequest) => void>()

  /** Adds an entry, and drops the oldest one of a long log. */
  add(entry: LoggedRequest): void {
    if (this.entries.length >= maxEntries) this.entries.shift()
    this.entries.push(entry)
    for (const listener of this.#listeners) listener(entry)
  }

  /** The last entries, so many at most, that came after the one of a request; after none, where that is unknown. */
  after(requestId: string | undefined, most: number): LoggedRequest[] {
    const index = this.entries.findLastIndex((entry) => entry.requestId === requestId)
    return this.entries.slice(Math.max(index + 1, this.entries.length - most))
  }

  /** Calls a listener with each entry from now on, until the function that it gives is called. */
  listen(listener: (entry: LoggedRequest) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  get listeners(): number {
    return this.#listeners.size
  }
}

/** What a request turned out to be about while it was carried out, for the log. */
export interface RequestTrace {
  /** The sign-in whose tokens it was about. */
  grant?: Grant
  /** Whom it was about, where that is no sign-in yet. */
  user?: User
  /** The tokens that it spent or killed. */
  old?: TokenPair
  /** The tokens that it was given. */
  new?: TokenPair
  /** The code of the error that it was answered with, which a page does not tell. */
  error?: string
}
