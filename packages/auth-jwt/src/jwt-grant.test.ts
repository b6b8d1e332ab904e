import { jwtGrant } from '@pds/auth-jwt'
import { createTransport, type PDSTransport } from '@pds/core'
import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let emulator: RunningEmulator
let app: { transport: PDSTransport; domain_id: string; client_id: string; private_key_pem: string }
const context = { signal: new AbortController().signal, timeout: 5000 }

beforeAll(async () => {
  emulator = await startEmulator()
  const { client_id, private_key_pem = '' } = emulator.app('jwt')
  const transport = createTransport({ api_endpoint: emulator.api_endpoint })
  app = { transport, domain_id: emulator.domain_id, client_id, private_key_pem }
})

afterAll(() => emulator.close())

describe('jwtGrant', () => {
  it('obtains a new token of the user at each call', async () => {
    const { obtain } = jwtGrant({ ...app, user_id: 'user-1' })
    const tokens = [await obtain?.(context), await obtain?.(context)]
    for (const token of tokens) expect(token).toMatchObject({ user_id: 'user-1', role: 'user' })
    expect(tokens[0]?.access_token).not.toBe(tokens[1]?.access_token)
  })

  it('creates the user with auto_create', async () => {
    const grant = jwtGrant({ ...app, user_id: 'new-user', auto_create: true })
    expect(await grant.obtain?.(context)).toMatchObject({ user_id: 'new-user', is_first_login: true })
  })

  it('obtains the token of the service account only with sub_type service', async () => {
    const { obtain } = jwtGrant({ ...app, sub_type: 'service' })
    expect(await obtain?.(context)).toMatchObject({ role: 'superadmin' })
    expect(() => jwtGrant({ ...app } as never)).toThrow('jwtGrant: user_id is required')
  })

  it('revokes a refresh token and its access token', async () => {
    const grant = jwtGrant({ ...app, user_id: 'user-1' })
    const { access_token = '', refresh_token = '' } = (await grant.obtain?.(context)) ?? {}
    await grant.revoke?.(refresh_token, context)
    await grant.revoke?.(refresh_token, context)
    const headers = { authorization: `Bearer ${access_token}` }
    const response = await fetch(`${emulator.api_endpoint}/v2/user/get`, { method: 'POST', headers })
    expect(response.status).toBe(401)
  })

  it('derives its id from the issuer, the application and the subject', () => {
    const ids = [
      jwtGrant({ ...app, user_id: 'user-1' }),
      jwtGrant({ ...app, user_id: 'user-2' }),
      jwtGrant({ ...app, user_id: 'user-1', client_id: 'another' }),
      jwtGrant({ ...app, user_id: 'user-1', domain_id: 'another' }),
      jwtGrant({
        ...app,
        user_id: 'user-1',
        transport: createTransport({ api_endpoint: 'https://bj1.test' }),
      }),
      jwtGrant({ ...app, sub_type: 'service' }),
    ].map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(jwtGrant({ ...app, user_id: 'user-1', auto_create: true }).id).toBe(ids[0])
  })

  it('uses the origins and the clock of its transport', () => {
    const transport = createTransport({
      api_endpoint: 'https://bj1.test/x/',
      auth_endpoint: 'https://auth.test',
      clock: () => 1000,
    })
    const { origins, now } = jwtGrant({ ...app, transport, user_id: 'user-1' })
    expect(origins).toEqual(['https://bj1.test', 'https://auth.test'])
    expect(now?.()).toBe(1000)
  })

  it('copies its parameters', async () => {
    const params = { ...app, user_id: 'user-1' }
    const { obtain } = jwtGrant(params)
    params.user_id = 'nobody'
    expect(await obtain?.(context)).toMatchObject({ user_id: 'user-1' })
  })

  it.each([
    [
      { user_id: 'u', transport: undefined },
      'jwtGrant: transport is required: the result of createTransport',
    ],
    [{ user_id: 'u', transport: { transport: {} } }, '(received a PDSClient: pass its property transport)'],
    [{ user_id: 'u', autoCreate: true }, 'jwtGrant: autoCreate is not supported: did you mean auto_create?'],
    [{ user_id: 'u', subType: 'service' }, 'jwtGrant: subType is not supported: did you mean sub_type?'],
    // Without the error, this would be a session of the super administrator.
    [{ user_id: 'u', sub_type: 'service' }, 'jwtGrant: user_id is not supported: the names are '],
    [{ user_id: 'u\n' }, 'jwtGrant: user_id must be a non-empty string (received a string that ends with a'],
    [{ user_id: '' }, 'jwtGrant: user_id must be a non-empty string (received an empty string)'],
    [{ user_id: 'u', client_id: 7 }, 'jwtGrant: client_id must be a non-empty string (received a number)'],
    [{ user_id: 'u', private_key_pem: 'x' }, 'jwtGrant: private_key_pem '],
    [{ user_id: 'u', auto_create: 'yes' }, 'jwtGrant: auto_create must be true or false'],
    [{ sub_type: 'admin' }, "jwtGrant: sub_type must be 'user' or 'service'"],
  ])('rejects %j', (changes, message) => {
    expect(() => jwtGrant({ ...app, ...changes } as never)).toThrow(message)
  })

  it('stops on abort and at its timeout', async () => {
    const { obtain } = jwtGrant({ ...app, user_id: 'user-1' })
    const aborted = obtain?.({ ...context, signal: AbortSignal.abort() })
    await expect(aborted).rejects.toMatchObject({ code: 'Aborted', outcome: 'not-sent' })
    emulator.injectFault({ type: 'delay', milliseconds: 10_000 })
    await expect(obtain?.({ ...context, timeout: 30 })).rejects.toMatchObject({ code: 'Timeout' })
  })
})
