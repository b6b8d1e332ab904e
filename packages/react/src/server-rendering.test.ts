import { readFileSync } from 'node:fs'
import { PdsProvider, usePdsFetch, usePdsSession } from '@pds/react'
import type { Session } from '@pds/session'
import { createElement } from 'react'
import { renderToString } from 'react-dom/server'
import { expect, it, vi } from 'vitest'
import { signInSession } from './observed-session.test-helper.ts'
import { renderOnServer } from './render-on-server.test-helper.ts'

/* The package in Node.js, where no page exists. */

const dist = readFileSync(new URL('../dist/index.js', import.meta.url), 'utf8')

interface PageProps {
  given?: Session | undefined
}

const ShowStatus = ({ given }: PageProps) => createElement('p', null, usePdsSession(given).status)

const ShowFetch = ({ given }: PageProps) =>
  createElement('p', null, String(usePdsFetch(given) === given?.fetch))

it('is a module for Client Components of Next.js', () => {
  expect(dist).toMatch(/^["']use client["'];?\n/)
})

it('imports neither a sign-in nor a transport', () => {
  const imports = [...dist.matchAll(/ from "(.*)"/g)].map(([, name]) => name)
  expect(imports.sort()).toEqual(['@pds/core/internal', 'react'])
})

it('renders on a server what the server knows, and uses no session there', () => {
  const session = signInSession()
  const calls = ['status', 'getToken', 'subscribe'] as const
  const spies = calls.map((name) => vi.spyOn(session, name))
  const completeSignIn = vi.fn(async () => ({}))
  const isSignInPending = vi.fn(() => true)
  const user = { id: 'user-1' }
  expect(renderOnServer({ session, completeSignIn, isSignInPending })).toContain('>loading<')
  expect(renderOnServer({ session, initialState: { status: 'signed_out' } })).toContain('>signed_out<')
  expect(renderOnServer({ session, initialState: { status: 'ok', user } })).toContain('>signed_in user-1<')
  for (const spy of [...spies, completeSignIn, isSignInPending]) expect(spy).not.toHaveBeenCalled()
})

it('renders with a session and no provider', () => {
  const session = signInSession()
  expect(renderToString(createElement(ShowStatus, { given: session }))).toBe('<p>loading</p>')
  expect(renderToString(createElement(ShowFetch, { given: session }))).toBe('<p>true</p>')
})

it('gives the initial state only to the hooks of the same session', () => {
  const session = signInSession()
  const render = (given?: Session) => {
    const page = createElement(ShowStatus, { given })
    return renderToString(
      createElement(PdsProvider, { session, initialState: { status: 'signed_out' } }, page),
    )
  }
  expect(render()).toBe('<p>signed_out</p>')
  expect(render(session)).toBe('<p>signed_out</p>')
  expect(render(signInSession())).toBe('<p>loading</p>')
})

it.each([
  ['usePdsSession', ShowStatus],
  ['usePdsFetch', ShowFetch],
] as const)('%s throws without a session', (name, Page) => {
  const invalid = (message: string) =>
    expect.objectContaining({ name: 'PDSError', code: 'InvalidParameter', message })
  expect(() => renderToString(createElement(Page))).toThrow(
    invalid(
      `${name}: there is no session: render the component in <PdsProvider session={session}>, or pass a session`,
    ),
  )
  const given = {} as Session
  expect(() => renderToString(createElement(Page, { given }))).toThrow(
    invalid(`${name}: session must be the result of createSession (received an object)`),
  )
})

it('PdsProvider throws without a session', () => {
  const props = {} as { session: Session }
  expect(() => renderToString(createElement(PdsProvider, props))).toThrow(
    'PdsProvider: session must be the result of createSession (received undefined)',
  )
})
