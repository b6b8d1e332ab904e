import { type ApiCall, createEmulator } from '@pds/emulator'
import { describe, expect, it } from 'vitest'
import {
  createEmulatorBeforeEach,
  emulator,
  getJwtToken,
  postJson,
} from '../test/emulator-requests.test-helper.ts'

const calls: ApiCall[] = []
createEmulatorBeforeEach({
  api: {
    '/v2/drive/list': (call) => {
      calls.push(call)
      return { items: [call.user?.default_drive_id ?? call.share_id] }
    },
    '/v2/file/delete': () => undefined,
    '/v2/file/get': () => Response.json({ code: 'NotFound.File', message: 'No such file.' }, { status: 404 }),
    '/v2/file/create': async () => {
      throw new Error('no space')
    },
  },
  shareLinks: [{ share_id: 'open' }, { share_id: 'locked', share_pwd: 'secret-password' }],
})

const bearer = async () => ({ authorization: `Bearer ${(await getJwtToken()).body.access_token}` })
const share = (json: unknown) => postJson('/v2/share_link/get_share_token', json)

describe('a handler', () => {
  it('gets the user and the body of a call with an access token', async () => {
    const { status, body } = await postJson('/v2/drive/list', { limit: 10 }, await bearer())
    expect([status, body]).toEqual([200, { items: [calls.at(-1)?.user?.default_drive_id] }])
    expect(calls.at(-1)).toMatchObject({ user: { user_id: 'user-1' }, body: { limit: 10 } })
    expect(calls.at(-1)?.request.headers.get('content-type')).toBe('application/json')
    expect(emulator.requests.at(-1)).toMatchObject({ path: '/v2/drive/list', user_id: 'user-1', status: 200 })
  })

  it('gets an empty object for an empty body', async () => {
    await postJson('/v2/drive/list', '', await bearer())
    expect(calls.at(-1)?.body).toEqual({})
  })

  it('may return a response, or nothing', async () => {
    const headers = await bearer()
    expect(await postJson('/v2/file/get', {}, headers)).toMatchObject({
      status: 404,
      body: { code: 'NotFound.File' },
    })
    expect(await postJson('/v2/file/delete', {}, headers)).toMatchObject({ status: 204, body: {} })
  })

  it('that throws leads to an error that names it', async () => {
    expect(await postJson('/v2/file/create', {}, await bearer())).toMatchObject({
      status: 500,
      body: { message: 'The handler of /v2/file/create in the option api failed: no space' },
    })
  })

  it('is not called without a valid token, or for another body than JSON', async () => {
    const before = calls.length
    expect((await postJson('/v2/drive/list', {})).body.code).toBe('AccessTokenInvalid')
    expect((await postJson('/v2/drive/list', {}, { authorization: 'Bearer x' })).status).toBe(401)
    const headers = await bearer()
    expect((await postJson('/v2/drive/list', '[]', headers)).body.code).toBe('InvalidRequestJSONFormat')
    expect(await postJson('/v2/drive/list', {}, { ...headers, 'x-share-token': 'x' })).toMatchObject({
      status: 401,
      body: { code: 'ShareLinkTokenInvalid' },
    })
    emulator.clock.advance(7_200_000)
    expect((await postJson('/v2/drive/list', {}, headers)).status).toBe(401)
    expect(calls).toHaveLength(before)
  })
})

describe('a share token', () => {
  it('gives access to the handlers until it expires', async () => {
    const { status, body } = await share({ share_id: 'open', expire_sec: 60 })
    expect([status, body]).toEqual([
      200,
      {
        share_token: expect.stringMatching(/^[\da-f]{32}$/),
        expires_in: 60,
        expire_time: '2026-01-02T03:05:05Z',
      },
    ])
    const headers = { 'x-share-token': String(body.share_token) }
    expect((await postJson('/v2/drive/list', {}, headers)).body).toEqual({ items: ['open'] })
    expect(JSON.stringify(emulator.requests)).not.toContain(body.share_token)
    expect(emulator.requests.at(-1)?.share_token).toMatch(/^\*{3}/)
    emulator.clock.advance(60_000)
    expect((await postJson('/v2/drive/list', {}, headers)).body.code).toBe('ShareLinkTokenInvalid')
  })

  it('is valid for two hours by default, and needs the password of its link', async () => {
    expect((await share({ share_id: 'locked', share_pwd: 'secret-password' })).body.expires_in).toBe(7200)
    expect(JSON.stringify(emulator.requests)).not.toContain('secret-password')
    expect((await share({ share_id: 'locked', share_pwd: 'wrong' })).body.code).toBe(
      'InvalidParameterNotMatch',
    )
    expect((await share({ share_id: 'locked' })).body.code).toBe('InvalidParameterNotMatch')
  })

  it.each([
    ['NotFound.ShareLink', { share_id: 'unknown' }],
    ['InvalidParameterMissing', {}],
    ['InvalidParameterWrongFormat', { share_id: 1 }],
    ['InvalidParameterOutOfRange', { share_id: 'open', expire_sec: 0 }],
    ['InvalidParameterOutOfRange', { share_id: 'open', expire_sec: 7201 }],
    ['InvalidParameterOutOfRange', { share_id: 'open', expire_sec: 1.5 }],
    ['InvalidParameterOutOfRange', { share_id: 'open', expire_sec: '60' }],
  ])('is rejected with %s for %j', async (code, json) => {
    expect((await share(json)).body.code).toBe(code)
  })

  it('exists for the share link of the default domain', async () => {
    const domain = await createEmulator()
    const init = {
      method: 'POST',
      body: '{"share_id":"share-1"}',
      headers: { 'content-type': 'application/json' },
    }
    expect((await domain.fetch('http://domain.test/v2/share_link/get_share_token', init)).status).toBe(200)
  })
})

describe('the options of the emulator', () => {
  it.each([
    [{ strikt: true }, 'the emulator has no option strikt: it has domain_id, apps,'],
    [{ api: { '/v2/oauth/token': () => ({}) } }, 'api: /v2/oauth/token is a path of the emulator'],
    [{ api: { '/_emulator/x': () => ({}) } }, 'api: /_emulator/x is a path of the emulator'],
    [{ strict: 'yes' }, 'strict must be true or false (received string)'],
    [{ api: { 'v2/file/get': () => ({}) } }, 'api: v2/file/get must be a path that starts with /'],
    [
      { api: { '/v2/file/get': {} } },
      'api: the handler of /v2/file/get must be a function (received object)',
    ],
    [
      { apps: [{ type: 'browser', client_id: 'b', redirect_uris: ['callback'] }] },
      'apps: redirect_uris of b must be absolute URLs (received callback)',
    ],
  ])('%j are rejected', async (options, message) => {
    await expect(createEmulator(options as never)).rejects.toThrow(message)
  })
})
