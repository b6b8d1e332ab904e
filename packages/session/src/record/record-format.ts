import { isHeaderText, isPDSError, PDSError, sanitizeError } from '@pds/core/internal'
import { isLoginRequiredCause } from '../renewal/login-required.ts'
import { emptyState, type SessionState, type Unreadable } from './session-state.ts'
import type { StoredRecord, StoreRecord } from './store.ts'

const format = 1

/** Returns the record of a state. */
export function writeState(epoch: number, state: SessionState): StoreRecord {
  return { epoch, data: JSON.stringify({ format, ...state }) }
}

/** The content of a stored record. */
export interface RecordContent {
  readonly rev: number
  readonly epoch: number
  readonly state: SessionState
  readonly unreadable?: Unreadable
}

/** Reads a stored record and checks each of its fields. `secrets` may occur in the store's error. */
export function readRecord(stored: StoredRecord | undefined, secrets: readonly string[]): RecordContent {
  if (!stored) return { rev: 0, epoch: 0, state: emptyState }
  const { rev, epoch, data, error } = stored
  const state = error ? undefined : parse(data)
  if (typeof state === 'object') return { rev, epoch, state }
  const unreadable = { error: unreadableError(state, error, secrets), isNewer: state === 'newer' }
  return { rev, epoch, state: emptyState, unreadable }
}

function unreadableError(
  kind: 'newer' | undefined,
  error: Error | undefined,
  secrets: readonly string[],
): PDSError {
  if (isPDSError(error)) return error
  const message =
    kind === 'newer'
      ? 'this version of @pds/session cannot read the stored session: update @pds/session, or sign in under another key'
      : 'the stored session is damaged: sign in again, and pass the token to setToken'
  const cause = error && sanitizeError(error, secrets)
  return new PDSError(message, { code: 'StoreFailed', outcome: 'not-sent', cause })
}

/** Returns the state, or whether a newer version wrote it. Undefined for damaged data. */
function parse(data: string): SessionState | 'newer' | undefined {
  try {
    const { format: found, ...state } = JSON.parse(data)
    if (Number.isInteger(found) && found > format) return 'newer'
    return found === format && fits(state, stateFields) ? (state as SessionState) : undefined
  } catch {
    return undefined
  }
}

type Check = (value: unknown) => boolean
/** The checks of an object's fields. A name that ends with `?` is a field that may be absent. */
interface Checks {
  readonly [name: string]: Check | Checks
}

const isText: Check = (value) => typeof value === 'string' && value !== ''
const isNumber: Check = (value) => Number.isFinite(value)
const isCount: Check = (value) => isNumber(value) && (value as number) >= 0
const isTime: Check = (value) => isText(value) && !Number.isNaN(Date.parse(value as string))
const isStatus: Check = (value) => ['ok', 'suspect', 'login_required', 'signed_out'].includes(value as string)

// Without calls, so that bundlers can remove it.
const stateFields: Readonly<Record<'status' | `${keyof Omit<SessionState, 'status'>}?`, Check | Checks>> = {
  status: isStatus,
  'token?': {
    info: {
      access_token: isHeaderText,
      'refresh_token?': isText,
      expires_in: isNumber,
      expire_time: isTime,
    },
    mintedAt: isNumber,
    expiresAt: isNumber,
  },
  'generation?': isCount,
  'intent?': { owner: isText, attempt: isCount },
  'suspectUntil?': isNumber,
  'cause?': isLoginRequiredCause,
  'rejection?': { 'status?': isCount, 'reqId?': isText },
  'seed?': isText,
  'since?': isNumber,
}

function fits(value: unknown, check: Check | Checks): boolean {
  if (typeof check === 'function') return check(value)
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(check).every(([key, each]) => {
    const name = key.replace('?', '')
    const field = (value as Record<string, unknown>)[name]
    return (field === undefined && name !== key) || fits(field, each)
  })
}
