import { PDSError } from '@pds/core/internal'
import type { ITokenInfo } from '@pds/types'
import type { StoredRecord, StoreRecord } from './store.ts'

/** Why a session has no token: see the table in the README. */
export type LoginRequiredCause = 'no_token' | 'rejected' | 'lost_response' | 'expired' | 'signed_out'

/** A token and its times by the server's clock, in milliseconds since the epoch. */
export interface SessionToken {
  readonly info: ITokenInfo
  readonly mintedAt: number
  readonly expiresAt: number
}

/** The parts of the service's refusal that help its support. */
interface Rejection {
  readonly status?: number
  readonly reqId?: string
}

/** What a session is in, and what it knows. */
export interface SessionState {
  /**
   * - `new`: nothing was ever stored.
   * - `ok`: there is a token.
   * - `suspect`: its refresh token seems to be spent, and whoever spent it may still write what came back.
   * - `login_required`, `signed_out`: there is no way back but `setToken`.
   */
  readonly status: 'new' | 'ok' | 'suspect' | 'login_required' | 'signed_out'
  readonly token?: SessionToken
  /** Written ahead of a refresh by who sends it: from here on the refresh token may be spent. */
  readonly intent?: { readonly owner: string }
  /** When a suspicion becomes a certainty, by the server's clock, in milliseconds since the epoch. */
  readonly suspectUntil?: number
  /** Of `login_required`. */
  readonly cause?: LoginRequiredCause
  readonly rejection?: Rejection
  /** A fingerprint of the token that the application began this sign-in with: the same one begins no other. */
  readonly seed?: string
}

/** A state as it was read or written. */
export interface Snapshot {
  /** 0 where nothing is stored. */
  readonly rev: number
  readonly epoch: number
  readonly state: SessionState
  /** When it was asked for and when it was answered, by `performance.now`: in between, it was true. */
  readonly asOf: number
  readonly until: number
}

const format = 1
const statuses: readonly unknown[] = ['ok', 'suspect', 'login_required', 'signed_out']

export function writeState(epoch: number, state: SessionState): StoreRecord {
  return { epoch, data: JSON.stringify({ format, ...state }) }
}

/** Throws `StoreFailed` for what this version did not write: it is left as it is. */
export function readState(stored: StoredRecord | undefined, asOf: number): Snapshot {
  const until = performance.now()
  if (!stored) return { rev: 0, epoch: 0, state: { status: 'new' }, asOf, until }
  const { rev, epoch, data } = stored
  const state = parse(data)
  if (!state) {
    throw new PDSError(
      'the store holds a session that this version of @pds/session cannot read: sign in under another key, or update',
      { code: 'StoreFailed', outcome: 'not-sent' },
    )
  }
  return { rev, epoch, state, asOf, until }
}

function parse(data: string): SessionState | undefined {
  try {
    const { format: written, ...state } = JSON.parse(data) as SessionState & { format: unknown }
    return written === format && statuses.includes(state.status) && isToken(state.token) ? state : undefined
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

/** Whether two snapshots are of one sign-in with one token: what spends that token may still write. */
export function isSameToken(a: Snapshot, b: Snapshot): boolean {
  const [one, other] = [a.state.token?.info, b.state.token?.info]
  return (
    a.epoch === b.epoch &&
    one?.access_token === other?.access_token &&
    one?.refresh_token === other?.refresh_token
  )
}

/** What stands for a text where it must not be read: the same text has the same one. 22 characters, 132 bits. */
export async function fingerprint(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  const base64 = btoa(String.fromCharCode(...digest))
  return base64.replaceAll('+', '-').replaceAll('/', '_').slice(0, 22)
}
