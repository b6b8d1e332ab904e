import { signInWithBrowser } from '@pds/auth-loopback'
import { createTransport, isPDSError } from '@pds/core'
import { describe, expect, it, vi } from 'vitest'
import { useDomain } from './started-sign-in.test-helper.ts'

const domain = await useDomain()

describe('arguments', () => {
  const never = vi.fn()

  it.each([
    ['client_id', {}, 'client_id is required'],
    ['redirect_uri', { redirect_uri: 'http://example.com/callback' }, 'redirect_uri must be an http: URL of'],
    ['redirect_uri', { redirect_uri: 'https://127.0.0.1/callback' }, 'redirect_uri must be'],
    ['redirect_uri', { redirect_uri: 'http://127.0.0.2/callback' }, 'redirect_uri must be'],
    ['redirect_uri', { redirect_uri: 'http://0.0.0.0/callback' }, 'redirect_uri must be'],
    ['redirect_uri', { redirect_uri: 'http://localhost.example.com/' }, 'redirect_uri must be'],
    ['redirect_uri', { redirect_uri: 'http://127.0.0.1@example.com/' }, 'redirect_uri must be'],
    ['redirect_uri', { redirect_uri: 'http://127.0.0.1:99999/' }, 'redirect_uri must be'],
    ['redirect_uri', { redirect_uri: 'http://127.0.0.1/callback#a' }, 'redirect_uri must be'],
    ['state', { state: 'a' }, 'state is not supported'],
    ['pkce', { pkce: false }, 'pkce is not supported'],
    ['scope', { scope: 1 }, 'scope must be'],
    ['client_auth', { client_auth: 'none' }, "client_auth must be 'post' or 'basic'"],
    ['client_secret', { client_secret: '' }, 'client_secret must be a non-empty string'],
    ['extraParams', { extraParams: { state: 'a' } }, 'extraParams must not contain state'],
  ])('with an invalid parameter %s are rejected: %j', async (_name, params, message) => {
    const { emulator } = domain
    const transport = createTransport({ api_endpoint: emulator.api_endpoint })
    const all = { ...(!message.startsWith('client_id') && { client_id: 'native-app' }), ...params }
    const failed = signInWithBrowser(transport, all as never, { onAddress: never, openBrowser: never })
    await expect(failed).rejects.toMatchObject({ code: 'InvalidParameter', outcome: 'not-sent' })
    await expect(failed).rejects.toThrow(message)
    expect(never).not.toHaveBeenCalled()
  })

  it.each([
    [{ port: [1] }, 'options.port is not supported'],
    [{ ports: [] }, 'options.ports must be an array of one or more ports from 0 (a free port) to 65535'],
    [{ ports: [65_536] }, 'options.ports must be'],
    [{ ports: 3000 }, 'options.ports must be'],
    [{ openBrowser: true }, 'options.openBrowser must be a function, or false'],
    [{ pasteCode: 'yes' }, 'options.pasteCode must be'],
    [{ page: '<p>' }, 'options.page must be a function'],
    [{ timeout: -1 }, 'options.timeout must be'],
    [{ signal: {} }, 'options.signal must be'],
    [{ returnResponse: true }, 'options.returnResponse must be false'],
    [{ retryCount: 'many' }, 'options.retryCount must be'],
  ])('with an invalid option are rejected: %j', async (options, message) => {
    const started = domain.start(options as never)
    await expect(started).rejects.toMatchObject({ code: 'InvalidParameter' })
    await expect(started).rejects.toThrow(`signInWithBrowser: ${message}`)
  })

  it('without a transport are rejected', async () => {
    const failed = signInWithBrowser({} as never, { client_id: 'native-app' })
    await expect(failed).rejects.toThrow('transport must be the result of createTransport')
  })

  it('with a sign-in page that no browser shows are rejected', async () => {
    const transport = createTransport({ api_endpoint: domain.emulator.api_endpoint })
    const other = { ...transport, authorization_endpoint: 'file:///bin/sh' } as typeof transport
    const failed = await domain.start({}, {}, other).catch((error) => error)
    expect(isPDSError(failed) && failed.message).toMatch(/authorization_endpoint .* must be an https: URL/)
  })
})
