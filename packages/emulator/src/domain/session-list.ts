import type { Grant, TokenPair } from './token-pair.ts'

/** A session of the domain: a sign-in whose refresh token is valid. Contains no secrets. */
export interface EmulatorSession {
  /** Identifies the session. Not a secret. */
  session_id: string
  /** The id of the application. */
  client_id: string
  /** The id of the user. */
  user_id: string
  /** The granted scopes. */
  scope: readonly string[]
  /** When the user signed in, in milliseconds since the epoch. */
  startedAt: number
  /** When the access token expires, in milliseconds since the epoch. It may be in the past. */
  accessExpiresAt: number
  /** When the refresh token expires, in milliseconds since the epoch. */
  refreshExpiresAt: number
}

/** Selects sessions. A session must match all given fields. */
export interface SessionFilter {
  /** The id of one session. */
  session_id?: string
  /** The id of an application. */
  client_id?: string
  /** The id of a user. */
  user_id?: string
}

type CurrentGrant = Grant & { current: TokenPair }

/** Returns the sessions among the grants. */
export function listSessions(grants: Iterable<Grant>, now: number): EmulatorSession[] {
  return findSessions(grants, now, {}).map(({ id, client_id, user, scope, startedAt, current }) => ({
    session_id: id,
    client_id,
    user_id: user.user_id,
    scope,
    startedAt,
    accessExpiresAt: current.accessExpiresAt,
    refreshExpiresAt: current.refreshExpiresAt,
  }))
}

/** Returns the grants of the sessions that match a filter. */
export function findSessions(grants: Iterable<Grant>, now: number, filter: SessionFilter): CurrentGrant[] {
  const { session_id, client_id, user_id } = filter
  return [...grants].filter(
    (grant): grant is CurrentGrant =>
      grant.current !== undefined &&
      now < grant.current.refreshExpiresAt &&
      (session_id ?? grant.id) === grant.id &&
      (client_id ?? grant.client_id) === grant.client_id &&
      (user_id ?? grant.user.user_id) === grant.user.user_id,
  )
}
