import { isHeaderText, isPDSError, PDSError, sanitizeError } from '@pds/core/internal'
import { isLoginRequiredCause } from '../renewal/login-required.ts'
import { emptyState, type SessionState, type Snapshot } from './session-state.ts'
import type { StoredRecord, StoreRecord } from './store.ts'

const format = 1

/** Returns the record of a state. */
export function writeState(epoch: number, state: SessionState): StoreRecord {
  return { epoch, data: JSON.stringify({ format, ...state }) }
}

export type RecordContent = Pick<Snapshot, 'rev' | 'epoch' | 'state' | 'unreadable'>

/** Reads a stored record and checks each of its fields. `secrets` may occur in the store's error. */
export function readRecord(stored: StoredRecord | undefined, secrets: readonly string[]): RecordContent {
  if (!stored) return { rev: 0, epoch: 0, state: emptyState }
  const { rev, epoch, data, error } = stored
  let isNewer = false
  try {
    const { format: found, ...state } = JSON.parse(data)
    if (found === format && fits(state, stateFields)) return { rev, epoch, state }
    isNewer = found >= format + 1
  } catch {
    // The data is no JSON, or empty because the store has reported an error.
  }
  const message = isNewer
    ? 'a newer @pds/session wrote the stored session: update it, or use another key'
    : 'the stored session is damaged: sign in again and pass the token to setToken'
  const reason = isPDSError(error) ? error : storeFailed(error && sanitizeError(error, secrets), message)
  return { rev, epoch, state: emptyState, unreadable: { error: reason, isNewer } }
}

/** Creates the error of a store that fails, or whose record cannot be read. */
export function storeFailed(
  cause: Error | undefined,
  message = 'the session store failed, see cause',
): PDSError {
  return new PDSError(message, { code: 'StoreFailed', outcome: 'not-sent', cause })
}

type Check = (value: unknown) => boolean
/** The checks of an object's fields. A name that ends with `?` is a field that may be absent. */
interface Checks {
  readonly [name: string]: Check | Checks
}

const isText: Check = (value) => typeof value === 'string' && value !== ''
const isNumber: Check = (value) => Number.isFinite(value)
const isCount: Check = (value) => isNumber(value) && (value as number) >= 0
const isTime: Check = (value) => isText(value) && isNumber(Date.parse(value as string))
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
  const isFitting = ([key, each]: [string, Check | Checks]) => {
    const name = key.replace('?', '')
    const field = (value as Record<string, unknown>)[name]
    return (field === undefined && name !== key) || fits(field, each)
  }
  return Object(value) === value && Object.entries(check).every(isFitting)
}
