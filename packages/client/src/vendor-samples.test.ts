import { PDSClient } from '@pds/client'
import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'

/*
 * The unchanged sample code of the vendor's page "Obtain an access token". The tests replace its placeholders and
 * declare the names that it does not declare: `private_Key_pem` in all samples, `domain_id` from the third sample on.
 */

const samples = {
  getUserJwtToken: `
const domain_id = 'Your domain ID'
const client_id = 'Your JWT application ID'
const privary_key_pem = 'Your private key'
const user_id = 'The ID of the user for which you want to obtain an access token'
const client = new PDSClient({
api_endpoint: \`https://\${domain_id}.api.aliyunpds.com\`
})
const params = {
domain_id,
client_id,
private_Key_pem,
user_id,
auto_create: false, // Specifies whether to automatically create a user if the specified user does not exist.
}
const jwtToken = await client.getUserJwtToken(params)
return jwtToken`,
  getServiceJwtToken: `
const domain_id = 'Your domain ID'
const client_id = 'Your JWT application ID'
const privary_key_pem = 'Your private key'
const client = new PDSClient({
api_endpoint: \`https://\${domain_id}.api.aliyunpds.com\`
})
const params = {
domain_id,
client_id,
private_Key_pem,
}
const jwtToken = await client.getServiceJwtToken(params)
return jwtToken`,
  refreshJwtToken: `
const client_id = 'Your JWT application ID'
const client = new PDSClient({
api_endpoint: \`https://\${domain_id}.api.aliyunpds.com\`
})
const params = {
client_id,
refresh_token: 'xxxxxxx',
}
const jwtToken = await client.refreshJwtToken(params)
return jwtToken`,
  getTokenByCode: `
const client_id = 'Your OAuth application ID'
const client_secret = 'Your OAuth application secret'
const redirect_uri = 'The callback URL of your OAuth application'
const client = new PDSClient({
api_endpoint: \`https://\${domain_id}.api.aliyunpds.com\`
});
const params = {
client_id,
client_secret,
redirect_uri,
code: 'xxxxxxx', // The one-off authorization code that is obtained in the OAuth access process.
};
const token = await client.getTokenByCode(params)
return token`,
  refreshToken: `
const client_id = 'Your OAuth application ID'
const client_secret = 'Your OAuth application secret'
const redirect_uri = 'The callback URL of your OAuth application'
const client = new PDSClient({
api_endpoint: \`https://\${domain_id}.api.aliyunpds.com\`
});
const params = {
client_id,
client_secret,
redirect_uri,
refresh_token: 'xxxxxxx'
}
const token = await client.refreshToken(params)
return token`,
}

let emulator: RunningEmulator
const redirect_uri = 'http://127.0.0.1:3000/callback'

beforeAll(async () => {
  emulator = await startEmulator({ domain_id: 'daily21453' })
})

afterAll(() => emulator.close())

// The samples use the real host. Its requests are sent to the emulator.
beforeEach(() => {
  const { fetch } = globalThis
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    const { origin, pathname } = new URL(url)
    expect(origin).toBe('https://daily21453.api.aliyunpds.com')
    return fetch(emulator.api_endpoint + pathname, init)
  })
})

afterEach(() => {
  vi.unstubAllGlobals()
})

type Token = Record<string, unknown> & { refresh_token: string }

/** Runs a sample. `secret` is the code or the refresh token that it spends. */
async function run(
  sample: keyof typeof samples,
  secret = '',
  rename: [from: string, to: string][] = [],
): Promise<Token> {
  const values: [placeholder: string, value: string][] = [
    ['Your domain ID', 'daily21453'],
    ['Your JWT application ID', 'jwt-app'],
    ['The ID of the user for which you want to obtain an access token', 'user-1'],
    ['Your OAuth application ID', 'webserver-app'],
    ['Your OAuth application secret', 'webserver-app-secret'],
    ['The callback URL of your OAuth application', redirect_uri],
    ['xxxxxxx', secret],
    ...rename,
  ]
  const code = values.reduce((text, [from, to]) => text.replaceAll(from, to), samples[sample])
  const AsyncFunction = (async () => undefined).constructor as FunctionConstructor
  // In braces, a sample may declare names that are already in its scope.
  const start = new AsyncFunction('PDSClient', 'domain_id', 'private_Key_pem', 'private_key_pem', `{${code}}`)
  const { private_key_pem } = emulator.app('jwt')
  return (await start(PDSClient, 'daily21453', private_key_pem, private_key_pem)) as Token
}

it('the samples of getUserJwtToken and refreshJwtToken work', async () => {
  const token = await run('getUserJwtToken')
  expect(token).toMatchObject({ user_id: 'user-1', role: 'user' })
  expect(await run('refreshJwtToken', token.refresh_token)).toMatchObject({ user_id: 'user-1' })
})

it('the sample of getServiceJwtToken works', async () => {
  expect(await run('getServiceJwtToken')).toMatchObject({ role: 'superadmin' })
})

it('the samples of getTokenByCode and refreshToken work', async () => {
  const token = await run('getTokenByCode', emulator.createCode({ client_id: 'webserver-app' }))
  expect(token).toMatchObject({ user_id: 'user-1' })
  expect(await run('refreshToken', token.refresh_token)).toMatchObject({ user_id: 'user-1' })
})

it("the samples work with the spelling of the page's tables", async () => {
  const tables: [string, string][] = [
    ['private_Key_pem', 'private_key_pem'],
    ['redirect_uri', 'redirect_url'],
  ]
  const user = await run('getUserJwtToken', '', tables)
  expect(await run('refreshJwtToken', user.refresh_token, tables)).toMatchObject({ user_id: 'user-1' })
  expect(await run('getServiceJwtToken', '', tables)).toMatchObject({ role: 'superadmin' })
  const token = await run('getTokenByCode', emulator.createCode({ client_id: 'webserver-app' }), tables)
  expect(await run('refreshToken', token.refresh_token, tables)).toMatchObject({ user_id: 'user-1' })
})
