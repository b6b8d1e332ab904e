import type { Context } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import type { Domain } from '../domain/domain.ts'
import { missing, ServiceError } from '../domain/service-error.ts'
import { randomToken } from '../domain/webcrypto.ts'
import type { RequestContext } from '../faults/fault-middleware.ts'
import { sendConsentPage } from '../pages/consent-page.ts'
import { wantsPage } from '../pages/content-negotiation.ts'
import { sendSignInPage } from '../pages/sign-in-page.ts'
import {
  type AuthorizationProblem,
  approve,
  authorizePath,
  readAuthorizationRequest,
  redirectUrl,
} from './authorization-request.ts'
import { authorize } from './authorize.ts'
import { type Params, parseForm, uniqueParams } from './params.ts'

type AuthorizeContext = Context<{ Bindings: RequestContext }>

const denied: AuthorizationProblem = { error: 'access_denied', error_description: 'The user denied access.' }
const askingForUser = ['login', 'select_account']

/**
 * `GET /v2/oauth/authorize`: the pages on which a user signs in and consents, or a redirect where none is needed.
 *
 * Throws the service's error for what must not be redirected, and for a program, which has no use for a page.
 */
export async function handleAuthorizeRequest(domain: Domain, context: AuthorizeContext): Promise<Response> {
  const { trace } = context.env
  const params = readQuery(context)
  if (params.has('user_id')) return context.redirect(authorize(domain, params, trace))
  const request = readAuthorizationRequest(domain, params)
  const prompts = readPrompts(params)
  const problem = request.problem ?? findPromptProblem(prompts)
  if (problem) return context.redirect(redirectUrl(request, problem))

  const id = browserId(context)
  const known = domain.browsers.findUser(id ?? '')
  const user = askingForUser.some((prompt) => prompts.has(prompt)) ? undefined : known
  if (user) trace.user = user
  const isConsentHidden = params.get('hide_consent') === 'true' && !prompts.has('consent')
  if (user && isConsentHidden) return context.redirect(approve(domain, request, user))
  if (prompts.has('none')) {
    return context.redirect(redirectUrl(request, { error: user ? 'consent_required' : 'login_required' }))
  }
  if (!wantsPage(context)) throw missing('user_id (of the emulator: the user who signs in)')
  const csrf_token = await domain.browsers.formToken(id ?? remember(context, randomToken()))
  if (!user) return sendSignInPage(context, domain, { request, csrf_token })
  const otherUser = addressWithPrompts(context, [...prompts, 'select_account'])
  return sendConsentPage(context, domain, { request, csrf_token, user, otherUser })
}

/**
 * `POST /v2/oauth/authorize`: what the forms of these pages send. Each time the query is checked anew.
 *
 * Throws the service's error for what must not be redirected, and for a form that the browser was not given.
 */
export async function handleAuthorizeForm(domain: Domain, context: AuthorizeContext): Promise<Response> {
  const { trace } = context.env
  const request = readAuthorizationRequest(domain, readQuery(context))
  const redirect = (address: string) => context.redirect(address, 303)
  const form = parseForm(context.req.header('content-type'), await context.req.text())
  const id = browserId(context) ?? ''
  const csrf_token = form.get('csrf_token') ?? ''
  if (!(await domain.browsers.isFormToken(id, csrf_token))) {
    throw new ServiceError(403, 'Forbidden.Form', 'The form is out of date, or not from this browser.')
  }
  if (request.problem) return redirect(redirectUrl(request, request.problem))
  if (form.get('decision') === 'deny') return redirect(redirectUrl(request, denied))
  if (form.get('decision') === 'allow') {
    const user = domain.browsers.findUser(id)
    if (!user) return redirect(addressWithPrompts(context, []))
    trace.user = user
    return redirect(approve(domain, request, user))
  }
  const user_id = form.get('user_id') ?? ''
  const user = domain.users.get(user_id) ?? domain.users.get(user_id.trim())
  if (!user) return sendSignInPage(context, domain, { request, csrf_token, refused: user_id })
  trace.user = user
  remember(context, domain.browsers.signIn(id, user))
  // The user was asked: to ask again would never end.
  const left = [...readPrompts(readQuery(context))].filter((prompt) => !askingForUser.includes(prompt))
  return redirect(addressWithPrompts(context, left))
}

function readQuery(context: AuthorizeContext): Params {
  return uniqueParams(new URL(context.req.url).searchParams)
}

/**
 * The vendor documents the parameter and not its values: these are those of OpenID Connect Core section 3.1.2.1. Others
 * do nothing.
 */
function readPrompts(params: Params): Set<string> {
  return new Set(params.get('prompt')?.split(' ').filter(Boolean))
}

function findPromptProblem(prompts: Set<string>): AuthorizationProblem | undefined {
  if (!prompts.has('none') || prompts.size === 1) return undefined
  return { error: 'invalid_request', error_description: 'prompt must not have none beside other values' }
}

/** The address of the request, which a page keeps, with other prompts. */
function addressWithPrompts(context: AuthorizeContext, prompts: readonly string[]): string {
  const { pathname, searchParams } = new URL(context.req.url)
  searchParams.delete('prompt')
  const unique = [...new Set(prompts)].join(' ')
  if (unique !== '') searchParams.set('prompt', unique)
  return `${pathname}?${searchParams}`
}

// Cookies are kept by host and not by port (RFC 6265 section 8.5): two emulators must not share one.
function cookieName(context: AuthorizeContext): string {
  return `pds_emulator_${new URL(context.req.url).port}`
}

function browserId(context: AuthorizeContext): string | undefined {
  const id = getCookie(context, cookieName(context))
  return id !== undefined && /^[\da-f]{32}$/.test(id) ? id : undefined
}

/** Gives the browser an id, for as long as it runs. */
function remember(context: AuthorizeContext, id: string): string {
  setCookie(context, cookieName(context), id, { path: authorizePath, httpOnly: true, sameSite: 'Lax' })
  return id
}
