import { fromEnv, jwtGrant } from '@pds/auth-jwt'
import { createBackend } from '@pds/backend'
import { createTransport } from '@pds/core'
import { createSessions } from '@pds/session'
import { StandInLogin } from './stand-in-login.ts'

export const { APP_ORIGIN: origin = 'http://127.0.0.1:3000' } = process.env
export const login = new StandInLogin(origin)

const env = fromEnv()
const transport = createTransport(env.transport)
const grant = (user_id: string) => jwtGrant({ transport, ...env.app, user_id, auto_create: true })
// The default of two minutes is too long for a page.
export const users = createSessions({ grant, waitTimeout: 20_000 })

const userOf = ({ headers }: Request) => login.userOf(headers.get('cookie'))
// A PDSError contains no secret.
const onError = (error: unknown) => console.error(error)
export const pds = createBackend({ sessions: users, userOf, origin, onError })
