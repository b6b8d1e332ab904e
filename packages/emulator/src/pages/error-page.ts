import type { Context } from 'hono'
import { html } from 'hono/html'
import type { Domain } from '../domain/domain.ts'
import type { ServiceError } from '../domain/service-error.ts'
import { formPage } from './form-page.ts'
import { sendPage, textsFor } from './send-page.ts'
import type { Texts } from './texts.ts'

/** Sends the page that explains why a sign-in cannot continue, when a redirect would be unsafe. */
export async function sendErrorPage(
  context: Context,
  domain: Domain,
  error: ServiceError,
): Promise<Response> {
  const texts = textsFor(context)
  const words = texts.error
  const { pathname, search, searchParams } = new URL(context.req.url)
  const isStale = error.status === 403
  const title = isStale ? words.staleTitle : words.title
  const received = ['client_id', 'redirect_uri'].includes(error.field ?? '')
    ? searchParams.get(error.field ?? '')
    : null
  const registered = registeredOf(domain, error, searchParams.get('client_id') ?? '')
  const card = html`<h1>${title}</h1>
<p>${isStale ? words.stale : explain(error, words)}</p>
${received ? html`<h2>${words.received}</h2><ul><li><code>${received}</code></li></ul>` : ''}
${
  registered.length === 0
    ? ''
    : html`<h2>${words.registered}</h2><ul>${registered.map((value) => html`<li><code>${value}</code></li>`)}</ul>`
}
${
  isStale
    ? ''
    : html`<h2>${words.response}</h2>
<p lang="en"><code>${error.code}</code> ${error.message}</p>`
}
<p class="ways">${
    isStale ? html`<a class="button primary" href="${pathname}${search}">${words.continueSignIn}</a> ` : ''
  }<a href="/">${words.home}</a></p>`
  const page = {
    title: `${texts.errorTitle(title)} · ${texts.emulator}`,
    body: formPage(texts, domain.id, card),
  }
  return sendPage(context, page, error.status as 400 | 403 | 404 | 413)
}

function explain({ code, field = '' }: ServiceError, words: Texts['error']): string {
  switch (code) {
    case 'InvalidParameter.ClientId':
      return words.unknownClient
    case 'InvalidParameterNotMatch':
      return field === 'client_id' ? words.jwtClient : words.redirectUri
    case 'InvalidParameterMissing':
    case 'InvalidParameterEmpty':
      return words.missing(field)
    case 'InvalidParameterWrongFormat':
      if (field === 'Content-Type') return words.other
      return field === '' ? words.duplicatedUnknown : words.duplicated(field)
    case 'NotFound.User':
      return words.unknownUser
    default:
      return words.other
  }
}

/** Returns the registered values, if the request has an unregistered value. */
function registeredOf(domain: Domain, { code, field }: ServiceError, client_id: string): readonly string[] {
  if (code !== 'InvalidParameter.ClientId' && code !== 'InvalidParameterNotMatch') return []
  const apps = [...domain.apps.values()].map(({ app }) => app).filter((app) => app.type !== 'jwt')
  if (field === 'client_id') return apps.map((app) => app.client_id)
  return apps.find((app) => app.client_id === client_id)?.redirect_uris ?? []
}
