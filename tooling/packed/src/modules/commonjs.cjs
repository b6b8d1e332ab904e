/* A CommonJS module that requires each package and makes a call with it. */
const assert = require('node:assert/strict')
const { randomBytes } = require('node:crypto')
const { getServiceJwtToken, jwtGrant } = require('@pds/auth-jwt')
const { createAuthorizationUrl, getTokenByCode } = require('@pds/auth-oauth')
const { isPDSError, PDSClient } = require('@pds/client')
const { createTransport, PDSError } = require('@pds/core')
const { startEmulator } = require('@pds/emulator')
const { createSession, encryptedStore, memoryStore } = require('@pds/session')
const { storeTests } = require('@pds/session/testing')
const { postgresStore } = require('@pds/session-postgres')
const { redisStore } = require('@pds/session-redis')
const { sqliteStore } = require('@pds/session-sqlite')
const { webStore } = require('@pds/session-web')

async function main() {
  assert.deepEqual(Object.keys(require('@pds/types')), [])
  assert.equal((await import('@pds/core')).PDSError, PDSError, 'require and import return the same module')
  const emulator = await startEmulator()
  try {
    await callTheApi(emulator)
    await signIn(emulator)
    await callWithSessions(emulator)
  } finally {
    await emulator.close()
  }
}

const keyOf = ({ domain_id, app }) => {
  const { client_id, private_key_pem } = app('jwt')
  return { domain_id, client_id, private_key_pem }
}

async function callTheApi(emulator) {
  const client = new PDSClient({ api_endpoint: emulator.api_endpoint })
  const token = await client.getUserJwtToken({ ...keyOf(emulator), user_id: 'user-1' })
  client.setToken(token)
  assert.equal((await client.postAPI('/user/get', { user_id: 'user-1' })).user_id, 'user-1')
  const { client_id } = emulator.app('jwt')
  await client.refreshJwtToken({ client_id, refresh_token: token.refresh_token })
  const spent = client.refreshJwtToken({ client_id, refresh_token: token.refresh_token })
  await assert.rejects(
    spent,
    (error) => isPDSError(error) && error instanceof PDSError && error.status === 400,
  )
  const transport = createTransport({ api_endpoint: emulator.api_endpoint })
  assert.equal((await getServiceJwtToken(transport, keyOf(emulator))).role, 'superadmin')
}

async function signIn(emulator) {
  const transport = createTransport({ api_endpoint: emulator.api_endpoint })
  const { client_id, redirect_uris } = emulator.app('native')
  const request = await createAuthorizationUrl(transport, { client_id, redirect_uri: redirect_uris[0] })
  const { searchParams } = new URL(request.url)
  const code = emulator.createCode({
    client_id,
    code_challenge: searchParams.get('code_challenge'),
    code_challenge_method: 'S256',
  })
  assert.equal((await getTokenByCode(transport, { ...request, code })).user_id, 'user-1')
}

async function callWithSessions(emulator) {
  const transport = createTransport({ api_endpoint: emulator.api_endpoint })
  const grant = jwtGrant({ transport, ...keyOf(emulator), user_id: 'user-1' })
  const address = `${emulator.api_endpoint}/v2/user/get`
  const sqlite = sqliteStore({ path: process.argv[2] })
  for (const store of [memoryStore(), sqlite, encryptedStore(webStore(), randomBytes(32))]) {
    const session = createSession({ key: 'user-1', grant, store })
    const headers = { 'content-type': 'application/json' }
    const response = await session.fetch(address, { method: 'POST', headers, body: '{"user_id":"user-1"}' })
    assert.equal(response.status, 200)
    session.close()
  }
  sqlite.close()
  const shared = memoryStore()
  for (const test of storeTests(() => shared)) await test.run()
  const fail = async () => assert.fail('there is no Redis server')
  const store = redisStore({ client: { isOpen: true, evalSha: fail, eval: fail } })
  await assert.rejects(store.read('user-1'), {
    message: 'Redis: there is no Redis server (evalSha of node-redis)',
  })
  const postgres = postgresStore({ query: async () => [] })
  assert.equal(await postgres.read('user-1'), undefined)
}

main().then(() => process.stdout.write('every call succeeded\n'))
