import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  claims,
  createEmulatorBeforeEach,
  emulator,
  type Fields,
  getJwtToken,
  grantByAssertion,
  type SigningOptions,
  sign,
  startTime,
} from '../test/emulator-requests.test-helper.ts'

const otherKey = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
})

createEmulatorBeforeEach()

describe('the response to an assertion', () => {
  it('has the documented fields', async () => {
    const { status, body, headers } = await getJwtToken()
    expect(status).toBe(200)
    expect(body).toEqual({
      access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      refresh_token: expect.stringMatching(/^[0-9a-f]{32}$/),
      expires_in: 7200,
      token_type: 'Bearer',
      user_id: 'user-1',
      user_name: 'User 1',
      nick_name: 'User 1',
      avatar: '',
      default_drive_id: expect.any(String),
      role: 'user',
      status: 'enabled',
      expire_time: '2026-01-02T05:04:05Z',
      is_first_login: true,
      domain_id: 'local',
    })
    expect(headers.get('cache-control')).toBe('no-store')
    expect((await getJwtToken()).body.is_first_login).toBe(false)
  })

  it('has an access token that is an RS256 JWT of the documented shape', async () => {
    const { body } = await getJwtToken()
    const [header, payload] = String(body.access_token)
      .split('.')
      .slice(0, 2)
      .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Fields)
    expect(header).toEqual({ alg: 'RS256', typ: 'JWT' })
    expect(payload).toEqual({
      userId: 'user-1',
      customJson: expect.any(String),
      exp: startTime / 1000 + 7200,
      iat: startTime / 1000,
    })
    expect(JSON.parse(String(payload?.customJson))).toMatchObject({
      clientId: 'jwt-app',
      domainId: 'local',
      scope: ['ALL'],
      role: 'user',
    })
  })

  it('has the role superadmin for a service assertion', async () => {
    const { body } = await getJwtToken({ sub: 'local', sub_type: 'service' })
    expect(body.role).toBe('superadmin')
  })

  it('creates the user if auto_create is set', async () => {
    expect(await getJwtToken({ sub: 'new-user' })).toMatchObject({
      status: 404,
      body: { code: 'NotFound.User' },
    })
    expect(await getJwtToken({ sub: 'new-user', auto_create: true })).toMatchObject({
      status: 200,
      body: { user_id: 'new-user', is_first_login: true },
    })
    expect(emulator.users.map((user) => user.user_id)).toEqual(['user-1', 'new-user'])
  })

  it('has the subdomain of the request', async () => {
    const { body } = await grantByAssertion(await sign(claims()), { subdomain_id: 'sub-1' })
    expect(body.subdomain_id).toBe('sub-1')
  })
})

describe('an assertion is rejected', () => {
  const cases: [what: string, code: string, changes: Fields, options?: SigningOptions][] = [
    ['for another issuer', 'InvalidParameterNotMatch', { iss: 'webserver-app' }],
    ['for another audience', 'InvalidParameterNotMatch', { aud: 'other' }],
    ['without an audience', 'InvalidParameter', { aud: undefined }],
    ['without a subject', 'InvalidParameter', { sub: undefined }],
    ['without an expiry', 'InvalidParameter', { exp: undefined }],
    ['without a jti', 'InvalidParameter', { jti: undefined }],
    ['with an empty jti', 'InvalidParameterOutOfRange', { jti: '' }],
    ['with a jti of 129 characters', 'InvalidParameterOutOfRange', { jti: 'j'.repeat(129) }],
    ['after its expiry', 'InvalidParameterExpired', { exp: startTime / 1000 }],
    ['with an iat in the future', 'InvalidParameter', { iat: startTime / 1000 + 1 }],
    ['with an exp that is not a number', 'InvalidParameterWrongFormat', { exp: 'soon' }],
    ['with an unknown sub_type', 'InvalidParameterNotSupported', { sub_type: 'admin' }],
    ['without a sub_type', 'InvalidParameterNotSupported', { sub_type: undefined }],
    ['for the service of another domain', 'InvalidParameterNotMatch', { sub_type: 'service', sub: 'other' }],
    ['with auto_create as a string', 'InvalidParameterWrongFormat', { auto_create: 'true' }],
    ['signed with RS512', 'InvalidParameterNotSupported', {}, { header: { alg: 'RS512' } }],
    ['with another typ', 'InvalidParameterNotMatch', {}, { header: { typ: 'at+jwt' } }],
    ['signed with another key', 'InvalidParameter', {}, { key: otherKey.privateKey }],
  ]
  it.each(cases)('%s', async (_what, code, changes, options) => {
    const { status, body } = await grantByAssertion(await sign(claims(changes), options))
    expect({ status, code: body.code }).toEqual({ status: 400, code })
  })

  it('without a signature', async () => {
    const parts = [{ alg: 'none', typ: 'JWT' }, claims()].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    )
    expect((await grantByAssertion(`${parts.join('.')}.`)).body.code).toBe('InvalidParameterNotSupported')
  })

  it('if it is not a JWT', async () => {
    expect((await grantByAssertion('nonsense')).body.code).toBe('InvalidParameterWrongFormat')
  })

  it('if its jti was used before', async () => {
    const assertion = await sign(claims({ jti: 'j'.repeat(16) }))
    expect((await grantByAssertion(assertion)).status).toBe(200)
    expect((await grantByAssertion(assertion)).body).toMatchObject({
      code: 'InvalidParameter',
      message: 'The input parameter assertion is not valid: its jti was used before.',
    })
    expect((await getJwtToken({ jti: 'j'.repeat(128) })).status).toBe(200)
  })
})
