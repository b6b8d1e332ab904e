import type { StoreBackend } from '../store-backends.ts'
import type { WorkTime } from './measure-work.ts'

/** A request to the process in which users get their tokens. */
export interface UsersRequest {
  backend: StoreBackend
  /** The number of users that have got their tokens before the measurement. */
  earlier: number
  /** The number of users. */
  users: number
  /** The number of sessions that stay open. */
  max: number
  /** Whether each token is written and cached without a session. */
  isBaseline: boolean
}

export interface UsersResponse {
  /** The first call of each user. */
  first: WorkTime
  /** The calls of the last users, which have their tokens. */
  cached: WorkTime
  /** The memory that is in use before the first calls, in bytes. */
  bytesBefore: number
  /** The memory that is in use after the first calls, in bytes. */
  bytesAfter: number
}
