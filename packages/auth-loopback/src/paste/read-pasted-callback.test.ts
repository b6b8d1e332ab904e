import { inspect } from 'node:util'
import type { PDSError } from '@pds/core'
import { describe, expect, it, vi } from 'vitest'
import { createGatedTransport, useDomain } from '../started-sign-in.test-helper.ts'

const domain = await useDomain()

type Asked = { signal: AbortSignal; error?: PDSError | undefined }

/** A user who pastes texts, one for each question. */
class PastingUser {
  readonly asked: Asked[] = []
  #paste = (_text: string) => {}

  readonly ask = (request: Asked): Promise<string> => {
    this.asked.push(request)
    return new Promise((resolve) => {
      this.#paste = resolve
    })
  }

  /** Pastes a text. Returns the error with which the user is asked again. */
  async paste(text: string): Promise<PDSError | undefined> {
    const { length } = this.asked
    this.#paste(text)
    await expect.poll(() => this.asked).toHaveLength(length + 1)
    return this.asked.at(-1)?.error
  }

  /** Pastes the last text. */
  finish(text: string): void {
    this.#paste(text)
  }
}

async function startPasting() {
  const user = new PastingUser()
  return { user, ...(await domain.start({ pasteCode: user.ask })) }
}

describe('a pasted address', () => {
  it.each<[string, (address: string) => string]>([
    ['without changes', (address) => address],
    ['with spaces around it', (address) => `  ${address}\r\n`],
    ['wrapped over lines', (address) => address.replace(/(.{30})/g, '$1\n  ')],
    ['in double quotes', (address) => `"${address}"`],
    ['in single quotes', (address) => ` '${address}' `],
    ['in angle brackets', (address) => `<${address}>`],
    ['in backticks', (address) => `\`${address}\``],
  ])('completes the sign-in %s', async (_how, change) => {
    const { user, approveOnly, token } = await startPasting()
    user.finish(change((await approveOnly()).href))
    expect(await token).toMatchObject({ user_name: 'Ann' })
    expect(user.asked).toHaveLength(1)
    expect(user.asked[0]).not.toHaveProperty('error')
    expect(user.asked[0]?.signal.aborted).toBe(true)
  })

  it('completes the sign-in if its lines come one after another', async () => {
    const { user, approveOnly, token } = await startPasting()
    const { href } = await approveOnly()
    const end = href.indexOf('state=') + 8
    expect(await user.paste(href.slice(0, end))).toMatchObject({ code: 'StateMismatch' })
    user.finish(href.slice(end))
    expect(await token).toMatchObject({ user_name: 'Ann' })
  })

  it('that is wrong leads to an error that says what to paste, without the pasted text', async () => {
    const { user, url, state, callback, approveOnly, token, redirectUri } = await startPasting()
    const right = await approveOnly()
    const code = right.searchParams.get('code') ?? ''
    const wrong: [string, string][] = [
      ['', 'InvalidParameter'],
      ['SECRET', 'InvalidParameter'],
      [code, 'InvalidParameter'],
      [right.search, 'InvalidParameter'],
      [url.href, 'RedirectUriMismatch'],
      [`http://127.0.0.1/callback${right.search}`, 'RedirectUriMismatch'],
      [right.href.replace('/callback', '/other'), 'RedirectUriMismatch'],
      [`${redirectUri}?code=${code}`, 'StateMissing'],
      [callback({ code, state: 'SECRET' }).href, 'StateMismatch'],
      [`${right}&state=${state}`, 'StateRepeated'],
      [callback({}).href, 'CodeMissing'],
      [`${right}&code=SECRET`, 'CodeRepeated'],
      ['http://[', 'InvalidParameter'],
    ]
    for (const [text, expected] of wrong) {
      const error = await user.paste(text)
      expect(error, text).toMatchObject({ code: expected, outcome: 'not-sent' })
      expect(error?.message).toContain(
        `: paste the whole address that the browser shows after the sign-in, which starts with ${redirectUri}`,
      )
      for (const secret of [code, state, 'SECRET']) expect(inspect(error)).not.toContain(secret)
    }
    expect(domain.exchanges()).toBe(0)
    user.finish(right.href)
    expect(await token).toMatchObject({ user_name: 'Ann' })
  })

  it('with an error of the authorization response ends the sign-in', async () => {
    const { user, callback, token } = await startPasting()
    user.finish(callback({ error: 'access_denied' }).href)
    await expect(token).rejects.toMatchObject({ code: 'access_denied', outcome: 'responded' })
  })

  it('is ignored after the callback has arrived', async () => {
    const gate = createGatedTransport(domain.emulator)
    const user = new PastingUser()
    const { approve, callback, token } = await domain.start({ pasteCode: user.ask }, {}, gate.transport)
    const page = approve()
    await gate.waiting
    expect(user.asked[0]?.signal.aborted).toBe(true)
    user.finish(callback({ code: 'other' }).href)
    gate.open()
    expect((await page).status).toBe(200)
    expect(await token).toMatchObject({ user_name: 'Ann' })
    expect(domain.exchanges()).toBe(1)
  })

  it('wins over a later callback, which gets the page of the sign-in', async () => {
    const gate = createGatedTransport(domain.emulator)
    const user = new PastingUser()
    const { approveOnly, callback, token } = await domain.start({ pasteCode: user.ask }, {}, gate.transport)
    user.finish((await approveOnly()).href)
    await gate.waiting
    const page = fetch(callback({ code: 'other' }))
    await fetch(new URL('/elsewhere', callback({})))
    gate.open()
    expect(await token).toMatchObject({ user_name: 'Ann' })
    expect(await (await page).text()).toContain('You are signed in')
    expect(domain.exchanges()).toBe(1)
  })
})

describe('pasteCode', () => {
  it('is told if the sign-in has ended without it', async () => {
    const user = new PastingUser()
    const { token } = await domain.start({ pasteCode: user.ask, timeout: 1 })
    await expect(token).rejects.toMatchObject({ code: 'Timeout' })
    expect(user.asked[0]?.signal.aborted).toBe(true)
  })

  it('may reject after the end', async () => {
    const pasteCode = ({ signal }: Asked) =>
      new Promise<string>((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
      })
    const { approve, token } = await domain.start({ pasteCode })
    await approve()
    expect(await token).toMatchObject({ user_name: 'Ann' })
  })

  it('ends the sign-in if it rejects', async () => {
    const failure = new Error('the user cancelled')
    const { token } = await domain.start({ pasteCode: () => Promise.reject(failure) })
    await expect(token).rejects.toBe(failure)
  })

  it('ends the sign-in if it returns no text', async () => {
    const { token } = await domain.start({ pasteCode: async () => 1 as never })
    await expect(token).rejects.toMatchObject({ code: 'InvalidParameter' })
    await expect(token).rejects.toThrow('signInWithBrowser: the result of pasteCode must be a string')
  })

  it('does not block the process if it always returns the same wrong text', async () => {
    const pasteCode = vi.fn(async () => 'wrong')
    const { approve, token } = await domain.start({ pasteCode })
    await approve()
    expect(await token).toMatchObject({ user_name: 'Ann' })
    expect(pasteCode.mock.calls.length).toBeGreaterThan(1)
  })
})
