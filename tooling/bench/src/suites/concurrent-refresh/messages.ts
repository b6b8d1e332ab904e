import type { Session } from '@pds/session'
import type { SharedPlace } from '../store-backends.ts'

/** As the service gives it. */
export type Token = Parameters<Session['setToken']>[0]

/** An OAuth application and its domain. */
export interface Application {
  api_endpoint: string
  client_id: string
  client_secret: string
  redirect_uri: string
}

/** What the process of the domain is told. */
export interface DomainOrder {
  /** Whether a user signs in. */
  signIn?: boolean
  /** Moves the clock, in milliseconds. */
  advance?: number
}

export interface DomainAnswer {
  application: Application
  /** How many refreshes it was asked for until now, also those that it refused. */
  refreshes: number
  /** Of the user who has signed in. */
  token?: Token
}

/** What a process of those that share a session is told. */
export interface CallersOrder {
  application: Application
  place: SharedPlace
  /** By how much the clock of the domain is ahead, in milliseconds: that of the process follows. */
  ahead: number
  /** How many ask for a token, all at once. */
  callers: number
}

export interface CallersAnswer {
  /** What they got. */
  tokens: string[]
}
