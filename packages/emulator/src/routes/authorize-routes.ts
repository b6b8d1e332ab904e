import type { Context } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import type { Domain } from '../domain/domain.ts'
import { missing, ServiceError } from '../domain/service-error.ts'
import { randomToken } from '../domain/webcrypto.ts'
import type { RequestContext } from '../faults/fault-middleware.ts'
import { sendConsentPage } from '../pages/consent-page.ts'
import { wantsPage } from '../pages/content-negotiation.ts'
import { sendSignInPage } from '../pages/sign-in-page.ts'
import { acceptDeviation } from './accept-deviation.ts'
import {
  type AuthorizationProblem,
  approve,
  authorizePath,
  readAuthorizationRequest,
  redirectUrl,
} from './authorization-request.ts'
import { authorize } from './authorize.ts'
import { duplicated, type Params, parseForm, uniqueParams } from './params.ts'

type AuthorizeContext = Context<{ Bindings: RequestContext }>

const accessDenied: AuthorizationProblem = {
  error: 'access_denied',
  error_description: 'The user denied access.',
}
const signInPrompts = ['login', 'select_account']

/**
 * Handles `GET /v2/oauth/authorize`: sends the sign-in page or the consent page, or redirects if neither is needed.
 *
 * Throws the service's error for a request that must not be redirected, and if a program would get a page.
 */
export async function handleAuthorizeRequest(domain: Domain, context: AuthorizeContext): Promise<Response> {
  const { trace } = context.env
  const params = readQuery(domain, context)
  if (params.has('user_id')) return context.redirect(authorize(domain, params, trace))
  const request = readAuthorizationRequest(domain, params, trace)
  const prompts = readPrompts(params)
  const problem = request.problem ?? findPromptProblem(prompts)
  if (problem) return context.redirect(redirectUrl(request, problem))

  const id = browserId(context)
  const known = domain.browsers.findUser(id ?? '')
  const user = signInPrompts.some((prompt) => prompts.has(prompt)) ? undefined : known
  if (user) trace.user = user
  const isConsentHidden = params.get('hide_consent') === 'true' && !prompts.has('consent')
  if (user && isConsentHidden) return context.redirect(approve(domain, request, user))
  if (prompts.has('none')) {
    return context.redirect(redirectUrl(request, { error: user ? 'consent_required' : 'login_required' }))
  }
  if (!wantsPage(context)) throw missing('user_id (emulator only: the user who signs in)')
  const csrf_token = await domain.browsers.formToken(id ?? setBrowserId(context, randomToken()))
  if (!user) return sendSignInPage(context, domain, { request, csrf_token })
  const otherUser = urlWithPrompts(context, [...prompts, 'select_account'])
  return sendConsentPage(context, domain, { request, csrf_token, user, otherUser })
}

/**
 * Handles `POST /v2/oauth/authorize`: the forms of these pages. Each form submission validates the query again.
 *
 * Throws the service's error for a request that must not be redirected, and for a form of another browser.
 */
export async function handleAuthorizeForm(domain: Domain, context: AuthorizeContext): Promise<Response> {
  const { trace } = context.env
  const params = readQuery(domain, context)
  const request = readAuthorizationRequest(domain, params, trace)
  const redirect = (url: string) => context.redirect(url, 303)
  const form = parseForm(context.req.header('content-type'), await context.req.text())
  const id = browserId(context) ?? ''
  const csrf_token = form.get('csrf_token') ?? ''
  if (!(await domain.browsers.isFormToken(id, csrf_token))) {
    throw new ServiceError(403, 'Forbidden.Form', 'The form is out of date or belongs to another browser.')
  }
  if (request.problem) return redirect(redirectUrl(request, request.problem))
  if (form.get('decision') === 'deny') return redirect(redirectUrl(request, accessDenied))
  if (form.get('decision') === 'allow') {
    const user = domain.browsers.findUser(id)
    if (!user) return redirect(urlWithPrompts(context, []))
    trace.user = user
    return redirect(approve(domain, request, user))
  }
  const user_id = form.get('user_id') ?? ''
  const user = domain.users.get(user_id) ?? domain.users.get(user_id.trim())
  if (!user) return sendSignInPage(context, domain, { request, csrf_token, unknownUserId: user_id })
  trace.user = user
  setBrowserId(context, domain.browsers.signIn(id, user))
  // The user has signed in. With these prompts, the sign-in page would be sent again, without end.
  const prompts = [...readPrompts(params)].filter((prompt) => !signInPrompts.includes(prompt))
  return redirect(urlWithPrompts(context, prompts))
}

/** Reads the query. The vendor's models have `scope` as a list, so clients may also send it several times. */
function readQuery(domain: Domain, context: AuthorizeContext): Params {
  const { searchParams } = new URL(context.req.url)
  const scopes = searchParams.getAll('scope')
  if (scopes.length > 1) {
    acceptDeviation(domain, context.env.trace, 'scope is given more than once', duplicated('scope'))
    searchParams.set('scope', scopes.join(' '))
  }
  return uniqueParams(searchParams)
}

/**
 * Returns the values of `prompt`. The vendor documents the parameter but not its values, so the emulator supports the
 * values of OpenID Connect Core section 3.1.2.1 and ignores others.
 */
function readPrompts(params: Params): Set<string> {
  return new Set(params.get('prompt')?.split(' ').filter(Boolean))
}

function findPromptProblem(prompts: Set<string>): AuthorizationProblem | undefined {
  if (!prompts.has('none') || prompts.size === 1) return undefined
  return { error: 'invalid_request', error_description: 'prompt must not combine none with other values' }
}

/** Returns the URL of the request with other prompts. */
function urlWithPrompts(context: AuthorizeContext, prompts: readonly string[]): string {
  const { pathname, searchParams } = new URL(context.req.url)
  searchParams.delete('prompt')
  const unique = [...new Set(prompts)].join(' ')
  if (unique !== '') searchParams.set('prompt', unique)
  return `${pathname}?${searchParams}`
}

// All ports of a host share their cookies (RFC 6265 section 8.5), but two emulators must not share this cookie.
function cookieName(context: AuthorizeContext): string {
  return `pds_emulator_${new URL(context.req.url).port}`
}

function browserId(context: AuthorizeContext): string | undefined {
  const id = getCookie(context, cookieName(context))
  return id !== undefined && /^[\da-f]{32}$/.test(id) ? id : undefined
}

/** Sets the id of the browser in a session cookie and returns it. */
function setBrowserId(context: AuthorizeContext, id: string): string {
  setCookie(context, cookieName(context), id, { path: authorizePath, httpOnly: true, sameSite: 'Lax' })
  return id
}
