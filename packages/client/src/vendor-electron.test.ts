import { type ChildProcess, fork } from 'node:child_process'
import path from 'node:path'
import { getTokenByCode, oauthGrant } from '@pds/auth-oauth'
import { PDSError, reviveError, type TokenInfo } from '@pds/client'
import { createTransport, isPDSError } from '@pds/core'
import { createSession, type Session } from '@pds/session'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { emulator, refresh, token } from './api-client.test-helper.ts'

/*
 * The calls of the vendor's Electron example: its main process forks a module that has a client, which receives the
 * token of the page and sends errors back. Here both are processes of Node.js. The guide lists the versions of Electron.
 */

interface Reason {
  message: string
  error_code: string
  json: object
  cause?: string
}

interface Answer {
  id?: number
  result?: unknown
  error?: Error
  reason?: Reason
  rejected?: string
}

let child: ChildProcess
let session: Session | undefined
/** What the process asked for, by the rejected token. */
let asked: (string | undefined)[]
const waiting = new Map<number, (answer: Answer) => void>()

beforeEach(() => {
  session = undefined
  asked = []
  const script = path.join(import.meta.dirname, 'vendor-electron.test-helper.ts')
  const execArgv = ['--disable-warning=ExperimentalWarning']
  if (process.features.typescript === false) execArgv.push('--experimental-strip-types')
  child = fork(script, { execArgv, serialization: 'advanced' })
  child.on('message', async (answer: Answer) => {
    if (answer.id !== undefined) return waiting.get(answer.id)?.(answer)
    asked.push(answer.rejected)
    child.send(await tokenOf(answer.rejected))
  })
})

afterEach(() => void child.kill('SIGKILL'))

/** The handler of the main process, as in the guide. The refresh token stays in that process. */
async function tokenOf(rejected: string | undefined): Promise<{ token?: TokenInfo; failed?: unknown }> {
  try {
    const { access_token, expire_time } = await (session as Session).getToken({ rejected })
    return { token: { access_token, expire_time } }
  } catch (error) {
    return { failed: isPDSError(error) ? error.toJSON() : error }
  }
}

let calls = 0

function call(action: string, params: object = {}): Promise<Answer> {
  const id = ++calls
  return new Promise((resolve) => {
    waiting.set(id, resolve)
    child.send({ id, action, params })
  })
}

const endpoint = () => ({ api_endpoint: emulator.api_endpoint })

describe('a process with the token of the page', () => {
  it('calls the service with a token that was stored as text', async () => {
    const tokenInfo = JSON.parse(JSON.stringify(token))
    await call('init', endpoint())
    await call('setToken', { tokenInfo })
    expect((await call('getUser')).result).toMatchObject({ user_id: 'user-1' })
    expect((await call('token')).result).toEqual(tokenInfo)
  })

  it('rejects the empty object of a page that has no token', async () => {
    await call('init', endpoint())
    expect((await call('setToken', { tokenInfo: {} })).reason).toMatchObject({
      message: expect.stringContaining('setToken: token_info.access_token must be'),
      error_code: 'InvalidParameter',
    })
  })

  it('reports that the page has refreshed the token, with an error that keeps its fields as JSON', async () => {
    await call('init', endpoint())
    await call('setToken', { tokenInfo: token })
    const tokenInfo = await refresh(token)
    const { error, reason } = await call('getUser')
    expect(reason).toMatchObject({ error_code: 'TokenExpired' })
    expect(reason?.message).toMatch(/\[status: 401\] \[code: TokenExpired\]/)
    // A structured clone of an error has no code.
    expect(error).toBeInstanceOf(Error)
    expect(error).not.toHaveProperty('code')
    const revived = reviveError(reason?.json)
    expect(revived).toBeInstanceOf(PDSError)
    expect(revived).toMatchObject({ code: 'TokenExpired', status: 401, reqId: expect.any(String) })
    await call('setToken', { tokenInfo })
    expect((await call('getUser')).result).toMatchObject({ user_id: 'user-1' })
  })
})

describe('a process with the session of the main process', () => {
  beforeEach(async () => {
    const transport = createTransport(endpoint())
    const { client_id, redirect_uris } = emulator.app('native')
    const app = { client_id, redirect_uri: redirect_uris[0] ?? '' }
    session = createSession({ key: 'user-1', grant: oauthGrant({ transport, ...app }) })
    await session.setToken(
      await getTokenByCode(transport, { ...app, code: emulator.createCode({ client_id }) }),
    )
    await call('initWithSession', endpoint())
  })

  it('gets its first token, and a new one after a rejection', async () => {
    expect((await call('getUser')).result).toMatchObject({ user_id: 'user-1' })
    const { access_token } = (await session?.getToken()) ?? {}
    const next = await session?.getToken({ rejected: access_token })
    expect((await call('getUser')).result).toMatchObject({ user_id: 'user-1' })
    expect(asked).toEqual([undefined, access_token])
    expect((await call('token')).result).toEqual({
      access_token: next?.access_token,
      expire_time: next?.expire_time,
    })
  })

  it('is told that a login is required', async () => {
    await session?.signOut()
    const { reason } = await call('getUser')
    expect(reason).toMatchObject({ error_code: 'RefreshFailed', cause: 'LoginRequired' })
    expect(reason?.message).toMatch(/^refresh_token_fun failed: LoginRequired: /)
  })
})
