import { fromEnv, type IEnvVariables } from '@pds/auth-jwt'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { expectInvalid } from './expect-invalid.test-helper.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('fromEnv', () => {
  it('returns each variable', () => {
    const env = fromEnv({
      PDS_DOMAIN_ID: 'bj1',
      PDS_CLIENT_ID: 'app',
      PDS_PRIVATE_KEY: 'pem',
      PDS_CLIENT_SECRET: 'secret',
      PDS_REDIRECT_URI: 'https://app.test/callback',
    })
    expect({ ...env.transport }).toEqual({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
    expect({ ...env.app }).toEqual({ domain_id: 'bj1', client_id: 'app', private_key_pem: 'pem' })
    expect({ ...env.oauthApp }).toEqual({
      client_id: 'app',
      client_secret: 'secret',
      redirect_uri: 'https://app.test/callback',
    })
  })

  it('reads process.env by default', () => {
    vi.stubEnv('PDS_DOMAIN_ID', 'bj2')
    expect(fromEnv().app.domain_id).toBe('bj2')
  })

  it('reads a variable when its property is used', () => {
    const variables: IEnvVariables = {}
    const env = fromEnv(variables)
    const { transport, app } = env
    variables.PDS_DOMAIN_ID = 'bj1'
    variables.PDS_CLIENT_ID = 'first'
    expect([transport.api_endpoint, app.client_id]).toEqual(['https://bj1.api.aliyunpds.com', 'first'])
    variables.PDS_CLIENT_ID = 'second'
    expect(app.client_id).toBe('second')
    expect('client_secret' in env.oauthApp).toBe(false)
    variables.PDS_CLIENT_SECRET = 'secret'
    expect(env.oauthApp.client_secret).toBe('secret')
  })

  it('prefers PDS_API_ENDPOINT to the endpoint of the domain', () => {
    const PDS_API_ENDPOINT = 'http://127.0.0.1:7171'
    expect(fromEnv({ PDS_API_ENDPOINT }).transport.api_endpoint).toBe(PDS_API_ENDPOINT)
    expect(fromEnv({ PDS_API_ENDPOINT, PDS_DOMAIN_ID: 'bj1' }).transport.api_endpoint).toBe(PDS_API_ENDPOINT)
  })

  it('omits the client secret of an application that has none', () => {
    const env = fromEnv({ PDS_CLIENT_ID: 'app', PDS_REDIRECT_URI: 'app:/callback', PDS_CLIENT_SECRET: ' ' })
    expect(Object.keys(env.oauthApp)).toEqual(['client_id', 'redirect_uri'])
  })

  it('accepts the env of a Worker, which has other bindings too', () => {
    interface Env {
      SESSIONS: { get(): object }
      PDS_DOMAIN_ID: string
      PDS_CLIENT_ID: string
    }
    const env: Env = Object.create(null)
    Object.assign(env, { SESSIONS: { get: Object }, PDS_DOMAIN_ID: 'bj1', PDS_CLIENT_ID: 'app' })
    expect(fromEnv(env).app.client_id).toBe('app')
    expectInvalid(
      () => fromEnv(env).oauthApp.redirect_uri,
      'PDS_REDIRECT_URI is missing or empty in env: set it to a redirect URI of the application',
    )
  })

  it('returns frozen objects', () => {
    const env = fromEnv()
    for (const object of [env, env.transport, env.app, env.oauthApp])
      expect(object).toSatisfy(Object.isFrozen)
  })

  it.each([null, 'PDS_CLIENT_ID=a', 5])('rejects %j as the variables', (env) => {
    expect(() => fromEnv(env as never)).toThrow(/^fromEnv: env must be an object of variables \(received /)
  })
})

function attempt(read: () => unknown): unknown {
  try {
    return read()
  } catch (error) {
    return error
  }
}

describe('fromEnv without a variable', () => {
  const cases: [property: string, read: (env: ReturnType<typeof fromEnv>) => unknown, message: string][] = [
    [
      'transport.api_endpoint',
      (env) => ({ ...env.transport }),
      'PDS_DOMAIN_ID is missing or empty in process.env: set it to the id of the domain, for example bj1, ' +
        'or set PDS_API_ENDPOINT to the URL of the service',
    ],
    [
      'app.domain_id',
      (env) => env.app.domain_id,
      'PDS_DOMAIN_ID is missing or empty in process.env: set it to the id of the domain, for example bj1',
    ],
    [
      'app.client_id',
      (env) => env.app.client_id,
      'PDS_CLIENT_ID is missing or empty in process.env: set it to the id of the application',
    ],
    [
      'app.private_key_pem',
      (env) => env.app.private_key_pem,
      'PDS_PRIVATE_KEY is missing or empty in process.env: set it to the private key of the application (PEM), ' +
        'or set PDS_PRIVATE_KEY_FILE to the path of its file',
    ],
    [
      'oauthApp.client_id',
      (env) => env.oauthApp.client_id,
      'PDS_CLIENT_ID is missing or empty in process.env: set it to the id of the application',
    ],
    [
      'oauthApp.redirect_uri',
      (env) => env.oauthApp.redirect_uri,
      'PDS_REDIRECT_URI is missing or empty in process.env: set it to a redirect URI of the application',
    ],
  ]
  const names = [
    'PDS_DOMAIN_ID',
    'PDS_API_ENDPOINT',
    'PDS_CLIENT_ID',
    'PDS_PRIVATE_KEY',
    'PDS_PRIVATE_KEY_FILE',
    'PDS_CLIENT_SECRET',
    'PDS_REDIRECT_URI',
  ]

  it.each(cases)('names it when %s is used', (_property, read, message) => {
    for (const value of [undefined, '', ' \n']) {
      for (const name of names) vi.stubEnv(name, value)
      const env = fromEnv()
      expect(Object.keys(env)).toEqual(['transport', 'app', 'oauthApp'])
      expectInvalid(() => read(env), message)
    }
  })

  it('names it in a runtime without process.env', () => {
    const original = process.env
    Object.assign(process, { env: undefined })
    const error = attempt(() => fromEnv().app.client_id)
    Object.assign(process, { env: original })
    expect(error).toMatchObject({ message: expect.stringContaining('PDS_CLIENT_ID is missing or empty') })
  })
})

describe('fromEnv with an invalid variable', () => {
  it.each([
    ['canary\n', 'that ends with a line break'],
    [' canary', 'that starts with whitespace'],
    ['can\tary', 'that contains a control character'],
  ])('rejects the text %j and does not show it', (value, flaw) => {
    const message = `must be a non-empty string (received a string ${flaw})`
    const env = fromEnv({ PDS_CLIENT_ID: value, PDS_CLIENT_SECRET: value })
    expectInvalid(() => env.app.client_id, `PDS_CLIENT_ID ${message}`)
    expectInvalid(() => env.oauthApp.client_secret, `PDS_CLIENT_SECRET ${message}`)
  })

  it.each([
    [5, 'a number'],
    [null, 'null'],
    [{}, 'an object'],
  ])('rejects the value %j of a Worker', (value, received) => {
    const env = fromEnv({ PDS_CLIENT_ID: value, PDS_PRIVATE_KEY: value } as never)
    expectInvalid(() => env.app.client_id, `PDS_CLIENT_ID must be a string (received ${received})`)
    expectInvalid(() => env.app.private_key_pem, `PDS_PRIVATE_KEY must be a string (received ${received})`)
  })

  it.each(['https://bj1.api.aliyunpds.com', 'bj1.api.aliyunpds.com', 'elsewhere.test/', '{domain_id}'])(
    'rejects %s as the id of a domain',
    (PDS_DOMAIN_ID) => {
      expectInvalid(
        () => fromEnv({ PDS_DOMAIN_ID }).transport.api_endpoint,
        'PDS_DOMAIN_ID must be only the id of the domain, for example bj1: set PDS_API_ENDPOINT to a URL',
      )
    },
  )
})

describe('JSON of the settings', () => {
  it('shows neither the key nor the client secret', () => {
    const env = fromEnv({
      PDS_DOMAIN_ID: 'bj1',
      PDS_CLIENT_ID: 'app',
      PDS_PRIVATE_KEY: 'canary',
      PDS_CLIENT_SECRET: 'canary',
      PDS_REDIRECT_URI: 'app:/callback',
    })
    expect(JSON.parse(JSON.stringify(env))).toEqual({
      transport: { api_endpoint: 'https://bj1.api.aliyunpds.com' },
      app: { domain_id: 'bj1', client_id: 'app', private_key_pem: '***' },
      oauthApp: { client_id: 'app', client_secret: '***', redirect_uri: 'app:/callback' },
    })
    expect(JSON.stringify([env.app])).toBe('[{"domain_id":"bj1","client_id":"app","private_key_pem":"***"}]')
  })

  it('omits a missing variable', () => {
    expect(JSON.stringify(fromEnv({ PDS_CLIENT_ID: 'app' }))).toBe(
      '{"transport":{},"app":{"client_id":"app"},"oauthApp":{"client_id":"app"}}',
    )
  })
})

it('structuredClone rejects the settings', () => {
  const env = fromEnv({ PDS_DOMAIN_ID: 'bj1', PDS_CLIENT_ID: 'app', PDS_PRIVATE_KEY: 'pem' })
  for (const object of [env, env.app, { app: env.app }]) {
    expect(() => structuredClone(object)).toThrow(expect.objectContaining({ name: 'DataCloneError' }))
  }
})
