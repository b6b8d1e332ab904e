import type { Session } from '@pds/session'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { gate, hour, startTestDomain, type TestDomain } from '../test/test-domain.test-helper.ts'

/* A signal causes the same error from every function, at any stage of a call. */

let domain: TestDomain

beforeEach(async () => {
  domain = await startTestDomain()
})

afterEach(() => domain.close())

type Call = (session: Session, signal: AbortSignal) => Promise<unknown>

const calls: [string, Call][] = [
  ['getToken', (session, signal) => session.getToken({ signal })],
  ['getAccessToken', (session, signal) => session.getAccessToken({ signal })],
  [
    'fetch',
    (session, signal) => session.fetch(`${domain.api_endpoint}/v2/user/get`, { method: 'POST', signal }),
  ],
  [
    'fetch with a Request',
    (session, signal) =>
      session.fetch(new Request(`${domain.api_endpoint}/v2/user/get`, { method: 'POST', signal })),
  ],
]

const aborted = { name: 'PDSError', code: 'Aborted', message: 'the call was aborted by its signal' }

describe.each(calls)('%s', (_name, call) => {
  it.each([undefined, new Error('no longer needed'), 'a text', null])(
    'is aborted before it starts, even with a fresh token, by the reason %o',
    async (reason) => {
      const session = domain.oauth()
      await session.setToken(await domain.signIn())
      await session.getToken()
      const promise = call(session, AbortSignal.abort(reason))
      await expect(promise).rejects.toMatchObject({ ...aborted, outcome: 'not-sent' })
    },
  )

  it('is aborted while it waits for a token', async () => {
    const response = gate()
    const session = domain.oauth(
      {},
      {
        async fetch(url, init) {
          const received = await fetch(url, init)
          await response.opened
          return received
        },
      },
    )
    await session.setToken(await domain.signIn())
    domain.emulator.clock.advance(2 * hour)
    const controller = new AbortController()
    const promise = call(session, controller.signal)
    await expect.poll(() => domain.sends()).toBe(1)
    controller.abort()
    await expect(promise).rejects.toMatchObject({ ...aborted, outcome: 'not-sent' })
    response.open()
    expect(await session.getToken()).toHaveProperty('access_token')
  })

  it('is aborted by a timeout', async () => {
    const session = domain.oauth({ grant: { obtain: () => new Promise<never>(() => undefined) } })
    const promise = call(session, AbortSignal.timeout(1))
    if (_name.startsWith('fetch')) await expect(promise).rejects.toMatchObject({ code: 'InvalidParameter' })
    else await expect(promise).rejects.toMatchObject(aborted)
    session.close()
  })
})

describe('session.fetch', () => {
  const send = (session: Session, signal: AbortSignal) =>
    session.fetch(`${domain.api_endpoint}/v2/user/get`, { method: 'POST', signal })

  it('is aborted during its request, whose outcome is unknown', async () => {
    const sent = gate()
    const session = domain.oauth({
      fetch(input, init) {
        sent.open()
        return fetch(input, init)
      },
    })
    await session.setToken(await domain.signIn())
    domain.emulator.injectFault({ type: 'delay', milliseconds: 600_000, path: '/v2/user/get' })
    const controller = new AbortController()
    const promise = send(session, controller.signal)
    await sent.opened
    controller.abort()
    await expect(promise).rejects.toMatchObject({ ...aborted, outcome: 'unknown' })
  })

  it('is aborted while it waits for the token that replaces a rejected one', async () => {
    const token = await domain.signIn()
    const controller = new AbortController()
    const grant = {
      refresh: () => {
        controller.abort()
        return new Promise<never>(() => undefined)
      },
    }
    const session = domain.oauth({ grant, origins: [domain.api_endpoint] })
    await session.setToken({ ...token, access_token: 'revoked' })
    await expect(send(session, controller.signal)).rejects.toMatchObject(aborted)
    session.close()
  })

  it('with a credential of the caller is aborted too', async () => {
    const headers = { authorization: 'Bearer other' }
    const session = domain.oauth()
    const promise = session.fetch(`${domain.api_endpoint}/v2/user/get`, {
      headers,
      signal: AbortSignal.abort(),
    })
    await expect(promise).rejects.toMatchObject(aborted)
  })
})
