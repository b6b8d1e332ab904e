import { setImmediate } from 'node:timers/promises'
import { jwtGrant } from '@pds/auth-jwt'
import { createTransport } from '@pds/core'
import { createSession, createSessions, type Session, type Sessions, type Store } from '@pds/session'
import { sampleToken } from '../../servers/token-server.ts'

const transport = createTransport({ api_endpoint: 'https://bj1.api.example' })
// The signer is not used, as no request is sent.
const application = { domain_id: 'bj1', client_id: 'app-1', signer: async () => new Uint8Array() }

/** The packages of `openSessionOfUser`, without the package of the store. */
export const sessionPackages: readonly string[] = ['@pds/session', '@pds/auth-jwt', '@pds/core']

/** Returns the id of a user. All ids are equally long. */
export function userId(index: number, prefix = 'user'): string {
  return `${prefix}-${`${index}`.padStart(6, '0')}`
}

/**
 * Returns a new token of a user, parsed from JSON like a response of the service. Like a response, it arrives in a
 * separate turn of the event loop. Its strings start with the user's id.
 */
export async function obtainToken(user_id: string): Promise<ReturnType<typeof sampleToken>> {
  await setImmediate()
  return JSON.parse(JSON.stringify(sampleToken(user_id, user_id)))
}

/** Opens the session of a user. */
export function openSessionOfUser(user_id: string, store?: Store): Session {
  return createSession({ key: user_id, grant: grantOfUser(user_id), store })
}

/** Opens a pool of the sessions of users, of which `max` stay open. */
export function openPool(store: Store, max: number): Sessions {
  return createSessions({ grant: grantOfUser, store, max })
}

/** Returns a grant that obtains a token without a request, so that only the session counts. */
function grantOfUser(user_id: string): ReturnType<typeof jwtGrant> {
  return { ...jwtGrant({ transport, ...application, user_id }), obtain: () => obtainToken(user_id) }
}

/** Calls a function for each user, at most 100 at a time, as when users arrive at a server. */
export async function forEachUser(count: number, call: (index: number) => Promise<void>): Promise<void> {
  let started = 0
  const worker = async () => {
    while (started < count) await call(started++)
  }
  await Promise.all(Array.from({ length: 100 }, worker))
}
