import type { Session } from '@pds/session'
import type { StoreBackend } from '../store-backends.ts'

/** A token as the service returns it. */
export type Token = Parameters<Session['setToken']>[0]

/** An OAuth application and its domain. */
export interface Application {
  api_endpoint: string
  client_id: string
  client_secret: string
  redirect_uri: string
}

/** A request to the process of the emulator. */
export interface EmulatorRequest {
  /** Signs a user in. */
  signIn?: boolean
  /** Advances the clock, in milliseconds. */
  advance?: number
}

export interface EmulatorResponse {
  application: Application
  /** The number of refresh requests so far, including rejected requests. */
  refreshes: number
  /** The token of the signed-in user. */
  token?: Token
}

/** A request to a process with callers of the shared session. */
export interface CallersRequest {
  application: Application
  backend: StoreBackend
  /** The offset of the emulator's clock, in milliseconds, which the process applies, too. */
  clockOffset: number
  /** The number of concurrent calls. */
  callers: number
}

export interface CallersResponse {
  /** The token of each caller. */
  tokens: string[]
}
