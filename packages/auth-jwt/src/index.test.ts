import { createVerify } from 'node:crypto'
import { getServiceJwtToken, getUserJwtToken, refreshJwtToken, signAssertion } from '@pds/auth-jwt'
import { createTransport, type PDSTransport } from '@pds/core'
import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let emulator: RunningEmulator
let transport: PDSTransport
let key: { domain_id: string; client_id: string; private_key_pem: string }

beforeAll(async () => {
  emulator = await startEmulator()
  transport = createTransport({ api_endpoint: emulator.api_endpoint })
  const { client_id, private_key_pem = '' } = emulator.app('jwt')
  key = { domain_id: emulator.domain_id, client_id, private_key_pem }
})

afterAll(() => emulator.close())

function decode(assertion: string): Record<string, unknown>[] {
  const parts = assertion.split('.').slice(0, 2)
  return parts.map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()))
}

describe('an assertion', () => {
  const now = Date.parse('2026-01-02T03:04:05.678Z')
  const fixed = createTransport({ api_endpoint: 'https://bj1.api.aliyunpds.com', clock: () => now })

  it('for a user has the documented header and claims and a valid signature', async () => {
    const assertion = await signAssertion(fixed, { sub_type: 'user', ...key, user_id: 'user-1' })
    const [header, claims] = decode(assertion)
    expect(header).toEqual({ alg: 'RS256', typ: 'JWT' })
    expect(claims).toEqual({
      iss: 'jwt-app',
      sub: 'user-1',
      sub_type: 'user',
      aud: 'local',
      jti: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      exp: 1767323045 + 300,
      iat: 1767323045 - 300,
      auto_create: false,
    })
    const [head, body, signature = ''] = assertion.split('.')
    const verify = createVerify('RSA-SHA256').update(`${head}.${body}`)
    expect(verify.verify(emulator.app('jwt').public_key_pem, signature, 'base64url')).toBe(true)
  })

  it('for the service account has the domain as its subject', async () => {
    const [, claims] = decode(await signAssertion(fixed, { sub_type: 'service', ...key }))
    expect(claims).toMatchObject({ sub: 'local', sub_type: 'service', aud: 'local' })
    expect(claims).not.toHaveProperty('auto_create')
  })

  it('has a unique jti', async () => {
    const assertions = Array.from({ length: 50 }, () => signAssertion(fixed, { sub_type: 'service', ...key }))
    const ids = (await Promise.all(assertions)).map((assertion) => decode(assertion)[1]?.jti)
    expect(new Set(ids).size).toBe(50)
  })

  it.each([undefined, 'admin'])('is rejected for the sub_type %s', async (sub_type) => {
    const params = { ...key, sub_type } as unknown as { sub_type: 'service' } & typeof key
    await expect(signAssertion(fixed, params)).rejects.toMatchObject({ code: 'InvalidParameter' })
  })
})

describe('getUserJwtToken', () => {
  it('returns the token of a user', async () => {
    const token = await getUserJwtToken(transport, { ...key, user_id: 'user-1' })
    expect(token).toMatchObject({ user_id: 'user-1', role: 'user', expires_in: 7200, domain_id: 'local' })
  })

  it('creates the user with auto_create', async () => {
    const params = { ...key, user_id: 'new-user' }
    await expect(getUserJwtToken(transport, params)).rejects.toMatchObject({
      status: 404,
      code: 'NotFound.User',
    })
    const token = await getUserJwtToken(transport, { ...params, auto_create: true })
    expect(token).toMatchObject({ user_id: 'new-user', is_first_login: true })
  })

  it('sends the subdomain', async () => {
    const token = await getUserJwtToken(transport, { ...key, user_id: 'user-1', subdomain_id: 'sub-1' })
    expect(token.subdomain_id).toBe('sub-1')
  })
})

describe('getServiceJwtToken', () => {
  it('returns the token of the super administrator', async () => {
    expect(await getServiceJwtToken(transport, key)).toMatchObject({ role: 'superadmin', expires_in: 7200 })
  })
})

describe('a wrong local clock', () => {
  const hour = 3_600_000

  it.each([-3 * hour, 3 * hour, -10 * 366 * 24 * hour, 10 * 366 * 24 * hour])(
    'that is off by %i ms costs one additional request',
    async (offset) => {
      const { api_endpoint } = emulator
      const wrong = createTransport({ api_endpoint, clock: () => Date.now() + offset, retryCount: 0 })
      const before = emulator.requests.length
      const { expire_time } = await getUserJwtToken(wrong, { ...key, user_id: 'user-1' })
      expect(emulator.requests.slice(before)).toEqual([
        expect.objectContaining({ status: 400 }),
        expect.objectContaining({ status: 200 }),
      ])
      expect(Math.abs(Date.parse(expire_time) - Date.now() - 2 * hour)).toBeLessThan(60_000)
      await getServiceJwtToken(wrong, key)
      expect(emulator.requests).toHaveLength(before + 3)
    },
  )
})

describe('refreshJwtToken', () => {
  it('replaces both tokens', async () => {
    const old = await getUserJwtToken(transport, { ...key, user_id: 'user-1' })
    const { client_id } = key
    const refresh_token = old.refresh_token ?? ''
    const fresh = await refreshJwtToken(transport, { client_id, refresh_token })
    expect(fresh).toMatchObject({ user_id: 'user-1', expires_in: 7200 })
    expect([fresh.access_token, fresh.refresh_token]).not.toContain(old.access_token)
    expect(fresh.refresh_token).not.toBe(refresh_token)
    await expect(refreshJwtToken(transport, { client_id, refresh_token })).rejects.toMatchObject({
      code: 'InvalidParameter.RefreshToken',
      outcome: 'responded',
    })
  })
})

describe('invalid parameters are rejected before anything is sent', () => {
  const methods = { getUserJwtToken, getServiceJwtToken, refreshJwtToken }
  type Method = keyof typeof methods
  const cases: [method: Method, params: unknown, field: string][] = [
    ['getUserJwtToken', undefined, 'params'],
    ['getUserJwtToken', { client_id: undefined }, 'client_id'],
    ['getUserJwtToken', { client_id: 5 }, 'client_id'],
    ['getUserJwtToken', { domain_id: '' }, 'domain_id'],
    ['getUserJwtToken', { user_id: undefined }, 'user_id'],
    ['getUserJwtToken', { auto_create: 'true' }, 'auto_create'],
    ['getUserJwtToken', { subdomain_id: 1 }, 'subdomain_id'],
    ['getUserJwtToken', { private_key_pem: undefined }, 'private_key_pem'],
    ['getUserJwtToken', { passphrase: 1 }, 'passphrase'],
    ['getServiceJwtToken', null, 'params'],
    ['getServiceJwtToken', { domain_id: null }, 'domain_id'],
    ['refreshJwtToken', [], 'params'],
    ['refreshJwtToken', { client_id: '' }, 'client_id'],
    ['refreshJwtToken', { refresh_token: undefined }, 'refresh_token'],
    // A name that is not known.
    ['getUserJwtToken', { autoCreate: true }, 'autoCreate is not supported: did you mean auto_create\\?$'],
    [
      'getUserJwtToken',
      { sub_domain_id: 's' },
      'sub_domain_id is not supported: did you mean subdomain_id\\?$',
    ],
    [
      'getUserJwtToken',
      { privateKeyPem: 'x' },
      'privateKeyPem is not supported: did you mean private_key_pem\\?$',
    ],
    ['getServiceJwtToken', { user_id: 'user-1' }, 'user_id is not supported: the names are '],
    ['refreshJwtToken', { private_key_pem: 'x' }, 'private_key_pem is not supported: the names are '],
    // A value that a file or a terminal has changed.
    ['getUserJwtToken', { user_id: 'canary\n' }, 'user_id .* that ends with a line break\\)$'],
    ['getUserJwtToken', { domain_id: ' canary' }, 'domain_id .* that starts with whitespace\\)$'],
    ['getServiceJwtToken', { client_id: 'can\tary' }, 'client_id .* that contains a control character\\)$'],
    ['getUserJwtToken', { subdomain_id: 'canary ' }, 'subdomain_id .* that ends with whitespace\\)$'],
    ['refreshJwtToken', { refresh_token: 'canary\n' }, 'refresh_token .* that ends with a line break\\)$'],
  ]
  it.each(cases)('%s %o', async (name, changes, field) => {
    const before = emulator.requests.length
    const { client_id } = key
    const complete = {
      getUserJwtToken: { ...key, user_id: 'user-1' },
      getServiceJwtToken: key,
      refreshJwtToken: { client_id, refresh_token: 'r' },
    }[name]
    const usable = typeof changes === 'object' && changes !== null && !Array.isArray(changes)
    const params = (usable ? { ...complete, ...changes } : changes) as typeof key & {
      user_id: string
      refresh_token: string
    }
    const error = await methods[name](transport, params).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ name: 'PDSError', code: 'InvalidParameter', outcome: 'not-sent' })
    expect((error as Error).message).toMatch(new RegExp(`^${name}: ${field}`))
    expect((error as Error).message).not.toContain('canary')
    expect(emulator.requests).toHaveLength(before)
  })

  it.each([
    ['getUserJwtToken', (given: PDSTransport) => getUserJwtToken(given, { ...key, user_id: 'user-1' })],
    ['getServiceJwtToken', (given: PDSTransport) => getServiceJwtToken(given, key)],
    ['signAssertion', (given: PDSTransport) => signAssertion(given, { ...key, sub_type: 'service' })],
    [
      'refreshJwtToken',
      (given: PDSTransport) => refreshJwtToken(given, { client_id: key.client_id, refresh_token: 'r' }),
    ],
  ])('%s rejects everything but a transport', async (name, send) => {
    for (const [given, flaw] of [
      [undefined, 'is required: the result of createTransport'],
      [key, 'must be the result of createTransport (received an object)'],
      [
        { transport },
        'must be the result of createTransport (received a PDSClient: pass its property transport)',
      ],
    ] as const) {
      await expect(send(given as unknown as PDSTransport)).rejects.toMatchObject({
        code: 'InvalidParameter',
        outcome: 'not-sent',
        message: `${name}: transport ${flaw}`,
      })
    }
  })
})
