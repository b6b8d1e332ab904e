import { PDSError } from '@pds/core/internal'
import type { ITokenInfo } from '@pds/types'
import type { StoredRecord, StoreRecord } from './store.ts'

/**
 * Why a session needs a login:
 *
 * - `no_token`: no user has signed in yet.
 * - `rejected`: the service rejected the refresh token.
 * - `lost_response`: a refresh token was spent, and the new token never reached the store.
 * - `expired`: the access token has expired, and the session has no refresh token.
 * - `signed_out`: the session was signed out.
 */
export type LoginRequiredCause = 'no_token' | 'rejected' | 'lost_response' | 'expired' | 'signed_out'

/** A token, with its times by the server's clock, in milliseconds since the Unix epoch. */
export interface SessionToken {
  readonly info: ITokenInfo
  readonly mintedAt: number
  readonly expiresAt: number
}

/** The parts of the service's error response that its support asks for. */
interface Rejection {
  readonly status?: number
  readonly reqId?: string
}

/** The state of a session. Its JSON is the `data` of the stored record. */
export interface SessionState {
  /**
   * - `new`: nothing was ever stored.
   * - `ok`: the session has a token.
   * - `suspect`: the refresh token seems to be spent. The process that spent it may still write the new token.
   * - `login_required`, `signed_out`: only `setToken` starts a new sign-in.
   */
  readonly status: 'new' | 'ok' | 'suspect' | 'login_required' | 'signed_out'
  readonly token?: SessionToken
  /** Written before a refresh request is sent. From then on, the refresh token may be spent. */
  readonly intent?: { readonly owner: string }
  /** When a `suspect` refresh token counts as lost, by the server's clock, in milliseconds since the Unix epoch. */
  readonly suspectUntil?: number
  /** Only with `login_required`. */
  readonly cause?: LoginRequiredCause
  readonly rejection?: Rejection
  /** A fingerprint of the token that started this sign-in. `setToken` ignores the same token. */
  readonly seed?: string
}

/** A state as the store returned it or took it. */
export interface Snapshot {
  /** The revision; 0 if nothing is stored. */
  readonly rev: number
  readonly epoch: number
  readonly state: SessionState
  /** When the call of the store started, by `performance.now`. The state was stored at a moment from then to `until`. */
  readonly asOf: number
  /** When the call of the store ended, by `performance.now`. */
  readonly until: number
}

const format = 1
const statuses: readonly unknown[] = ['ok', 'suspect', 'login_required', 'signed_out']

export function writeState(epoch: number, state: SessionState): StoreRecord {
  return { epoch, data: JSON.stringify({ format, ...state }) }
}

/** Reads the state of a stored record. Throws `StoreFailed` for a record in an unknown format. */
export function readState(stored: StoredRecord | undefined, asOf: number): Snapshot {
  const until = performance.now()
  if (!stored) return { rev: 0, epoch: 0, state: { status: 'new' }, asOf, until }
  const { rev, epoch, data } = stored
  const state = parse(data)
  if (!state) {
    throw new PDSError(
      'this version of @pds/session cannot read the stored session: update @pds/session, or sign in under another key',
      { code: 'StoreFailed', outcome: 'not-sent' },
    )
  }
  return { rev, epoch, state, asOf, until }
}

function parse(data: string): SessionState | undefined {
  try {
    const { format: storedFormat, ...state } = JSON.parse(data) as SessionState & { format: unknown }
    return storedFormat === format && statuses.includes(state.status) && isToken(state.token)
      ? state
      : undefined
  } catch {
    return undefined
  }
}

function isToken(token: Partial<SessionToken> | undefined): boolean {
  if (token === undefined) return true
  const { info, mintedAt, expiresAt } = token
  return (
    typeof info?.access_token === 'string' && typeof mintedAt === 'number' && typeof expiresAt === 'number'
  )
}

/** Checks whether two snapshots hold the same token pair of the same sign-in. If so, a refresh of it may be written. */
export function isSameToken(a: Snapshot, b: Snapshot): boolean {
  const [tokenA, tokenB] = [a.state.token?.info, b.state.token?.info]
  return (
    a.epoch === b.epoch &&
    tokenA?.access_token === tokenB?.access_token &&
    tokenA?.refresh_token === tokenB?.refresh_token
  )
}

/** Returns a fingerprint of a text that must stay secret: 22 characters of its SHA-256 hash (132 bits). */
export async function fingerprint(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  const base64 = btoa(String.fromCharCode(...digest))
  return base64.replaceAll('+', '-').replaceAll('/', '_').slice(0, 22)
}
